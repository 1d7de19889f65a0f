import { join } from 'node:path';
import type { Plan, PlanJob } from '../../plan/plan.ts';
import type { TrialRef } from '../../plan/protocol.ts';
import { linkAtomically } from './atomic.ts';

/** `<work_dir>/trials/<trial>`. */
export function trialDir(workDir: string, trial: TrialRef): string {
  return join(workDir, 'trials', trial.id);
}

export const planPath = (folder: string, iteration: number): string => join(folder, `plan-${iteration}.json`);

/** `<trial>/<pipeline>/<n>-<meta_name>` → `jobs/<key>`; from the second iteration on below `iter_<n>`. */
export async function linkIntoTrial(plan: Plan, job: PlanJob, dir: string, trial: TrialRef): Promise<void> {
  const iteration = plan.iteration === 1 ? [] : [`iter_${plan.iteration}`];
  const name = `${job.n}-${job.metaName}`.replace(/[^\w.-]/g, '_').slice(0, 120);
  await linkAtomically(
    join(trialDir(plan.workDir, trial), ...iteration, job.pipeline.replace(/[^\w.-]/g, '_'), name),
    dir,
  );
}
