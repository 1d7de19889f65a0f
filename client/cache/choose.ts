import { CommandFailure } from '../failure.ts';
import { nearest } from '../nearest.ts';
import type { CachedJob } from './cached-job.ts';
import { neededBy } from './collect.ts';

/**
 * Jobs by key, or by the beginning of one.
 * @throws CommandFailure where a key names none or several.
 */
export function jobsByKey(jobs: readonly CachedJob[], keys: readonly string[]): CachedJob[] {
  const chosen = keys.map(key => {
    const found = jobs.filter(job => job.key.startsWith(key));
    const exact = found.find(job => job.key === key);
    if (exact || found.length === 1) return exact ?? found[0]!;
    if (found.length > 1)
      throw new CommandFailure(`${key} is the beginning of ${found.length} keys: give more digits of it`);
    const near = nearest(
      key,
      jobs.map(job => job.key),
    );
    const hint = near.length > 0 ? `did you mean ${near.join(' or ')}?` : 'see `dj-sandbox cache ls`';
    throw new CommandFailure(`no job with key ${key} is cached there: ${hint}`);
  });
  return [...new Set(chosen)];
}

/**
 * Sees that jobs may go because the user says so.
 * @throws CommandFailure for what runs, and without `force` for what trials have.
 */
export function checkRemovable(
  jobs: readonly CachedJob[],
  { force, goesOn }: { force: boolean; goesOn: (trial: string) => boolean },
): void {
  const problems = jobs.flatMap(job => {
    if (job.state === 'running') return [`${job.key} stays: ${job.note}; stop that first`];
    if (force) return [];
    const needed = neededBy(job, goesOn);
    if (needed.length > 0)
      return [`${job.key} is in the plan of ${named(needed)}, which may go on (--force removes it)`];
    if (job.links.length > 0) return [`${job.key} is linked from ${named(job.links)} (--force removes it)`];
    return [];
  });
  if (problems.length > 0) throw new CommandFailure(problems.join('\n'));
}

function named(trials: readonly string[]): string {
  const shown = trials.slice(0, 3).join(', ');
  const more = trials.length > 3 ? ` and ${trials.length - 3} more` : '';
  return `${trials.length === 1 ? 'trial' : 'trials'} ${shown}${more}`;
}
