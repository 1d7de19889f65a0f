import { createHash } from 'node:crypto';
import { jobsOf, type Plan, type PlanJob } from '../../plan/plan.ts';
import type { PlanRef } from '../../plan/protocol.ts';
import { readIfThere, writeAtomically } from './atomic.ts';
import { JobFailure } from './failure.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

/** Writes a plan; the same plan is the same file. */
export async function writePlan(path: string, plan: Plan): Promise<PlanRef> {
  const text = `${JSON.stringify(plan, null, 1)}\n`;
  await writeAtomically(path, text);
  return { path, sha256: sha256(text) };
}

/** Reads a plan back; a changed or missing file is a failure that says so. */
export async function readPlan(ref: PlanRef): Promise<Plan> {
  const text = await readIfThere(ref.path);
  if (text === null) throw new JobFailure(`the plan ${ref.path} is gone: start the trial again`);
  if (sha256(text) !== ref.sha256)
    throw new JobFailure(`the plan ${ref.path} was changed while the trial ran: start the trial again`);
  return JSON.parse(text) as Plan;
}

/** A job of a plan by its id. */
export function jobIn(plan: Plan, id: string): PlanJob & { key: string } {
  const job = jobsOf(plan).find(candidate => candidate.id === id);
  if (!job?.key) throw new JobFailure(`the plan has no job ${id} with a key`);
  return { ...job, key: job.key };
}
