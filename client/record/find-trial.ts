// Where the files of a trial are: in the work_dir that is named, in those near, or where the server says.
import { existsSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { idsIn, readTrialRecord, type TrialRecord } from '../../report/collect/trial-record.ts';
import { CommandFailure, EXIT } from '../failure.ts';
import { nearest } from '../nearest.ts';
import { isParent } from './is-parent.ts';
import { workDirsNear } from './work-dirs-near.ts';

export interface FindOptions {
  /** The work_dir to look in, and in no other. */
  workDir?: string | undefined;
}

/**
 * Finds the files of a trial: in `workDir`, else in the work_dirs below the folder of the call, else where the server says they are.
 * @throws CommandFailure with near ids when there is none of that id, when it is a sweep or study, or when its files are on another machine.
 */
export async function findTrial(id: string, { workDir }: FindOptions = {}): Promise<TrialRecord> {
  if (workDir !== undefined) {
    if (!existsSync(workDir)) throw new CommandFailure(`--work-dir ${workDir}: there is no such folder`);
    return (await newestIn([resolve(workDir)], id)) ?? fail(await missingOnDisk(id, [resolve(workDir)], ''));
  }
  const near = await workDirsNear(process.cwd());
  const found = await newestIn(near, id);
  if (found) return found;
  await assertNoParent(near, id);
  // The client of the server takes longer to load than all of the rest.
  const { askServer, addressOfServer } = await import('./ask-server.ts');
  try {
    return await askServer(id);
  } catch (error) {
    if (!(error instanceof CommandFailure) || error.cause === undefined) throw error;
    // Neither disk nor server: both are named, with the ids that are near in either.
    const unreachable = error.exitCode === EXIT.failed;
    const there = unreachable ? `; no Temporal server answers at ${addressOfServer()}` : ` (${error.message})`;
    const message = await missingOnDisk(id, near, there);
    throw new CommandFailure(message, error.exitCode, { cause: error });
  }
}

function fail(message: string): never {
  throw new CommandFailure(message);
}

/** Of work_dirs that all have a trial of that id, the one that it was planned in last. */
async function newestIn(workDirs: readonly string[], id: string): Promise<TrialRecord | null> {
  let newest: TrialRecord | null = null;
  for (const workDir of workDirs) {
    const record = await readTrialRecord(workDir, id);
    if (record && plannedAt(record) > (newest ? plannedAt(newest) : 0)) newest = record;
  }
  return newest;
}

const plannedAt = ({ plans }: TrialRecord) => Math.max(...plans.map(({ writtenAt }) => writtenAt));

async function assertNoParent(workDirs: readonly string[], id: string): Promise<void> {
  for (const workDir of workDirs) {
    for (const [kind, word] of [
      ['sweeps', 'sweep'],
      ['studies', 'study'],
    ] as const) {
      if ((await idsIn(workDir, kind)).includes(id)) throw isParent(id, word, await idsIn(workDir, 'trials'));
    }
  }
}

async function allTrials(workDirs: readonly string[]): Promise<string[]> {
  return (await Promise.all(workDirs.map(workDir => idsIn(workDir, 'trials')))).flat();
}

async function missingOnDisk(id: string, workDirs: readonly string[], elsewhere: string): Promise<string> {
  await assertNoParent(workDirs, id);
  const near = nearest(id, await allTrials(workDirs));
  const places = workDirs.map(workDir => relative(process.cwd(), workDir) || '.');
  const shown = places.length > 3 ? [...places.slice(0, 3), `${places.length - 3} more`] : places;
  const where =
    places.length === 0 ? 'there is no work_dir below this folder' : `there is no trial ${id} in ${shown.join(', ')}`;
  const hint = near.length > 0 ? `did you mean ${near.join(' or ')}?` : '--work-dir names another work_dir';
  return `${where}${elsewhere}: ${hint}`;
}
