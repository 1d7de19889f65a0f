// Where a run that goes on stands now: from its files, and from the server where that knows more.
import { open } from 'node:fs/promises';
import { readRecord, supervisorFiles } from '../../activities/runtime/supervisor-files.ts';
import type { StudyTable } from '../../plan/protocol.ts';
import { runFolders } from '../../report/collect/job-runs.ts';
import { readSeries } from '../../report/collect/series.ts';
import { thin } from '../../report/collect/thin.ts';
import { type JobRecord, jobRecords, jobTitle, readTrialRecord } from '../../report/collect/trial-record.ts';
import { type JobLook, lookAtJob } from '../record/runs/job-look.ts';
import type { RunningActivity } from '../snapshot.ts';
import { isOver, nameOf } from './list-query.ts';
import type { Look, SeenRun } from './runs.ts';

const MOST_JOBS = 8;
const MOST_TRIALS = 12;
const MOST_POINTS = 300;
const TAIL_BYTES = 16 * 1024;

/** What the server says of one run. */
export interface Said {
  /** Why it failed, or what it waits for. */
  message: string | null;
  activities: readonly RunningActivity[];
  /** Where its files are, on whatever machine; null: it does not tell. */
  workDir: string | null;
  /** Of a study that runs: what it has found so far. */
  table?: StudyTable | null;
}

export interface RunNow {
  run: SeenRun;
  ended: boolean;
  message: string | null;
  /** Of a trial: those that run, wait or came to grief. */
  jobs: JobNow[];
  /** Of a sweep or study: those that run, and what their job does. */
  trials: { run: SeenRun; job: JobNow | null }[];
  curve: Curve | null;
}

export interface JobNow {
  job: string;
  component: string;
  state: JobLook['state'];
  phase: string | null;
  step: number | null;
  total: number | null;
  unit: string;
  loss: number | null;
  /** Steps a second. */
  speed: number | null;
  /** Seconds. */
  eta: number | null;
  /** How often it was begun, and how often its program was started in all. */
  runs: number;
  segments: number;
  /** As the server counts; null: it does not tell. */
  attempt: number | null;
}

/** What the job that runs told of its first metric, by step. */
export interface Curve {
  job: string;
  metric: string;
  points: [number, number | null][];
}

/** One look at a run. `said`: what the server says of it, where one answers. */
export async function runNow(look: Look, run: SeenRun, said: Said | null): Promise<RunNow> {
  const known = { run, ended: isOver(run.state), message: said?.message ?? null, trials: [], jobs: [], curve: null };
  if (run.kind !== 'trial') return { ...known, trials: await trialsNow(look, run) };
  if (run.workDir === null) return { ...known, jobs: (said?.activities ?? []).flatMap(jobOfServer) };
  const found = await jobsNow(run.workDir, run.id, said?.activities ?? []);
  return { ...known, ...found };
}

async function trialsNow(look: Look, parent: SeenRun): Promise<RunNow['trials']> {
  const name = nameOf(parent);
  const own = look.runs.filter(run => run.parent !== null && `${run.place}/${run.parent}` === name);
  const busy = own.filter(({ state }) => !isOver(state) && state !== 'unfinished').slice(0, MOST_TRIALS);
  return await Promise.all(
    busy.map(async run => {
      const found = run.workDir === null ? null : await jobsNow(run.workDir, run.id, []);
      return { run, job: found?.jobs.find(({ state }) => state === 'running') ?? found?.jobs[0] ?? null };
    }),
  );
}

async function jobsNow(
  workDir: string,
  id: string,
  activities: readonly RunningActivity[],
): Promise<{ jobs: JobNow[]; curve: Curve | null }> {
  const record = await readTrialRecord(workDir, id);
  if (!record) return { jobs: [], curve: null };
  const last = await jobRecords({ ...record, plans: record.plans.slice(-1) });
  const looks = await Promise.all(last.map(async each => ({ each, look: await lookAtJob(each.dir) })));
  const shown = looks.filter(({ look }) => !['done', 'pending'].includes(look.state)).slice(0, MOST_JOBS);
  const jobs = await Promise.all(shown.map(({ each, look }) => jobNow(each, look, record.plans.length, activities)));
  const telling = shown.find(({ look }) => look.state === 'running') ?? shown.at(-1);
  return { jobs, curve: telling ? await curveOf(telling.each) : null };
}

async function jobNow(
  each: JobRecord,
  look: JobLook,
  iterations: number,
  activities: readonly RunningActivity[],
): Promise<JobNow> {
  const newest = (await runFolders(each.dir)).at(-1);
  const files = newest && supervisorFiles(newest.path);
  const told = files ? await lastTold(files.metrics) : {};
  const segments = files ? await readRecord<unknown[]>(files.segments) : null;
  const activity = activities.find(({ progress }) => progress?.job === each.job.id) ?? null;
  const progress = activity?.progress ?? null;
  const goesOn = look.state === 'running';
  const number = (name: string) => (typeof told[name] === 'number' ? (told[name] as number) : null);
  return {
    job: jobTitle(each, iterations),
    component: each.job.component,
    state: look.state,
    phase: progress?.phase ?? null,
    step: number('step') ?? progress?.step ?? null,
    total: number('total') ?? progress?.total ?? null,
    unit: progress?.unit ?? 'step',
    loss: number('loss') ?? progress?.loss ?? null,
    // Of one that does not go on they are of another time.
    speed: goesOn ? (number('speed') ?? progress?.speed ?? null) : null,
    eta: goesOn ? (number('eta') ?? progress?.eta ?? null) : null,
    runs: newest?.epoch ?? 0,
    segments: Array.isArray(segments) ? segments.length : 0,
    attempt: activity?.attempt ?? null,
  };
}

/** Where no files are, what an activity told. */
function jobOfServer({ type, attempt, progress }: RunningActivity): JobNow[] {
  if (!progress) return [];
  const { job, phase, step, total, unit, loss, speed, eta, segment } = progress;
  return [
    {
      job,
      component: type,
      state: 'running',
      phase: phase ?? null,
      step: step ?? null,
      total: total ?? null,
      unit: unit ?? 'step',
      loss: loss ?? null,
      speed: speed ?? null,
      eta: eta ?? null,
      runs: 1,
      segments: segment ?? 0,
      attempt,
    },
  ];
}

/** Everything that the last lines of a metrics.jsonl tell, the newest value of each. */
async function lastTold(path: string): Promise<Record<string, unknown>> {
  const told: Record<string, unknown> = {};
  for (const line of (await tail(path)).split('\n')) {
    try {
      Object.assign(told, JSON.parse(line));
    } catch {
      // The first one is cut, the last one may be half-written.
    }
  }
  return told;
}

async function tail(path: string): Promise<string> {
  const file = await open(path).catch(() => null);
  if (!file) return '';
  try {
    const { size } = await file.stat();
    const length = Math.min(size, TAIL_BYTES);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, size - length);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await file.close();
  }
}

/** The loss of a job's program, else what it tells first; null: it tells nothing over steps. */
async function curveOf({ dir, job }: JobRecord): Promise<Curve | null> {
  const newest = (await runFolders(dir)).at(-1);
  if (!newest) return null;
  const series = await readSeries(supervisorFiles(newest.path).metrics);
  const metric = series.has('loss') ? 'loss' : [...series.keys()][0];
  if (metric === undefined) return null;
  const points = series
    .get(metric)!
    .flatMap(({ step, value }): [number, number | null][] =>
      step === null ? [] : [[step, Number.isFinite(value) ? value : null]],
    );
  return points.length === 0 ? null : { job: job.metaName, metric, points: thin(points, MOST_POINTS) };
}
