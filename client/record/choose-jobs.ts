import type { JobRecord } from '../../report/collect/trial-record.ts';
import { jobNamed } from '../job-named.ts';

/**
 * The jobs that `--job` names, one an iteration; all of them where it is not given.
 * @throws CommandFailure with near names when the trial has none of that name.
 */
export function chooseJobs(records: readonly JobRecord[], name: string | undefined): JobRecord[] {
  if (name === undefined) return [...records];
  const each = new Map(records.map(({ job }) => [job.id, job]));
  const { id } = jobNamed([...each.values()], name);
  return records.filter(({ job }) => job.id === id);
}
