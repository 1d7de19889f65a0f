import { durabilityOf } from '../../plan/durability.ts';
import type { PlanJob } from '../../plan/plan.ts';
import type { Checkpoints, ProgramSpec } from './program-spec.ts';

/** What a job's `durability` means for a program that keeps the contract of docs/checkpoints.md. */
export function durably(
  job: Pick<PlanJob, 'durability' | 'key'>,
  saving: Pick<Checkpoints, 'dir' | 'canStopOnRequest' | 'resumeEnv'>,
): Required<Pick<ProgramSpec, 'checkpoints' | 'restarts'>> {
  const { checkpointEvery, keepCheckpoints } = durabilityOf(job);
  const checkpoints: Checkpoints = { ...saving };
  if (job.key != null) checkpoints.run = job.key;
  if (checkpointEvery !== null) checkpoints.every = checkpointEvery;
  if (keepCheckpoints !== null) checkpoints.keep = keepCheckpoints;
  return { checkpoints, ...restarting(job) };
}

/** What it means for a program without checkpoints that may simply be run again: it finds by itself what it has done already, or does it again. */
export function restarting(job: Pick<PlanJob, 'durability'>): Required<Pick<ProgramSpec, 'restarts'>> {
  const { maxRestarts, stallAfterMs } = durabilityOf(job);
  return { restarts: { max: maxRestarts, stallAfterMs } };
}
