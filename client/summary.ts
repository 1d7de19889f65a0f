// What came of a trial, from its plan and the manifests of its jobs: driven by stages and metrics, never by a component's name.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { jobDir, manifestPath, readManifest } from '../activities/runtime/job-dir.ts';
import type { Manifest } from '../plan/manifest.ts';
import { jobsOf, type Plan, type PlanJob } from '../plan/plan.ts';
import type { DoneJob } from '../report/collect/done-job.ts';
import { type ScoreTable, scoreTables } from '../report/collect/scores.ts';
import { type DataChange, dataChange } from '../report/collect/stats-change.ts';
import { type Snapshot, stateOf } from './snapshot.ts';

export interface Summary {
  id: string;
  state: string;
  seconds: number;
  iterations: number;
  counts: { run: number; reused: number; skipped: number } | null;
  targetsMet: boolean | null;
  trialDir: string | null;
  data: DataChange | null;
  /** Mean loss of the first and of the last steps of each training. */
  losses: { job: string; first: number; last: number; steps: number | null }[];
  scores: ScoreTable[];
  results: { label: string; path: string }[];
  /** What the jobs want known of their results. */
  notes: string[];
}

const MOST_NOTES = 4;

/** Reads what a trial left on disk; where its disk cannot be seen from here, what the workflow returned. */
export async function readSummary(snapshot: Snapshot): Promise<Summary> {
  const { progress, result } = snapshot;
  const { done, damaged } = await doneJobs(snapshot);
  return {
    id: snapshot.id,
    state: stateOf(snapshot),
    seconds: ((snapshot.closedAt ?? snapshot.now) - snapshot.startedAt) / 1000,
    iterations: result?.iterations ?? progress?.iteration ?? 1,
    counts: result?.jobs ?? null,
    targetsMet: result?.targetsMet ?? null,
    trialDir: progress?.trialDir || result?.trialDir || null,
    data: dataChange(done),
    losses: done.flatMap(lossOf),
    scores: scoreTables(done),
    results: done.flatMap(resultsOf),
    notes: [...done.flatMap(notesOf), ...damaged],
  };
}

async function doneJobs({ progress }: Snapshot): Promise<{ done: DoneJob[]; damaged: string[] }> {
  const text = progress?.plan ? await readFile(progress.plan.path, 'utf8').catch(() => null) : null;
  if (!progress || text === null) return { done: [], damaged: [] };
  const statuses = new Map(progress.jobs.map(job => [job.id, job.state]));
  const done: DoneJob[] = [];
  const damaged: string[] = [];
  const plan = JSON.parse(text) as Plan;
  for (const job of jobsOf(plan)) {
    const state = statuses.get(job.id);
    if ((state !== 'done' && state !== 'reused') || job.key === null) continue;
    const dir = jobDir(plan.workDir, job.key);
    try {
      const manifest = await readManifest(dir);
      if (manifest) done.push({ job, manifest, dir, reused: state === 'reused' });
    } catch {
      damaged.push(`${manifestPath(dir)} is damaged: ${job.id} is not in this summary`);
    }
  }
  return { done, damaged };
}

/** A job's notes; of one that has many the first, and where the others are. */
function notesOf({ job, manifest, dir }: DoneJob): string[] {
  const { notes } = manifest;
  const shown = notes.length > MOST_NOTES ? notes.slice(0, MOST_NOTES - 1) : notes;
  const lines = shown.map(note => `${titleOf(job)}: ${note}`);
  const more = notes.length - shown.length;
  return more > 0 ? [...lines, `${titleOf(job)}: ${more} more notes in ${manifestPath(dir)}`] : lines;
}

/** Where the config has a result: the path that it names, or one inside a folder that it names. */
function namedPath(job: PlanJob, manifest: Manifest, path: string): string | undefined {
  for (const { at, named } of job.writes) {
    const made = manifest.writes[at];
    if (path === made) return named;
    if (made !== undefined && path.startsWith(`${made}/`)) return join(named, path.slice(made.length + 1));
  }
  return undefined;
}

/** What trainings say of their loss: the same two metrics, whatever trained. */
function lossOf({ job, manifest }: DoneJob): Summary['losses'] {
  const { first_loss: first, last_loss: last, steps } = manifest.metrics;
  if (first === undefined || last === undefined) return [];
  return [{ job: titleOf(job), first, last, steps: steps ?? null }];
}

/** Path results that are there, at the path that the config names where that is theirs. */
function resultsOf({ job, manifest, dir }: DoneJob): Summary['results'] {
  return manifest.results.flatMap((result, i) => {
    if (result.kind !== 'path') return [];
    const named = namedPath(job, manifest, result.path);
    const path = named && existsSync(named) ? named : join(dir, result.path);
    if (!existsSync(path)) return [];
    const output = job.outputs[i];
    return [{ label: output && output !== `res_${i}` ? `${titleOf(job)}.${output}` : titleOf(job), path }];
  });
}

function titleOf(job: PlanJob): string {
  return job.metaName === 'anonymous_meta_name' ? job.component : job.metaName;
}
