import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Plan, PlanJob } from '../../plan/plan.ts';
import type { TrialRef } from '../../plan/protocol.ts';
import { linkAtomically } from './atomic.ts';
import { safeName } from './safe-name.ts';

/** `<work_dir>/trials/<trial>`; the trial's id is whatever its starter chose. */
export function trialDir(workDir: string, trial: TrialRef): string {
  return join(workDir, 'trials', safeName(trial.id));
}

export const planPath = (folder: string, iteration: number): string => join(folder, `plan-${iteration}.json`);

/** A plan that was asked for while the trial runs by another is written beside that one: jobs that run may still read theirs. */
export const changedPlanPath = (folder: string, iteration: number): string =>
  join(folder, `plan-${iteration}-${randomBytes(4).toString('hex')}.json`);

/** `<trial>/<pipeline>/<n>-<meta_name>` → `jobs/<key>`; from the second iteration on below `iter_<n>`. */
export async function linkIntoTrial(plan: Plan, job: PlanJob, dir: string, trial: TrialRef): Promise<void> {
  const iteration = plan.iteration === 1 ? [] : [`iter_${plan.iteration}`];
  const name = safeName(`${job.n}-${job.metaName}`);
  await linkAtomically(join(trialDir(plan.workDir, trial), ...iteration, safeName(job.pipeline), name), dir);
}
