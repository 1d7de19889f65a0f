import type { CollectOptions } from '../model/report.ts';
import type { TrialModel } from '../model/trial.ts';
import { jobRecords, readTrialRecord } from './trial-record.ts';

/** Reads what a trial left in its work_dir; null where it has no plan there. */
export async function collectTrial({ id, workDir, now, said = null }: CollectOptions): Promise<TrialModel | null> {
  const record = await readTrialRecord(workDir, id);
  if (!record) return null;
  const jobs = await jobRecords(record);
  const { plan } = record.plans.at(-1)!;
  return {
    kind: 'trial',
    id,
    workDir,
    madeAt: now,
    said,
    lacking: [...record.lacking, ...jobs.flatMap(({ damaged }) => damaged ?? [])],
    project: plan.projectName,
    experiment: plan.experimentName,
    iterations: record.plans.length,
    jobs,
  };
}
