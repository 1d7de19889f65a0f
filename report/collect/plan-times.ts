import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** When the first plan of each trial of a work_dir was written, in milliseconds since the epoch; trials without one are left out. */
export async function planTimes(workDir: string, trials: readonly string[]): Promise<Map<string, number>> {
  const times = await Promise.all(
    trials.map(async trial => [trial, await firstPlanAt(join(workDir, 'trials', trial))] as const),
  );
  return new Map(times.flatMap(([trial, at]) => (at === null ? [] : [[trial, at] as const])));
}

/** When the first plan in a trial's folder was written; null where there is none. */
export async function firstPlanAt(folder: string): Promise<number | null> {
  const names = (await readdir(folder).catch(() => [] as string[])).filter(name => /^plan-.*\.json$/.test(name));
  const times = await Promise.all(names.map(name => stat(join(folder, name)).then(found => found.mtimeMs)));
  return times.length === 0 ? null : Math.min(...times);
}
