// A job at a glance: whether it is done, runs or came to grief, without reading more than it takes.
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { manifestPath } from '../../../activities/runtime/job-dir.ts';
import { type ExitRecord, readRecord } from '../../../activities/runtime/supervisor-files.ts';
import { runFolders } from '../../../report/collect/job-runs.ts';

/** Claims are renewed several times a minute: one that is older is of a worker that has gone. */
const FRESH_MS = 120_000;

export type JobLook = {
  state: 'done' | 'running' | 'held' | 'stopped' | 'failed' | 'pending' | 'left';
  at: number | null;
};

/** What the folder of a job tells of it now; `at`: when that was written, in milliseconds since the epoch. `left`: begun, and nobody goes on with it. */
export async function lookAtJob(dir: string, now = Date.now()): Promise<JobLook> {
  const done = await changedAt(manifestPath(dir));
  if (done !== null) return { state: 'done', at: done };
  const newest = (await runFolders(dir)).at(-1);
  if (!newest) return { state: 'pending', at: null };
  const claimed = await changedAt(join(newest.path, 'claim.json'));
  if (claimed !== null) return { state: now - claimed < FRESH_MS ? 'running' : 'left', at: claimed };
  const exit = await lastExit(newest.path);
  if (exit) return { state: stateOfExit(exit.record), at: exit.at };
  const begun = await lastChange(newest.path);
  return { state: begun !== null && now - begun < FRESH_MS ? 'running' : 'left', at: begun };
}

function stateOfExit({ why, code }: ExitRecord): JobLook['state'] {
  if (why === 'held') return 'held';
  if (why === 'stopped') return 'stopped';
  // Its result is being published, or somebody died while it was.
  if (why === 'exited' && code === 0) return 'left';
  return why === 'superseded' || why === 'deadline' || why === 'terminated' ? 'left' : 'failed';
}

/** exit.json, or what is left of it after a failure was told. */
async function lastExit(folder: string): Promise<{ record: ExitRecord; at: number } | null> {
  const names = (await readdir(folder).catch(() => [] as string[])).filter(
    name => name === 'exit.json' || name.startsWith('exit.json.told-'),
  );
  const name = names.includes('exit.json') ? 'exit.json' : names.sort().at(-1);
  if (name === undefined) return null;
  const path = join(folder, name);
  const [record, at] = [await readRecord<ExitRecord>(path), await changedAt(path)];
  return record && at !== null ? { record, at } : null;
}

/** When something was last written into a run's folder. */
async function lastChange(folder: string): Promise<number | null> {
  const times = await Promise.all([folder, join(folder, 'log.txt')].map(changedAt));
  const known = times.filter(time => time !== null);
  return known.length === 0 ? null : Math.max(...known);
}

async function changedAt(path: string): Promise<number | null> {
  return await stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => null,
  );
}
