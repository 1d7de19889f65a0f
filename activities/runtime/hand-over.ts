import { randomBytes } from 'node:crypto';
import { copyFile, link, lstat, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { handOverSegments } from './hand-over-segments.ts';
import { epochDir, epochsIn } from './job-dir.ts';
import type { ProgramSpec } from './program-spec.ts';
import { readRecord, supervisorFiles } from './supervisor-files.ts';
import { checkpointStep, filesOfWhole } from './whole-checkpoints.ts';

/** File systems without hard links. */
const NO_LINKS = new Set(['EXDEV', 'EPERM', 'EMLINK', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP']);

/** `run.json` of a run's folder: what a later run needs to know to go on from it. */
export interface RunRecord {
  /** Path inside the folder by the config key that names the output. */
  writes: Record<string, string>;
}

export const runRecordPath = (folder: string): string => join(folder, 'run.json');

/**
 * Earlier runs of what runs in `folder` (`…/epoch-<n>`), the newest first. Not those whose published result was found damaged: nothing of them
 * is to be trusted.
 */
export async function earlierRuns(folder: string): Promise<string[]> {
  const dir = dirname(folder);
  const own = Number(/^epoch-(\d+)$/.exec(basename(folder))?.[1] ?? 0);
  const names = new Set(await readdir(dir));
  const epochs = (await epochsIn(dir)).filter(epoch => epoch < own && !names.has(`manifest.damaged-${epoch}.json`));
  return epochs.map(epoch => epochDir(dir, epoch));
}

/**
 * Brings in every file that earlier runs finished in the outputs of the same config keys; unfinished ones end in .tmp or begin with a dot.
 * For components whose every output file is whole once it is there.
 */
export async function handOverOutputs(folder: string, writes: Record<string, string>): Promise<void> {
  for (const earlier of await earlierRuns(folder)) {
    const record = await readRecord<RunRecord>(runRecordPath(earlier));
    for (const [at, path] of Object.entries(writes)) {
      const from = record?.writes[at];
      if (from !== undefined) await linkTree(join(earlier, from), path);
    }
  }
}

async function linkTree(from: string, to: string): Promise<void> {
  const found = await lstat(from).catch(() => null);
  const name = basename(from);
  if (!found || name.startsWith('.') || name.endsWith('.tmp')) return;
  if (found.isFile()) await linkFile(from, to);
  if (!found.isDirectory()) return;
  for (const entry of await readdir(from)) await linkTree(join(from, entry), join(to, entry));
}

/**
 * Brings the checkpoints of earlier runs' `nth` program, and what stands beside them under their names, into `to`, where this run's looks
 * for them, and what the newest of these runs wrote down. Of checkpoints only those whose files have the sizes that they say; the supervisor proves them by hash before one is used.
 */
export async function handOverCheckpoints(folder: string, nth: number, to: string): Promise<void> {
  const programOf = (run: string) => supervisorFiles(nth === 1 ? run : join(run, `program-${nth}`)).spec;
  // It has begun already: what is there is its own.
  if (await readRecord(programOf(folder))) return;
  let written = false;
  for (const earlier of await earlierRuns(folder)) {
    const from = (await readRecord<ProgramSpec>(programOf(earlier)))?.checkpoints?.dir;
    if (from === undefined || from === to) continue;
    if (!written) await handOverSegments(dirname(programOf(earlier)), dirname(programOf(folder)));
    written = true;
    const names = await readdir(from).catch(() => [] as string[]);
    let newest = -1;
    for (const name of names) {
      const step = checkpointStep(name);
      if (step !== null && (await linkCheckpoint(join(from, name), join(to, name)))) newest = Math.max(newest, step);
    }
    for (const name of names) {
      const step = Number(/^checkpoint-(\d+)\./.exec(name)?.[1] ?? Number.POSITIVE_INFINITY);
      if (step <= newest && (await lstat(join(from, name))).isFile()) await linkFile(join(from, name), join(to, name));
    }
  }
}

/** False where the checkpoint is not whole. It appears in one step. */
async function linkCheckpoint(from: string, to: string): Promise<boolean> {
  const files = await filesOfWhole(from);
  if (!files) return false;
  if (await lstat(to).catch(() => null)) return true;
  const part = join(dirname(to), `.${basename(to)}.${randomBytes(4).toString('hex')}.tmp`);
  try {
    for (const file of [...files, 'complete.json']) await linkFile(join(from, file), join(part, file));
    await rename(part, to);
  } catch (error) {
    // Another attempt of this run was faster.
    if (!['EEXIST', 'ENOTEMPTY'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  } finally {
    await rm(part, { recursive: true, force: true });
  }
  return true;
}

async function linkFile(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  try {
    await link(from, to);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return;
    if (!NO_LINKS.has(code)) throw error;
    const part = `${to}.${randomBytes(4).toString('hex')}.tmp`;
    await copyFile(from, part);
    await rename(part, to);
  }
}
