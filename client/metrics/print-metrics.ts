import { once } from 'node:events';
import { jobMetrics } from '../../report/collect/job-metrics.ts';
import { jobRecords } from '../../report/collect/trial-record.ts';
import { CommandFailure } from '../failure.ts';
import { printJson } from '../output.ts';
import { paintFor } from '../paint.ts';
import { chooseJobs } from '../record/choose-jobs.ts';
import { findTrial } from '../record/find-trial.ts';
import { metricsCsv, metricsJson, metricsLines } from './metrics-view.ts';

export interface MetricsOptions {
  job?: string;
  csv?: boolean;
  json?: boolean;
  workDir?: string;
}

/**
 * Prints what a trial's jobs measured.
 * @throws CommandFailure when there is no such trial or job.
 */
export async function printMetrics(id: string, options: MetricsOptions): Promise<void> {
  const { job, csv = false, json = false } = options;
  if (csv && json) throw new CommandFailure('--json and --csv: give one of the two');
  const trial = await findTrial(id, options);
  const jobs = await Promise.all(chooseJobs(await jobRecords(trial), job).map(jobMetrics));
  if (json) return printJson(metricsJson(id, jobs));
  if (csv) return await writeAll(metricsCsv(id, jobs));
  // Of all jobs those that measured nothing are left out; one that was asked for says so.
  const shown =
    job === undefined ? jobs.filter(one => one.programs.length > 0 || Object.keys(one.results).length > 0) : jobs;
  const size = { width: process.stdout.columns ?? 160, paint: paintFor(process.stdout) };
  const lines = metricsLines(shown, trial.plans.length, size);
  for (const line of lines.length > 0 ? lines : [`no job of trial ${id} has metrics yet`]) console.log(line);
}

/** A reader that is slow is waited for, so that memory stays bounded. */
async function writeAll(rows: Iterable<string>): Promise<void> {
  const { stdout } = process;
  for (const row of rows) if (!stdout.write(row)) await once(stdout, 'drain');
}
