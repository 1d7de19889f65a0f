import { lstat, readdir, readFile, readlink } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { jobsOf, type Plan } from '../../plan/plan.ts';

/** `<trial>/iter_<n>/<pipeline>/<link>`. */
const DEEPEST = 3;

/** What the folders of a work_dir's trials say of one job. */
export interface TrialLinks {
  /** Names of trials' folders, sorted. */
  links: string[];
  /** Milliseconds since the epoch: when the newest link was made. */
  linkedAt: number;
}

/** By job key: which trials link to it. */
export async function readLinks(workDir: string): Promise<Map<string, TrialLinks>> {
  const found = new Map<string, TrialLinks>();
  for (const trial of await trialsIn(workDir)) {
    for (const link of await linksBelow(join(workDir, 'trials', trial), DEEPEST)) {
      const target = resolve(dirname(link.path), link.target);
      if (basename(dirname(target)) !== 'jobs') continue;
      const key = basename(target);
      const { links, linkedAt } = found.get(key) ?? { links: [], linkedAt: 0 };
      found.set(key, {
        links: links.includes(trial) ? links : [...links, trial],
        linkedAt: Math.max(linkedAt, link.at),
      });
    }
  }
  return found;
}

/** What the plans of a work_dir's trials say of one job. */
export interface PlannedJob {
  component: string;
  job: string;
  /** Names of trials' folders, sorted. */
  plans: string[];
}

/** By job key: which trials have it in a plan, done or not. `plannedAt`: by trial, when its newest plan was written. */
export async function readPlans(
  workDir: string,
): Promise<{ jobs: Map<string, PlannedJob>; plannedAt: Map<string, number> }> {
  const jobs = new Map<string, PlannedJob>();
  const plannedAt = new Map<string, number>();
  for (const trial of await trialsIn(workDir)) {
    const folder = join(workDir, 'trials', trial);
    for (const name of await namesIn(folder)) {
      if (!/^plan-.*\.json$/.test(name)) continue;
      const path = join(folder, name);
      const at = (await lstat(path).catch(() => null))?.mtimeMs ?? 0;
      plannedAt.set(trial, Math.max(at, plannedAt.get(trial) ?? 0));
      for (const { key, component, id } of await jobsIn(path)) {
        if (key === null) continue;
        const known = jobs.get(key);
        if (!known) jobs.set(key, { component, job: id, plans: [trial] });
        else if (!known.plans.includes(trial)) known.plans.push(trial);
      }
    }
  }
  return { jobs, plannedAt };
}

/** Jobs of a plan; none where another program is just removing the trial's folder. */
async function jobsIn(path: string) {
  try {
    return jobsOf(JSON.parse(await readFile(path, 'utf8')) as Plan);
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

async function trialsIn(workDir: string): Promise<string[]> {
  return (await namesIn(join(workDir, 'trials'))).sort();
}

async function linksBelow(folder: string, depth: number): Promise<{ path: string; target: string; at: number }[]> {
  const found = [];
  for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && depth > 1) found.push(...(await linksBelow(path, depth - 1)));
    if (!entry.isSymbolicLink()) continue;
    const target = await readlink(path).catch(() => null);
    const at = (await lstat(path).catch(() => null))?.mtimeMs ?? 0;
    if (target !== null) found.push({ path, target, at });
  }
  return found;
}

async function namesIn(folder: string): Promise<string[]> {
  return await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return [];
    throw error;
  });
}
