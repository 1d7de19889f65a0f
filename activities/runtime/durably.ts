import { durabilityOf } from '../../plan/durability.ts';
import type { PlanJob } from '../../plan/plan.ts';
import type { Checkpoints, ProgramSpec } from './program-spec.ts';

/** What a job's `durability` means for a program that keeps the contract of docs/checkpoints.md. */
export function durably(
  job: Pick<PlanJob, 'durability' | 'key'>,
  saving: Pick<Checkpoints, 'dir' | 'canStopOnRequest' | 'resumeEnv'>,
): Required<Pick<ProgramSpec, 'checkpoints' | 'restarts'>> {
  const { checkpointEvery, keepCheckpoints, maxRestarts, stallAfterMs } = durabilityOf(job);
  const checkpoints: Checkpoints = { ...saving };
  if (job.key != null) checkpoints.run = job.key;
  if (checkpointEvery !== null) checkpoints.every = checkpointEvery;
  if (keepCheckpoints !== null) checkpoints.keep = keepCheckpoints;
  return { checkpoints, restarts: { max: maxRestarts, stallAfterMs } };
}
