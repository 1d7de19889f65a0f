import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { alone } from '../runtime/alone.ts';
import { type Followed, forgetFollowed, listFollowed, noteFollowed, readFollowed } from './follow-file.ts';
import { followHistory } from './follow-history.ts';
import { notify } from './notify/notifications.ts';
import { Senders } from './senders.ts';

const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 60_000;
/** Runs whose histories are followed at once; others wait for their turn, and nothing of them is lost. */
const AT_ONCE = 200;

/** Where control activities say whom somebody wants to hear of. */
export interface RunWatch {
  follow(followed: Followed | null): Promise<void>;
}

/**
 * Follows runs of which trackers and notifiers want to hear: their histories by long polls, their files by programs of their own. It belongs to a
 * control worker and never to an activity: whatever fails or hangs here, no run notices. A worker that dies leaves to the next one of the host
 * what was not told yet.
 */
export class HostWatch implements RunWatch {
  readonly #client: Client;
  readonly #say: (line: string) => void;
  readonly #senders: Senders;
  readonly #stopping = new AbortController();
  readonly #running = new Map<string, Promise<void>>();
  readonly #queue: string[] = [];

  constructor(client: Client, say: (line: string) => void) {
    this.#client = client;
    this.#say = say;
    this.#senders = new Senders({ say });
  }

  /** Goes on with what an earlier worker of this host left. */
  async resume(): Promise<void> {
    for (const folder of await listFollowed()) this.#begin(folder);
  }

  /** Never throws: a run that cannot be followed runs all the same. */
  async follow(followed: Followed | null): Promise<void> {
    if (followed === null) return;
    try {
      this.#begin(await noteFollowed(followed));
    } catch (error) {
      this.#say(`${followed.id} is not followed: ${reasonOf(error)}`);
    }
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#senders.stop();
    await Promise.all(this.#running.values());
  }

  #begin(folder: string): void {
    if (this.#stopping.signal.aborted || this.#running.has(folder) || this.#queue.includes(folder)) return;
    if (this.#running.size >= AT_ONCE) {
      this.#queue.push(folder);
      return;
    }
    const work = this.#untilTold(folder)
      .catch(error => {
        if (!this.#stopping.signal.aborted) this.#say(`${folder} is not followed any more: ${reasonOf(error)}`);
      })
      .finally(() => {
        this.#running.delete(folder);
        const next = this.#queue.shift();
        if (next !== undefined) this.#begin(next);
      });
    this.#running.set(folder, work);
  }

  async #untilTold(folder: string): Promise<void> {
    const { signal } = this.#stopping;
    const followed = await readFollowed(folder);
    // Its work_dir was removed, and all that could be told with it.
    if (!followed) return;
    await alone(folder, signal, async () => {
      const telling = new Telling(folder, signal, this.#say);
      const sending = followed.trackers.map(tracker => this.#senders.send(folder, tracker));
      await this.#history(followed, folder, () => telling.more());
      await Promise.race([Promise.all(sending), aborted(signal)]);
      await telling.all();
      signal.throwIfAborted();
      await forgetFollowed(followed);
    });
  }

  /** Until the run has ended; a server that is away is asked again. */
  async #history(followed: Followed, folder: string, onLines: () => void): Promise<void> {
    const { signal } = this.#stopping;
    onLines();
    for (let wait = FIRST_WAIT_MS; ; wait = Math.min(2 * wait, LONGEST_WAIT_MS)) {
      try {
        await followHistory(this.#client, followed, folder, { wait: true, signal, onLines });
        return;
      } catch (error) {
        signal.throwIfAborted();
        if (isGone(error)) throw error;
        await sleep(wait, undefined, { signal });
      }
    }
  }
}

/** One delivery run at a time, and another after it where more has come meanwhile. */
class Telling {
  readonly #folder: string;
  readonly #signal: AbortSignal;
  readonly #say: (line: string) => void;
  #work: Promise<unknown> = Promise.resolve();

  constructor(folder: string, signal: AbortSignal, say: (line: string) => void) {
    this.#folder = folder;
    this.#signal = signal;
    this.#say = say;
  }

  more(): void {
    this.#work = this.#work.then(() => notify(this.#folder, { signal: this.#signal, say: this.#say })).catch(() => {});
  }

  async all(): Promise<void> {
    this.more();
    await this.#work;
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** gRPC's NOT_FOUND: the server keeps it no longer, or never had it. */
const isGone = (error: unknown) => (error as { code?: unknown }).code === 5;

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
