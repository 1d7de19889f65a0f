// Work_dirs with runs in them, as workers leave them: for what reads files and asks no server.
import { mkdirSync, mkdtempSync, realpathSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Manifest } from '../../plan/manifest.ts';
import type { JsonObject, PlanJob, StageName } from '../../plan/plan.ts';
import type { Decision, SweepSpec } from '../../plan/sweep/types.ts';

/** 2026-05-04, 10:00 UTC, in milliseconds since the epoch. */
export const START = Date.UTC(2026, 4, 4, 10);

export interface JobOnDisk {
  metaName: string;
  component?: string;
  stage?: StageName;
  /** Default: made from the trial's id and the job's name. */
  key?: string;
  /** Null: it has no manifest. */
  metrics?: Record<string, number> | null;
  config?: { dj_configs: JsonObject | null; extra_configs: JsonObject | null };
  outputs?: string[];
  /** Paths in the job's folder → what is in them. */
  files?: Record<string, string | Uint8Array>;
  /** Paths in the job's folder that the manifest gives as results. */
  results?: string[];
}

export interface TrialOnDisk {
  jobs: JobOnDisk[];
  project?: string;
  experiment?: string;
  iteration?: number;
  /** Writes context.json: the iteration has ended. */
  context?: JsonObject | null;
  plan?: JsonObject;
  /** When its plan was written, in milliseconds since the epoch. */
  at?: number;
}

/** A folder with an empty work_dir in it, and what removes it. */
export function newWorkDir(): { folder: string; workDir: string; remove: () => void } {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'dj-runs-')));
  const workDir = join(folder, 'outputs', 'one');
  mkdirSync(join(workDir, 'trials'), { recursive: true });
  return { folder, workDir, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Writes a file and the folders above it; `at`: when it is said to have been written. */
export function put(path: string, content: string | Uint8Array, at?: number): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  if (at !== undefined) utimesSync(path, at / 1000, at / 1000);
}

export const keyOf = (trial: string, metaName: string): string =>
  Buffer.from(`${trial} ${metaName}`).toString('hex').slice(0, 40);

/** Writes a trial; `name`: of its folder. */
export function putTrial(workDir: string, name: string, trial: TrialOnDisk): void {
  const { project = 'clips', experiment = 'try', iteration = 1, at = START } = trial;
  const jobs = trial.jobs.map((job, i) => putJob(workDir, name, job, i + 1));
  const stages = [...new Set(jobs.map(({ stage }) => stage))].map(stage => ({
    name: stage,
    jobs: jobs.filter(job => job.stage === stage),
  }));
  const plan = {
    version: 1,
    projectName: project,
    experimentName: experiment,
    workDir,
    baseDir: workDir,
    maxIterNum: 1,
    iterTargets: [],
    iterTargetsMode: 'all',
    iterUpdater: [],
    iteration,
    notes: [],
    sources: [],
    pipelines: [{ name: 'anonymous', stages }],
    ...trial.plan,
  };
  const dir = join(workDir, 'trials', name);
  put(join(dir, `plan-${iteration}.json`), JSON.stringify(plan), at);
  const context = { iteration, context: trial.context };
  if (trial.context) put(join(dir, 'context.json'), JSON.stringify(context), at + 90_000);
}

function putJob(workDir: string, trial: string, job: JobOnDisk, n: number): PlanJob {
  const { metaName, component = 'execute.command', stage = 'execution', metrics = {}, files = {} } = job;
  const key = job.key ?? keyOf(trial, metaName);
  const dir = join(workDir, 'jobs', key);
  for (const [path, content] of Object.entries(files)) put(join(dir, path), content);
  const config = job.config ?? { dj_configs: null, extra_configs: null };
  if (metrics !== null) {
    const manifest: Manifest = {
      version: 1,
      key,
      component,
      componentVersion: 1,
      hook: 'GeneralDataExecutorHook',
      epoch: 1,
      trial,
      job: `anonymous.${n}-${metaName}`,
      host: 'vm',
      startedAt: new Date(START + n * 10_000).toISOString(),
      finishedAt: new Date(START + n * 10_000 + 8_000).toISOString(),
      seconds: 8,
      config,
      producers: [],
      results: (job.results ?? []).map(path => ({ kind: 'path', path })),
      writes: {},
      metrics,
      provides: {},
      files: Object.entries(files).map(([path, content]) => ({ path, bytes: Buffer.byteLength(content), sha256: '' })),
      versions: {},
      devices: [],
      notes: [],
    };
    put(join(dir, 'manifest.json'), JSON.stringify(manifest), START + n * 10_000 + 8_000);
  }
  return {
    id: `anonymous.${n}-${metaName}`,
    pipeline: 'anonymous',
    stage,
    n,
    hook: 'GeneralDataExecutorHook',
    metaName,
    type: null,
    component,
    componentVersion: 1,
    resources: { tag: 'cpu', gpus: 0 },
    claims: false,
    cache: true,
    onFailure: 'fail',
    config,
    inputs: [],
    edges: [],
    needs: [],
    reads: [],
    writes: [],
    outputs: job.outputs ?? [],
    overrides: [],
    parts: null,
    key,
  };
}

const SPEC: SweepSpec = {
  name: 'quality',
  description: null,
  sampler: 'random',
  metrics: [{ name: 'score.quality', goal: 'maximize', target: null, impute: null }],
  space: [{ name: 'text_length_filter.min_len', distribution: { kind: 'int_uniform', min: 1, max: 100 } }],
  earlyTerminate: null,
  budget: { runCap: 3, maxHours: null, patience: null, maxFailures: null },
  concurrency: 2,
  seed: 7,
  priority: 3,
  weight: 1,
};

/** Writes a sweep's ledger: an objective a trial, null for one that failed, undefined for one that has not ended. `closed`: how it ended. */
export function putSweep(
  workDir: string,
  id: string,
  objectives: readonly (number | null | undefined)[],
  closed: 'done' | 'stopped' | 'failed' | null = 'done',
): void {
  let seq = 0;
  const at = () => ({ seq: ++seq, t: new Date(START + seq * 1000).toISOString() });
  const decisions: Decision[] = [{ ...at(), kind: 'open', sweep: id, runId: 'r', spec: SPEC, rungs: null }];
  objectives.forEach((value, i) => {
    const point = { 'text_length_filter.min_len': 10 * (i + 1) };
    decisions.push({ ...at(), kind: 'suggest', trial: i + 1, point, by: 'random', seed: i, reason: 'a random point' });
    const status = value === null ? ('failed' as const) : ('done' as const);
    const told = { steps: 60, gpuSeconds: 75, reused: 2, why: value === null ? 'out of memory' : null };
    if (value !== undefined)
      decisions.push({ ...at(), kind: 'end', trial: i + 1, status, objectives: [value], ...told });
  });
  if (closed) decisions.push({ ...at(), kind: 'close', state: closed, reason: 'all trials of the budget have ended' });
  put(join(workDir, 'sweeps', id, 'decisions.jsonl'), decisions.map(one => `${JSON.stringify(one)}\n`).join(''));
}
