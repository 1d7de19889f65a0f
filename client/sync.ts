import { existsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { runLock } from '../activities/runtime/alone.ts';
import { type Followed, forgetFollowed, listFollowed, readFollowed } from '../activities/watch/follow-file.ts';
import { followHistory } from '../activities/watch/follow-history.ts';
import { notify } from '../activities/watch/notify/notifications.ts';
import { Senders, type Sent } from '../activities/watch/senders.ts';
import { readStory } from '../activities/watch/story-file.ts';
import { connect, type Server } from './connect.ts';
import { CommandFailure, EXIT } from './failure.ts';
import { printJson } from './output.ts';

/** Who follows a run renews its lock more often. */
const LOCK_MS = 15_000;

interface Target {
  folder: string;
  followed: Followed;
}

/** What came of one run. */
interface Synced {
  id: string;
  trackers: { name: string; rows: number; busy: boolean; error: string | null }[];
  delivered: number;
  notDelivered: number;
}

/**
 * Sends what trackers and notifiers of runs do not have yet; answers with the exit code.
 * @throws CommandFailure where there is no such run, or no such folder.
 */
export async function sync(
  id: string | undefined,
  { workDir, json }: { workDir?: string; json?: boolean },
): Promise<number> {
  const targets = await targetsOf(id, workDir);
  const say = (line: string) => console.error(line);
  const notes: string[] = [];
  const senders = new Senders({ once: true, say });
  try {
    await catchUp(targets, notes);
    const sent = targets.map(({ folder, followed }) => followed.trackers.map(tracker => senders.send(folder, tracker)));
    senders.close();
    const synced: Synced[] = [];
    for (const [i, { folder, followed }] of targets.entries())
      synced.push(await syncedOf(folder, followed, await Promise.all(sent[i]!), say));
    if (json) printJson({ runs: synced as never, notes });
    else for (const line of linesOf(synced, notes)) console.log(line);
    return synced.some(isMissing) ? EXIT.failed : 0;
  } finally {
    await senders.stop();
  }
}

async function targetsOf(id: string | undefined, workDir: string | undefined): Promise<Target[]> {
  if (workDir !== undefined && !existsSync(workDir))
    throw new CommandFailure(`--work-dir ${workDir}: there is no such folder`);
  const folders = workDir === undefined ? await listFollowed() : await followedIn(resolve(workDir));
  const found: Target[] = [];
  for (const folder of folders) {
    const followed = await readFollowed(folder);
    if (followed && (id === undefined || followed.id === id)) found.push({ folder, followed });
  }
  if (id !== undefined && found.length === 0)
    throw new CommandFailure(
      workDir === undefined
        ? `of ${id} nothing is missing on this host; --work-dir FOLDER looks at all runs of a work_dir`
        : `in ${workDir} there is no ${id} that trackers or notifications follow`,
    );
  return found;
}

/** `<work_dir>/(trials|sweeps|studies)/<run>/watch/<key>` */
async function followedIn(workDir: string): Promise<string[]> {
  const inside = async (folder: string) =>
    (await readdir(folder).catch(() => [] as string[])).sort().map(name => join(folder, name));
  const runs = (await Promise.all(['trials', 'sweeps', 'studies'].map(kind => inside(join(workDir, kind))))).flat();
  return (await Promise.all(runs.map(run => inside(join(run, 'watch'))))).flat();
}

/** What the server has of runs that nobody follows just now; without a server, what is on disk is sent. */
async function catchUp(targets: readonly Target[], notes: string[]): Promise<void> {
  const open: Target[] = [];
  for (const target of targets) if ((await readStory(target.folder)).at(-1)?.kind !== 'end') open.push(target);
  if (open.length === 0) return;
  let server: Server;
  try {
    server = await connect();
  } catch (error) {
    notes.push(`sent as far as is on disk: ${error instanceof Error ? error.message : String(error)}`);
    return;
  }
  try {
    for (const { folder, followed } of open) {
      if (await isFollowed(folder)) continue;
      const options = { wait: false, signal: new AbortController().signal };
      await followHistory(server.client, followed, folder, options).catch((error: Error) =>
        notes.push(`${followed.id}: the server has no more of it (${error.message})`),
      );
    }
  } finally {
    await server.close();
  }
}

async function syncedOf(
  folder: string,
  followed: Followed,
  sent: readonly Sent[],
  say: (line: string) => void,
): Promise<Synced> {
  const { delivered, left } = (await isFollowed(folder))
    ? { delivered: 0, left: 0 }
    : await notify(folder, { once: true, signal: new AbortController().signal, say });
  const synced = {
    id: followed.id,
    trackers: followed.trackers.map(({ name }, i) => ({
      name,
      rows: sent[i]?.sent ?? 0,
      busy: sent[i]?.busy ?? false,
      error: sent[i]?.error ?? null,
    })),
    delivered,
    notDelivered: left,
  };
  const hasEnded = (await readStory(folder)).at(-1)?.kind === 'end';
  if (hasEnded && !isMissing(synced) && sent.every(each => each.done)) await forgetFollowed(followed);
  return synced;
}

function trackerClause({ rows, busy, error }: Synced['trackers'][number]): string {
  if (busy) return 'a worker sends it just now';
  return error === null ? `has ${rows} rows` : `failed: ${error}`;
}

/** A worker follows it: then it is up to date by itself. */
async function isFollowed(folder: string): Promise<boolean> {
  const { mtimeMs } = await stat(runLock(folder)).catch(() => ({ mtimeMs: 0 }));
  return Date.now() - mtimeMs < LOCK_MS;
}

const isMissing = ({ trackers, notDelivered }: Synced) =>
  notDelivered > 0 || trackers.some(({ error }) => error !== null);

function linesOf(synced: readonly Synced[], notes: readonly string[]): string[] {
  if (synced.length === 0) return ['Nothing is missing.', ...notes];
  const lines = synced.flatMap(({ id, trackers, delivered, notDelivered }) => [
    ...trackers.map(tracker => `${id}  ${tracker.name}: ${trackerClause(tracker)}`),
    ...(delivered > 0 ? [`${id}  notifications: ${delivered} delivered`] : []),
    ...(notDelivered > 0 ? [`${id}  notifications: not all were accepted`] : []),
  ]);
  return [...lines, ...notes];
}
