// All runs of work_dirs, from their files alone.
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { parentIdOf, trialIdOf } from '../../../plan/trial-of.ts';
import type { RunRow } from './run-row.ts';
import { studyRow } from './study-row.ts';
import { type SweepRows, sweepRows } from './sweep-rows.ts';
import { trialRow } from './trial-row.ts';

/** More files at once help no disk. */
const AT_A_TIME = 32;

/** What was read before: rows that cannot change any more, or whose files have not changed. One a process that looks again and again. */
export interface SeenRuns {
  trials: Map<string, { changed: number; row: RunRow }>;
  sweeps: Map<string, { changed: string; rows: SweepRows }>;
}

export const nothingSeen = (): SeenRuns => ({ trials: new Map(), sweeps: new Map() });

/**
 * The trials, sweeps and studies of work_dirs, the newest first. Folders that are not there or cannot be read have none. Of 10,000 trials the files of
 * each are read once where `seen` is handed in again.
 */
export async function runsOnDisk(workDirs: readonly string[], seen: SeenRuns = nothingSeen()): Promise<RunRow[]> {
  const rows: RunRow[] = [];
  for (const workDir of workDirs) rows.push(...(await runsIn(workDir, seen)));
  return rows.sort((a, b) => b.startedAt - a.startedAt || (a.id < b.id ? -1 : 1));
}

async function runsIn(workDir: string, seen: SeenRuns): Promise<RunRow[]> {
  const [trials, sweeps, studies] = await Promise.all(
    ['trials', 'sweeps', 'studies'].map(kind => foldersIn(workDir, kind)),
  );
  const parents = new Set([...sweeps!, ...studies!]);
  const parentOf = (name: string) => {
    const parent = parentIdOf(name);
    return parent !== null && parents.has(parent) ? parent : null;
  };
  const rows = new Map<string, RunRow>();
  const isSweep = new Set(sweeps);
  // What a ledger tells of a sweep's trials need not be read again from their own files.
  for (const id of sweeps!) {
    const found = await sweepOf(workDir, id, seen);
    if (!found) continue;
    for (const row of [found.sweep, ...found.trials]) rows.set(row.id, row);
  }
  const open = trials!.filter(name => !isTold(rows.get(name)));
  const looked = await inTurn(open, name => trialOf(workDir, name, parentOf(name), seen));
  for (const row of looked) if (row) rows.set(row.id, merged(rows.get(row.id), row));
  for (const id of studies!) {
    if (isSweep.has(id)) continue;
    const own = [...rows.values()].filter(({ parent }) => parent === id);
    const row = await studyRow(workDir, id, own);
    if (row) rows.set(id, row);
  }
  return [...rows.values()];
}

/** The ledger has told its end. */
const isTold = (row: RunRow | undefined) => row !== undefined && row.closedAt !== null;

/** The ledger knows the state, the trial's own files where it stands. A sweep that ended told nothing more of the trials that it left. */
function merged(told: RunRow | undefined, own: RunRow): RunRow {
  if (!told) return own;
  const state = told.state === 'running' ? own.state : told.state;
  const isOver = state === 'stopped';
  return { ...told, state, stage: isOver ? '' : own.stage, job: isOver ? '' : own.job, progress: own.progress };
}

async function trialOf(workDir: string, name: string, parent: string | null, seen: SeenRuns): Promise<RunRow | null> {
  const path = join(workDir, 'trials', name);
  const changed = (await stat(path).catch(() => null))?.mtimeMs ?? 0;
  const before = seen.trials.get(path);
  if (before?.changed === changed && before.row.state === 'done') return before.row;
  const row = await trialRow(workDir, name, parent);
  if (row) seen.trials.set(path, { changed, row });
  return row;
}

async function sweepOf(workDir: string, id: string, seen: SeenRuns): Promise<SweepRows | null> {
  const path = join(workDir, 'sweeps', id, 'decisions.jsonl');
  const found = await stat(path).catch(() => null);
  const changed = `${found?.size} ${found?.mtimeMs}`;
  const before = seen.sweeps.get(path);
  // Also a ledger that nobody writes to any more changes what it means: the sweep is then no longer said to run.
  if (before?.changed === changed && before.rows.sweep.state !== 'running') return before.rows;
  const first = await trialOf(workDir, trialIdOf(id, 1), id, seen);
  const named = { project: first?.project ?? '', experiment: first?.experiment ?? '' };
  const rows = await sweepRows(workDir, id, named);
  if (rows) seen.sweeps.set(path, { changed, rows });
  return rows;
}

async function foldersIn(workDir: string, kind: string): Promise<string[]> {
  const entries = await readdir(join(workDir, kind), { withFileTypes: true }).catch(() => []);
  return entries.filter(entry => entry.isDirectory() && !entry.name.startsWith('.')).map(({ name }) => name);
}

/** Results in the order of `items`, some at a time. */
async function inTurn<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = new Array(items.length);
  let next = 0;
  const one = async () => {
    while (next < items.length) {
      const at = next++;
      results[at] = await work(items[at]!);
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_A_TIME, items.length) }, one));
  return results;
}
