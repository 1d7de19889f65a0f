// What a trial left in its work_dir, for when no server is there to ask, and for what only the disk knows.
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { jobDir, readManifest } from '../../activities/runtime/job-dir.ts';
import { safeName } from '../../activities/runtime/safe-name.ts';
import type { Manifest } from '../../plan/manifest.ts';
import { jobsOf, type Plan, type PlanJob } from '../../plan/plan.ts';

export interface TrialRecord {
  id: string;
  /** Where it was found: a work_dir that was moved has its jobs there, not where the plan says. */
  workDir: string;
  /** `<work_dir>/trials/<trial>`. */
  dir: string;
  /** Of each iteration the plan that was written last, by iteration; never empty. */
  plans: PlanRecord[];
  /** What could not be read, in sentences. */
  lacking: string[];
}

export interface PlanRecord {
  plan: Plan;
  path: string;
  /** Milliseconds since the epoch. */
  writtenAt: number;
}

/** A job of a trial, as far as the disk knows it. */
export interface JobRecord {
  job: PlanJob;
  iteration: number;
  key: string | null;
  /** `<work_dir>/jobs/<key>`, whether it is there or not. */
  dir: string;
  /** Null: it is not done. */
  manifest: Manifest | null;
  /** Why its manifest could not be read; null where it could, or there is none. */
  damaged: string | null;
}

/** Reads the plans of a trial; null where the work_dir has none of that id. */
export async function readTrialRecord(workDir: string, id: string): Promise<TrialRecord | null> {
  const dir = join(workDir, 'trials', safeName(id));
  const names = (await readdir(dir).catch(() => [] as string[])).filter(name =>
    /^plan-\d+(-[0-9a-f]+)?\.json$/.test(name),
  );
  const newest = new Map<number, PlanRecord>();
  const lacking: string[] = [];
  for (const name of names) {
    const read = await readPlanRecord(join(dir, name));
    if (typeof read === 'string') {
      lacking.push(read);
      continue;
    }
    const before = newest.get(read.plan.iteration);
    if (!before || before.writtenAt < read.writtenAt) newest.set(read.plan.iteration, read);
  }
  const plans = [...newest.values()].sort((a, b) => a.plan.iteration - b.plan.iteration);
  return plans.length === 0 ? null : { id, workDir, dir, plans, lacking };
}

async function readPlanRecord(path: string): Promise<PlanRecord | string> {
  try {
    const plan = JSON.parse(await readFile(path, 'utf8')) as Plan;
    if (!Array.isArray(plan.pipelines)) throw new Error('it has no pipelines');
    return { plan, path, writtenAt: (await stat(path)).mtimeMs };
  } catch (error) {
    return `${path} cannot be read (${error instanceof Error ? error.message : String(error)})`;
  }
}

/** The jobs of all iterations of a trial; of a job that an earlier iteration has under the same key only that one. */
export async function jobRecords({ workDir, plans }: TrialRecord): Promise<JobRecord[]> {
  const records: JobRecord[] = [];
  const seen = new Set<string>();
  for (const { plan } of plans)
    for (const job of jobsOf(plan)) {
      if (job.key !== null && seen.has(`${job.id} ${job.key}`)) continue;
      seen.add(`${job.id} ${job.key}`);
      records.push(await jobRecord(workDir, plan.iteration, job));
    }
  return records;
}

async function jobRecord(workDir: string, iteration: number, job: PlanJob): Promise<JobRecord> {
  const dir = jobDir(workDir, job.key ?? 'none');
  const known = { job, iteration, key: job.key, dir };
  try {
    return { ...known, manifest: job.key === null ? null : await readManifest(dir), damaged: null };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { ...known, manifest: null, damaged: `its manifest in ${dir} cannot be read (${why})` };
  }
}

/** A job's name for people: its id, and the iteration where there are several. */
export function jobTitle({ job, iteration }: JobRecord, iterations: number): string {
  return iterations > 1 ? `${job.id}, iteration ${iteration}` : job.id;
}

/** Names of the folders in `<work_dir>/<kind>`: ids of trials, sweeps or studies, where they are names as they are. */
export async function idsIn(workDir: string, kind: 'trials' | 'sweeps' | 'studies'): Promise<string[]> {
  return (await readdir(join(workDir, kind)).catch(() => [] as string[])).filter(name => !name.startsWith('.')).sort();
}
