import type { CachedJob } from './cached-job.ts';
import { erase, putBack, setAside } from './remove.ts';
import { readLinks } from './trial-links.ts';

export interface CollectRules {
  /** Results that no trial has linked to for so long go too; null: none of those that a trial links to. */
  olderThanMs: number | null;
  /** Also what is no result: jobs that were stopped or failed half-way. */
  partial: boolean;
  /** Whether a trial (its folder's name) may still go on: nothing goes that its plan names. */
  goesOn: (trial: string) => boolean;
  /** Milliseconds since the epoch. */
  now: number;
}

/** A job that goes, or stays, and why: one clause. */
export interface Collectable {
  job: CachedJob;
  why: string;
}

/** What may be removed by these rules; never what runs, or what a trial that goes on has in its plan. */
export function collectable(jobs: readonly CachedJob[], rules: CollectRules): Collectable[] {
  return jobs.flatMap(job => {
    const why = whyToGo(job, rules);
    return why === null ? [] : [{ job, why }];
  });
}

function whyToGo(job: CachedJob, { olderThanMs, partial, goesOn, now }: CollectRules): string | null {
  if (job.state === 'running' || neededBy(job, goesOn).length > 0) return null;
  if (job.state === 'held' || job.state === 'partial') return partial ? 'was not finished' : null;
  if (job.links.length === 0) return 'no trial links to it';
  const idle = now - job.usedAt;
  return olderThanMs !== null && idle > olderThanMs ? `not used for ${Math.floor(idle / 86_400_000)} days` : null;
}

/** Trials that may go on and that link to a job or have it in their plans. */
export function neededBy(job: CachedJob, goesOn: (trial: string) => boolean): string[] {
  return [...new Set([...job.links, ...job.plans])].filter(goesOn);
}

export interface Collected {
  removed: Collectable[];
  /** What was not removed after all. */
  kept: Collectable[];
}

/** Removes jobs, unless somebody has begun to run or to use them meanwhile. */
export async function collect(workDir: string, chosen: readonly Collectable[]): Promise<Collected> {
  const collected: Collected = { removed: [], kept: [] };
  const aside: { one: Collectable; path: string }[] = [];
  for (const one of chosen) {
    const done = await setAside(one.job.dir);
    if ('aside' in done) aside.push({ one, path: done.aside });
    else collected.kept.push({ job: one.job, why: done.kept });
  }
  // A trial that found a result just before it went has linked to it by now.
  const links = await readLinks(workDir);
  for (const { one, path } of aside) {
    const newer = links.get(one.job.key)?.links.filter(trial => !one.job.links.includes(trial)) ?? [];
    if (newer.length > 0 && (await putBack(one.job.dir, path))) {
      collected.kept.push({ job: one.job, why: `trial ${newer[0]} has just linked to it` });
      continue;
    }
    await erase(path);
    collected.removed.push(one);
  }
  return collected;
}
