import { milliseconds } from '../../plan/durability.ts';
import { CommandFailure, EXIT } from '../failure.ts';
import { printJson } from '../output.ts';
import { paintFor } from '../paint.ts';
import { cacheJson, cacheLines, collectedLines } from './cache-view.ts';
import { checkRemovable, jobsByKey } from './choose.ts';
import { type Collectable, type Collected, collect, collectable } from './collect.ts';
import { openTrials } from './open-trials.ts';
import { readCache } from './read-cache.ts';
import { eraseLeftOvers } from './remove.ts';
import { cacheWorkDir, type WorkDirOptions } from './work-dir.ts';

/** `dj-sandbox cache ls`; returns the exit code: with `verify` 1 where anything is damaged. */
export async function listCache(options: WorkDirOptions & { json?: boolean; verify?: boolean }): Promise<number> {
  const { jobs } = await readCache(cacheWorkDir(options), { verify: options.verify ?? false });
  if (options.json) printJson(jobs.map(cacheJson));
  else {
    const size = { width: process.stdout.columns ?? 200, paint: paintFor(process.stdout) };
    for (const line of cacheLines(jobs, Date.now(), size)) console.log(line);
  }
  return options.verify && jobs.some(job => job.state === 'damaged') ? EXIT.failed : EXIT.done;
}

export interface GcOptions extends WorkDirOptions {
  olderThan?: string;
  dryRun?: boolean;
  partial?: boolean;
  json?: boolean;
}

/** `dj-sandbox cache gc`. */
export async function collectCache(options: GcOptions): Promise<void> {
  const olderThanMs = options.olderThan === undefined ? null : milliseconds(options.olderThan);
  if (options.olderThan !== undefined && olderThanMs === null)
    throw new CommandFailure(`--older-than ${options.olderThan}: expected a length of time such as 12h or 30d`);
  const workDir = cacheWorkDir(options);
  const { jobs, plannedAt } = await readCache(workDir);
  const { goesOn, note } = await openTrials(plannedAt);
  if (note !== null) process.stderr.write(`note: ${note}\n`);
  const rules = { olderThanMs, partial: options.partial ?? false, goesOn, now: Date.now() };
  const chosen = collectable(jobs, rules);
  const { dryRun = false } = options;
  const collected = dryRun ? { removed: chosen, kept: [] } : await collect(workDir, chosen);
  if (!dryRun) await eraseLeftOvers(workDir);
  report(collected, { dryRun, json: options.json ?? false });
}

/** `dj-sandbox cache rm KEY…`; returns the exit code: 1 where one was not removed after all. */
export async function removeFromCache(
  keys: string[],
  options: WorkDirOptions & { force?: boolean; json?: boolean },
): Promise<number> {
  const workDir = cacheWorkDir(options);
  const { jobs, plannedAt } = await readCache(workDir);
  const chosen = jobsByKey(jobs, keys);
  const { goesOn } = await openTrials(plannedAt);
  checkRemovable(chosen, { force: options.force ?? false, goesOn });
  const collected = await collect(
    workDir,
    chosen.map(job => ({ job, why: 'as asked' })),
  );
  report(collected, { dryRun: false, json: options.json ?? false });
  return collected.kept.length > 0 ? EXIT.failed : EXIT.done;
}

function report({ removed, kept }: Collected, { dryRun, json }: { dryRun: boolean; json: boolean }): void {
  if (json) {
    const listed = (some: Collectable[]) => some.map(({ job, why }) => ({ ...cacheJson(job), why }));
    const bytes = removed.reduce((sum, { job }) => sum + job.bytes, 0);
    printJson({ dryRun, bytes, removed: listed(removed), kept: listed(kept) });
    return;
  }
  const width = process.stdout.columns ?? 200;
  for (const line of collectedLines({ removed, kept }, { width, dryRun })) console.log(line);
}
