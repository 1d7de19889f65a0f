import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { runKind } from '../../report/collect/run-kind.ts';
import type { ReportHead } from '../../report/model/report.ts';
import { CommandFailure } from '../failure.ts';
import { type FindOptions, findTrial } from '../record/find-trial.ts';
import { workDirsNear } from '../record/work-dirs-near.ts';

export interface FoundRun {
  kind: ReportHead['kind'];
  /** Absolute. */
  workDir: string;
}

/**
 * Where the files of a trial, sweep or study are: in `workDir`, else in the work_dirs below this folder, else where the server says.
 * @throws CommandFailure with near ids when there is none of that id.
 */
export async function findRun(id: string, { workDir }: FindOptions = {}): Promise<FoundRun> {
  if (workDir !== undefined && !existsSync(workDir))
    throw new CommandFailure(`--work-dir ${workDir}: there is no such folder`);
  for (const near of workDir === undefined ? await workDirsNear(process.cwd()) : [resolve(workDir)]) {
    const kind = await runKind(near, id);
    if (kind !== null && kind !== 'trial') return { kind, workDir: near };
  }
  const trial = await findTrial(id, { workDir });
  return { kind: 'trial', workDir: trial.workDir };
}
