import type { PlanJob } from '../plan/plan.ts';
import { CommandFailure } from './failure.ts';
import { nearest } from './nearest.ts';

/**
 * The job that `--job` names: by id, by meta_name, or by the part of its id after the number.
 * @throws CommandFailure with near names when none or several are.
 */
export function jobNamed<J extends Pick<PlanJob, 'id' | 'metaName'>>(jobs: readonly J[], name: string): J {
  const found = jobs.filter(job => job.id === name || job.metaName === name || shortName(job) === name);
  if (found.length === 1) return found[0]!;
  const ids = jobs.map(job => job.id);
  if (found.length > 1)
    throw new CommandFailure(`--job ${name} names ${found.map(job => job.id).join(' and ')}: give one id`);
  const near = nearest(name, [...ids, ...jobs.map(job => job.metaName)]);
  const hint = near.length > 0 ? `did you mean ${near.join(' or ')}?` : `jobs: ${ids.join(', ')}`;
  throw new CommandFailure(`--job ${name}: there is no such job; ${hint}`);
}

const shortName = (job: Pick<PlanJob, 'id'>) => job.id.slice(job.id.indexOf('-') + 1);
