// Where something stands as its files tell, for when no server is there to ask.
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { safeName } from '../../activities/runtime/safe-name.ts';
import { readStudyFile } from '../../report/collect/study-file.ts';
import { readTrialRecord } from '../../report/collect/trial-record.ts';
import { explainTrial } from '../../report/explain/explain-trial.ts';
import { explainJson, explainLines } from '../explain/explain-view.ts';
import { CommandFailure, EXIT } from '../failure.ts';
import { printJson } from '../output.ts';
import { paintFor } from '../paint.ts';
import { studyTableLines, tableJson } from '../study/study-view.ts';
import { sweepOnDisk } from '../sweep/sweep-on-disk.ts';
import { sweepJson, sweepStatusLines } from '../sweep/sweep-status.ts';
import { workDirsNear } from './work-dirs-near.ts';

export interface StatusOptions {
  json?: boolean;
  workDir?: string;
}

/**
 * Prints where a trial, sweep or study stands, from `workDir` or the work_dirs below this folder; false where none of them has it.
 * @throws CommandFailure when `workDir` is not there.
 */
export async function printStatusOnDisk(id: string, { json = false, workDir }: StatusOptions): Promise<boolean> {
  if (workDir !== undefined && !existsSync(workDir))
    throw new CommandFailure(`--work-dir ${workDir}: there is no such folder`);
  for (const one of workDir === undefined ? await workDirsNear(process.cwd()) : [resolve(workDir)]) {
    const seen = (await sweepView(one, id)) ?? (await studyView(one, id)) ?? (await trialView(one, id));
    if (!seen) continue;
    if (json) printJson(seen.json());
    else for (const line of seen.lines(process.stdout.columns ?? 160)) console.log(line);
    return true;
  }
  return false;
}

interface Seen {
  json: () => object;
  lines: (width: number) => string[];
}

async function sweepView(workDir: string, id: string): Promise<Seen | null> {
  const snapshot = await sweepOnDisk(workDir, id);
  return (
    snapshot && {
      json: () => sweepJson(snapshot),
      lines: width => sweepStatusLines(snapshot, { width, paint: paintFor(process.stdout) }),
    }
  );
}

/** Written when a study has ended. */
async function studyView(workDir: string, id: string): Promise<Seen | null> {
  const { study: table, lacking } = await readStudyFile(join(workDir, 'studies', safeName(id)));
  if (lacking !== null) throw new CommandFailure(lacking, EXIT.failed);
  if (table === null) return null;
  const head = `study ${id}: ${table.state}${table.message ? `: ${table.message}` : ''}`;
  return { json: () => tableJson(table), lines: width => [head, '', ...studyTableLines(table, { width })] };
}

async function trialView(workDir: string, id: string): Promise<Seen | null> {
  const record = await readTrialRecord(workDir, id);
  if (!record) return null;
  const jobs = await explainTrial(record, null);
  return {
    json: () => explainJson(record, jobs, null),
    lines: width => explainLines(record, jobs, { width, paint: paintFor(process.stdout), said: null }),
  };
}
