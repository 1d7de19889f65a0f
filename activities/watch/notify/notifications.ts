import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readIfThere, writeAtomically } from '../../runtime/atomic.ts';
import { type Followed, readFollowed } from '../follow-file.ts';
import { readStory } from '../story-file.ts';
import { deliver } from './deliver.ts';
import { noticeOf } from './notice.ts';

const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 300_000;
/** What nobody has accepted for so long is no news any more. */
const GIVE_UP_MS = 24 * 3_600_000;
const AT_ONCE = 8;

/** How many lines of the story each notifier has been told of. */
type Told = Record<string, number>;

export interface NotifyOptions {
  signal: AbortSignal;
  /** One try each; false: again and again until it is accepted. */
  once?: boolean;
  say: (line: string) => void;
}

let underway = 0;
const waiting: (() => void)[] = [];

/**
 * Delivers what a run's story has for its notifiers and they do not have yet, each notifier by itself and in order. What was accepted is written
 * down at once; who dies in between delivers it again, under the same id. Answers with how many were delivered and how many were not.
 */
export async function notify(folder: string, options: NotifyOptions): Promise<{ delivered: number; left: number }> {
  const followed = await readFollowed(folder);
  if (!followed) return { delivered: 0, left: 0 };
  const told = await readTold(folder);
  const counts = await Promise.all(
    followed.notify.map((_, i) =>
      notifyOne(followed, folder, i, told, options).catch(() => ({ delivered: 0, left: 1 })),
    ),
  );
  return counts.reduce((sum, one) => ({ delivered: sum.delivered + one.delivered, left: sum.left + one.left }), {
    delivered: 0,
    left: 0,
  });
}

async function notifyOne(
  followed: Followed,
  folder: string,
  i: number,
  told: Told,
  { signal, once = false, say }: NotifyOptions,
): Promise<{ delivered: number; left: number }> {
  const notifier = followed.notify[i]!;
  let delivered = 0;
  for (;;) {
    const line = (await readStory(folder))[told[i] ?? 0];
    if (line === undefined) return { delivered, left: 0 };
    const notice = noticeOf(followed, line, notifier.events);
    for (let wait = FIRST_WAIT_MS; notice !== null; wait = Math.min(2 * wait, LONGEST_WAIT_MS)) {
      signal.throwIfAborted();
      try {
        await inTurn(() => deliver(notifier, notice, { baseDir: followed.baseDir, signal }));
        delivered += 1;
        break;
      } catch (error) {
        signal.throwIfAborted();
        const why = error instanceof Error ? error.message : String(error);
        const isOld = Date.now() - line.t * 1000 > GIVE_UP_MS;
        if (wait === FIRST_WAIT_MS || isOld || once)
          say(`notification ${notice.what} of ${followed.id}: ${why}${isOld ? '; given up after a day' : ''}`);
        if (isOld) break;
        if (once) return { delivered, left: 1 };
        await sleep(wait, undefined, { signal });
      }
    }
    told[i] = (told[i] ?? 0) + 1;
    if (notice !== null || line.kind === 'end') await writeAtomically(toldPath(folder), JSON.stringify(told));
  }
}

async function readTold(folder: string): Promise<Told> {
  try {
    return JSON.parse((await readIfThere(toldPath(folder))) ?? '{}') as Told;
  } catch {
    return {};
  }
}

const toldPath = (folder: string) => join(folder, 'notify.json');

/** At most so many deliveries at once in this process. */
async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (underway >= AT_ONCE) await new Promise<void>(resolve => waiting.push(resolve));
  else underway += 1;
  try {
    return await work();
  } finally {
    const next = waiting.shift();
    if (next) next();
    else underway -= 1;
  }
}
