import { existsSync } from 'node:fs';
import type { TrialProgress, TrialResult } from '../../plan/protocol.ts';
import { readTrialRecord, type TrialRecord } from '../../report/collect/trial-record.ts';
import { type Server, serverAddress, withServer } from '../connect.ts';
import { CommandFailure, EXIT } from '../failure.ts';
import { endOf } from '../observe.ts';
import { isOpen } from '../snapshot.ts';
import { kindOfType, known, queryTrial } from '../trials.ts';
import { isParent } from './is-parent.ts';

export const addressOfServer = (): string => serverAddress().address;

/**
 * The files of a trial, where the server says that they are.
 * @throws CommandFailure when none answers, there is no such trial, or its files are on another machine.
 */
export async function askServer(id: string): Promise<TrialRecord> {
  return await withServer(server => recordOf(server, id));
}

async function recordOf(server: Server, id: string): Promise<TrialRecord> {
  const { type, status } = await known(server, id, () => server.client.workflow.getHandle(id).describe());
  const kind = kindOfType(type);
  if (kind !== 'trial') throw isParent(id, kind, []);
  const workDir = await workDirOf(server, id, status.name);
  if (workDir === null)
    throw new CommandFailure(
      `the server does not say where the files of trial ${id} are (no control worker answers): name its work_dir with --work-dir`,
      EXIT.failed,
    );
  const record = await readTrialRecord(workDir, id);
  if (record) return record;
  throw new CommandFailure(
    existsSync(workDir)
      ? `trial ${id} has no plan in ${workDir}: it was never compiled, or its folder was removed`
      : `the files of trial ${id} are in ${workDir}, which is not on this machine: call dj-sandbox where it is`,
    EXIT.failed,
  );
}

/** Where a trial works: as its result says, else as its workflow answers. */
async function workDirOf(server: Server, id: string, status: string): Promise<string | null> {
  if (!isOpen(status)) {
    const { result } = await endOf<TrialResult>(server, id, status);
    const [, workDir] = /^(.+)\/trials\/[^/]+$/.exec(result?.trialDir ?? '') ?? [];
    if (workDir !== undefined) return workDir;
  }
  const progress = await queryTrial<TrialProgress>(server, id, 'progress');
  return progress?.workDir || null;
}
