import type { Ansis } from 'ansis';
import { age, size } from '../format.ts';
import { clip, column, columns } from '../text.ts';
import type { CachedJob, CachedState } from './cached-job.ts';
import type { Collected } from './collect.ts';

interface Size {
  width: number;
  paint: Ansis;
}

/** A job in answer to `dj-sandbox cache ls --json`. */
export function cacheJson(job: CachedJob): object {
  const { madeAt, usedAt, ...rest } = job;
  return { ...rest, madeAt: new Date(madeAt).toISOString(), usedAt: new Date(usedAt).toISOString() };
}

/** Cached jobs as a table no wider than `width` columns, and what they come to. */
export function cacheLines(jobs: readonly CachedJob[], now: number, { width, paint }: Size): string[] {
  if (jobs.length === 0) return ['nothing is cached there'];
  const rows = jobs.map(job => [
    job.key,
    job.state,
    size(job.bytes),
    age(now - job.madeAt),
    job.component ?? '?',
    job.job ?? '?',
    job.trial ?? '?',
    job.note ?? linksOf(job),
  ]);
  const heads = ['KEY', 'STATE', 'SIZE', 'AGE', 'COMPONENT', 'JOB', 'BY TRIAL', 'LINKED FROM'];
  const table = [heads, ...rows];
  const widths = heads.map((_, at) => Math.max(...table.map(cells => columns(cells[at]!))));
  const line = (cells: string[]) => {
    const text = cells.map((cell, at) => column(cell, widths[at]!)).join('  ');
    return clip(text.trimEnd(), width);
  };
  return [
    paint.dim(line(heads)),
    ...rows.map((cells, at) => (jobs[at]!.state === 'damaged' ? paint.red(line(cells)) : line(cells))),
    clip(totals(jobs), width),
  ];
}

function linksOf({ links }: CachedJob): string {
  if (links.length === 0) return 'no trial';
  return links.length > 2 ? `${links.slice(0, 2).join(', ')} and ${links.length - 2} more` : links.join(', ');
}

/** `14 jobs, 1.2 GiB: 12 done, 2 partial`. */
function totals(jobs: readonly CachedJob[]): string {
  const counts = new Map<CachedState, number>();
  for (const { state } of jobs) counts.set(state, (counts.get(state) ?? 0) + 1);
  const states = [...counts].map(([state, count]) => `${count} ${state}`).join(', ');
  return `${counted(jobs.length)}, ${size(sum(jobs))}: ${states}`;
}

/** What `dj-sandbox cache gc|rm` did, or with `dryRun` would do. */
export function collectedLines(
  { removed, kept }: Collected,
  { width, dryRun }: { width: number; dryRun: boolean },
): string[] {
  const said = dryRun ? 'would remove' : 'removed';
  const jobs = removed.map(({ job }) => job);
  return [
    ...removed.map(({ job, why }) => clip(`${said} ${nameOf(job)}: ${why}`, width)),
    ...kept.map(({ job, why }) => clip(`kept ${nameOf(job)}: ${why}`, width)),
    `${said} ${counted(jobs.length)}, ${size(sum(jobs))}`,
  ];
}

function nameOf(job: CachedJob): string {
  return `${job.key} (${job.component ?? 'unknown'}, ${size(job.bytes)})`;
}

function counted(count: number): string {
  return count === 1 ? '1 job' : `${count} jobs`;
}

function sum(jobs: readonly CachedJob[]): number {
  return jobs.reduce((bytes, job) => bytes + job.bytes, 0);
}
