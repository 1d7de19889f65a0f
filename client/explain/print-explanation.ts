import { jobRecords } from '../../report/collect/trial-record.ts';
import { explainTrial } from '../../report/explain/explain-trial.ts';
import { printJson } from '../output.ts';
import { paintFor } from '../paint.ts';
import { chooseJobs } from '../record/choose-jobs.ts';
import { findTrial } from '../record/find-trial.ts';
import { stateOf } from '../snapshot.ts';
import { explainJson, explainLines, type TrialSaid } from './explain-view.ts';
import { type Asked, askHistory } from './history.ts';

export interface ExplainOptions {
  job?: string;
  json?: boolean;
  workDir?: string;
  /** False: only what is on disk. */
  server?: boolean;
}

/**
 * Prints why each job of a trial ran, was found done, was tried again or failed.
 * @throws CommandFailure when there is no such trial or job.
 */
export async function printExplanation(id: string, options: ExplainOptions): Promise<void> {
  const record = await findTrial(id, options);
  const chosen = chooseJobs(await jobRecords(record), options.job).map(({ job }) => job.id);
  const asked = options.server === false ? 'the server was not asked' : await askHistory(id);
  const known = typeof asked === 'string' ? null : asked;
  const jobs = (await explainTrial(record, known)).filter(({ job }) => chosen.includes(job));
  const said = known && saidOf(known);
  if (options.json) return printJson(explainJson(record, jobs, said));
  const size = { width: process.stdout.columns ?? 160, paint: paintFor(process.stdout), said };
  for (const line of explainLines(record, jobs, size)) console.log(line);
  if (typeof asked === 'string') process.stderr.write(`note: from the files alone, without attempts: ${asked}\n`);
}

function saidOf({ snapshot }: Asked): TrialSaid {
  const why = snapshot.failure?.message ?? snapshot.waitingFor ?? snapshot.progress?.waitingFor ?? null;
  return { state: stateOf(snapshot), why };
}
