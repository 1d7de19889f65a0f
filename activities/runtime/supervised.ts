import { createHash } from 'node:crypto';
import { mkdir, readdir, realpath, rm } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { writeAtomically } from './atomic.ts';
import { bootId, bootNow } from './host-clock.ts';
import { stateDir } from './state-dir.ts';
import { stopProgram } from './supervisor-client.ts';
import { anySupervisor, readRecord, type SupervisorRecord } from './supervisor-files.ts';

/** A program may need so long, in seconds, from its entry here to its live supervisor. */
const STARTING_S = 60;

/** A program that runs under a supervisor on this host. */
export interface Supervised {
  dir: string;
  argv: string[];
  supervisor: SupervisorRecord;
}

interface Entry {
  dir: string;
  argv: string[];
  boot: string;
  /** When it was noted, in seconds of the boot-time clock. */
  noted: number;
}

const folder = (state: string) => join(state, 'programs');
const entryPath = (dir: string, state: string) =>
  join(folder(state), `${createHash('sha256').update(dir).digest('hex').slice(0, 16)}.json`);

/** Notes that a program is about to run in `dir`, for those who ask what runs on this host. */
export async function noteProgram(dir: string, argv: string[], state = stateDir()): Promise<void> {
  const entry: Entry = { dir: await realpath(dir), argv, boot: await bootId(), noted: bootNow() };
  await mkdir(folder(state), { recursive: true });
  await writeAtomically(entryPath(entry.dir, state), JSON.stringify(entry));
}

/** Takes back the note of a program that has ended. */
export async function forgetProgram(dir: string, state = stateDir()): Promise<void> {
  await rm(entryPath(await realpath(dir), state), { force: true });
}

/** All programs that live supervisors of this host run, whoever started them; entries of ended ones are removed. */
export async function listSupervised(state = stateDir()): Promise<Supervised[]> {
  const names = await readdir(folder(state)).catch(() => [] as string[]);
  const found = await Promise.all(
    names.filter(name => name.endsWith('.json')).map(name => inspect(join(folder(state), name))),
  );
  return found.filter(one => one !== null);
}

async function inspect(path: string): Promise<Supervised | null> {
  const entry = await readRecord<Entry>(path);
  if (!entry) return null;
  const supervisor = await anySupervisor(entry.dir).catch(() => null);
  if (supervisor) return { dir: entry.dir, argv: entry.argv, supervisor };
  const starting = entry.boot === (await bootId()) && bootNow() - entry.noted < STARTING_S;
  if (!starting) await rm(path, { force: true });
  return null;
}

/**
 * Ends all supervised programs of this host (or those in one folder, or those of no newer claim than `upToEpoch`) and returns them when everything that they started is gone.
 * Another run of their jobs starts them again.
 */
export async function stopAll({
  state = stateDir(),
  under = '',
  upToEpoch = Number.POSITIVE_INFINITY,
  reason = 'it was asked to',
} = {}): Promise<Supervised[]> {
  const root = under === '' ? '' : await realpath(under).catch(() => under);
  const programs = (await listSupervised(state)).filter(
    ({ dir, supervisor }) => isInside(dir, root) && supervisor.epoch <= upToEpoch,
  );
  await Promise.all(programs.map(({ dir, supervisor }) => stopProgram(dir, supervisor.epoch, reason)));
  return programs;
}

/** Picks the programs that run in a folder. */
export async function under(folder: string): Promise<(program: Supervised) => boolean> {
  const root = await realpath(folder).catch(() => folder);
  return ({ dir }) => isInside(dir, root);
}

/** Whether `dir` is `root` or a folder in it; '' holds everything. */
export function isInside(dir: string, root: string): boolean {
  return root === '' || dir === root || dir.startsWith(root + sep);
}
