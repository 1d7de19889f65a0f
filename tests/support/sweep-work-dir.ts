// A work_dir with a sweep in it as workers leave it: the ledger is what the sweep really decides, its trials are played by a clock.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { safeName } from '../../activities/runtime/safe-name.ts';
import type { RungPlan } from '../../plan/protocol.ts';
import { rungSteps, waitsAtRungs } from '../../plan/sweep/early-termination.ts';
import { Sweep } from '../../plan/sweep/sweep.ts';
import type { Decision, Point, SweepSpec } from '../../plan/sweep/types.ts';
import { opened, sweepSpec } from './sweeps.ts';

export interface SweepToMake {
  id?: string;
  /** In every plan. */
  project?: string;
  trials?: number;
  concurrency?: number;
  /** Of a whole training, with a line of the log for each. */
  steps?: number;
  /** Trials stop at the first of these and the best third goes on; a `spec` that ends trials early in another way has its own. */
  rungs?: number[];
  /** How many hosts with one GPU each; 0: none. */
  gpus?: number;
  /** A trial of these numbers fails in its training. */
  failing?: number[];
  /** What the log says instead of a loss, by trial and step; undefined: the loss. */
  logged?: (trial: number, step: number) => string | undefined;
  spec?: Partial<SweepSpec>;
  /** Names of videos that are made with the model as it was, and with what was trained. */
  videos?: string[];
  /** Further objectives of a trial that is done. */
  metrics?: (point: Point) => Record<string, number>;
}

/** 2026-01-01. */
export const SWEEP_START = Date.UTC(2026, 0, 1);
const SECONDS_PER_STEP = 0.05;

/** Where a trial is: what it has trained, and what it made. */
interface Playing {
  point: Point;
  /** Seconds since the start at which its next word comes, and what that is; null: it waits. */
  next: { at: number; does: 'rung' | 'end' } | null;
  step: number;
  segments: { from: number; to: number; step: number; furthest: number; why: string }[];
  gpu: number;
}

/** Writes the sweep and returns its decisions. */
export function makeSweepWorkDir(workDir: string, options: SweepToMake = {}): Decision[] {
  const { id = 'sweep', trials = 12, concurrency = 4, steps = 60, rungs = [20], gpus = 1, failing = [] } = options;
  const early = options.spec?.earlyTerminate;
  const plan: RungPlan | null =
    early || rungs.length > 0
      ? {
          metric: 'train.loss',
          goal: 'minimize',
          steps: early ? rungSteps(early) : rungs,
          waits: early ? waitsAtRungs(early) : true,
        }
      : null;
  const spec = sweepSpec({
    metrics: [{ name: 'quality.score', goal: 'maximize', target: null, impute: null }],
    space: [
      { name: 'text_length_filter.min_len', distribution: { kind: 'categorical', values: [10, 20, 40] } },
      { name: 'train.extra_configs.optimizer', distribution: { kind: 'categorical', values: ['adam', 'sgd'] } },
      { name: 'train.extra_configs.lr', distribution: { kind: 'log_uniform_values', min: 1e-5, max: 1e-1 } },
      { name: 'train.extra_configs.width', distribution: { kind: 'int_uniform', min: 16, max: 256 } },
    ],
    ...(plan && { earlyTerminate: { type: 'asha' as const, eta: 3, r: rungs[0]!, R: steps, metric: null } }),
    budget: { runCap: trials, maxHours: null, patience: null, maxFailures: null },
    concurrency,
    ...options.spec,
  });
  const sweep = Sweep.open(id, 'run', opened(spec, plan), SWEEP_START);
  const playing = new Map<number, Playing>();
  const tellAfter = (one: Playing, number: number, now: number) => {
    const until = Math.min(steps, plan?.steps.find(step => step > one.step) ?? steps);
    const going = one.segments.at(-1);
    const isStretch = going !== undefined && plan?.waits === false;
    const took = (isStretch ? 0 : 2) + (until - one.step) * SECONDS_PER_STEP * (1 + (number % 3) / 10);
    const why = until < steps ? 'held' : 'exited';
    // Where trials do not wait at rungs their program goes on.
    if (isStretch) Object.assign(going, { to: now + took, furthest: until, why });
    else one.segments.push({ from: now, to: now + took, step: one.step, furthest: until, why });
    one.step = until;
    one.next = { at: now + took, does: until < steps ? 'rung' : 'end' };
  };
  /** Trials that told at a rung and do not wait there. */
  const going: number[] = [];
  for (let now = 0; ; ) {
    for (let action = sweep.next(SWEEP_START + now * 1000); action; action = sweep.next(SWEEP_START + now * 1000)) {
      if (action.do === 'close') break;
      if (action.do === 'begin') {
        const one: Playing = {
          point: action.point,
          next: null,
          step: 0,
          segments: [],
          gpu: action.trial % Math.max(1, gpus),
        };
        playing.set(action.trial, one);
        tellAfter(one, action.trial, now + 1);
      } else if (action.do === 'promote') tellAfter(playing.get(action.trial)!, action.trial, now);
      else if (action.do === 'tell' && action.signal === 'stop') {
        const one = playing.get(action.trial)!;
        one.next = null;
        cutShort(one, now, plan);
        sweep.trialEnded(action.trial, { ...ended(one, gpus), status: 'stopped' }, SWEEP_START + now * 1000);
      }
    }
    for (const number of going.splice(0)) {
      const one = playing.get(number)!;
      if (sweep.memory.open.some(({ trial }) => trial === number)) tellAfter(one, number, now);
    }
    if (sweep.memory.ending && sweep.memory.open.length === 0) break;
    const [number, one] =
      [...playing].filter(([, { next }]) => next).sort((a, b) => a[1].next!.at - b[1].next!.at)[0] ?? [];
    if (number === undefined || !one) break;
    now = Math.max(now, one.next!.at);
    const does = failing.includes(number) ? 'fail' : one.next!.does;
    one.next = null;
    const time = SWEEP_START + now * 1000;
    if (does === 'rung') {
      if (!plan!.waits) going.push(number);
      sweep.rungTold(
        {
          kind: 'rung',
          trial: number,
          rung: plan!.steps.indexOf(one.step),
          step: one.step,
          value: lossAt(one.point, one.step, steps),
        },
        time,
      );
    } else if (does === 'fail')
      sweep.trialEnded(number, { ...ended(one, gpus), status: 'failed', why: 'CUDA out of memory' }, time);
    else {
      const metrics = { 'quality.score': scoreOf(one.point), ...options.metrics?.(one.point) };
      sweep.trialEnded(number, { ...ended(one, gpus), status: 'done', metrics }, time);
    }
  }
  const decisions = sweep.memory.unsaved;
  const folder = join(workDir, 'sweeps', safeName(id));
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'decisions.jsonl'), decisions.map(each => `${JSON.stringify(each)}\n`).join(''));
  const finished = new Set(
    decisions.flatMap(each => (each.kind === 'end' && each.status === 'done' ? [each.trial] : [])),
  );
  for (const [number, one] of playing)
    writeTrial(workDir, { id, number, one, isDone: finished.has(number), steps, options });
  return decisions;
}

/** What is stopped between two rungs has trained as far as its time went. */
function cutShort(one: Playing, now: number, plan: RungPlan | null): void {
  const last = one.segments.at(-1);
  if (!last || last.to <= now) return;
  const reached = plan?.steps.findLast(step => step < one.step) ?? 0;
  const share = Math.max(0, (now - last.from) / (last.to - last.from));
  one.step = Math.max(reached, Math.floor(last.step + share * (last.furthest - last.step)));
  Object.assign(last, { to: now, furthest: one.step, why: 'stopped' });
}

const ended = ({ segments, step }: Playing, gpus: number) => ({
  why: null,
  metrics: {},
  steps: step,
  gpuSeconds: gpus > 0 ? segments.reduce((sum, { from, to }) => sum + to - from, 0) : 0,
  reused: 0,
});

const number = (value: unknown) => (typeof value === 'number' ? value : 0);

/** Best at a learning rate of 0.003, with adam and long texts. */
function scoreOf(point: Point): number {
  const lr = Math.log10(number(point['train.extra_configs.lr']) || 1e-3);
  const texts = number(point['text_length_filter.min_len']) / 400;
  return Number(
    (0.9 - 0.08 * (lr + 2.5) ** 2 + texts + (point['train.extra_configs.optimizer'] === 'adam' ? 0.02 : 0)).toFixed(6),
  );
}

function lossAt(point: Point, step: number, steps: number): number {
  return Number(
    ((1 - scoreOf(point)) * (1 + 2 * Math.exp((-6 * step) / steps)) + 0.05 * Math.sin(step * 1.7)).toFixed(5),
  );
}

interface TrialToWrite {
  id: string;
  number: number;
  one: Playing;
  isDone: boolean;
  steps: number;
  options: SweepToMake;
}

function writeTrial(workDir: string, { id, number, one, isDone, steps, options }: TrialToWrite): void {
  const trial = `${id}.trial-${number}`;
  const { point, segments } = one;
  const gpus = options.gpus ?? 1;
  const minLen = point['text_length_filter.min_len'];
  const keys = {
    process: `process-${minLen}`,
    base: 'infer-base',
    train: `train-${number}`,
    infer: `infer-${number}`,
    quality: `quality-${number}`,
  };
  const { videos = [] } = options;
  const generation = (n: number, metaName: string, key: string) =>
    videos.length === 0 ? [] : [{ stage: 'execution', n, metaName, component: 'infer.easyanimate', key, gpus: 0 }];
  const jobs = [
    ...generation(4, 'base', keys.base),
    { stage: 'execution', n: 1, metaName: 'process', component: 'process.data-juicer', key: keys.process, gpus: 0 },
    {
      stage: 'execution',
      n: 2,
      metaName: 'train',
      component: 'train.easyanimate',
      key: keys.train,
      gpus: Math.min(1, gpus),
    },
    ...generation(5, 'infer', keys.infer),
    { stage: 'evaluation', n: 3, metaName: 'quality', component: 'evaluate.video-quality', key: keys.quality, gpus: 0 },
  ].map(({ gpus, ...job }) => ({
    ...job,
    id: `main.${job.n}-${job.metaName}`,
    pipeline: 'main',
    hook: job.metaName === 'train' ? 'TrainModelHook' : 'OtherHook',
    resources: { tag: 'cpu', gpus },
    outputs: [],
    writes: [],
  }));
  const stages = ['execution', 'evaluation'].map(name => ({ name, jobs: jobs.filter(job => job.stage === name) }));
  const folder = join(workDir, 'trials', safeName(trial));
  mkdirSync(folder, { recursive: true });
  const plan = {
    version: 1,
    projectName: options.project ?? 'project',
    experimentName: 'experiment',
    workDir,
    iteration: 1,
    pipelines: [{ name: 'main', stages }],
  };
  writeFileSync(join(folder, 'plan-1.json'), JSON.stringify(plan));
  const first = segments[0]!.from;
  writeManifest(workDir, keys.process, {
    trial,
    component: 'process.data-juicer',
    from: first - 1,
    to: first,
    metrics: { samples_in: 100, samples_out: 80 },
  });
  const program = join(workDir, 'jobs', keys.train, 'epoch-1');
  mkdirSync(program, { recursive: true });
  const records = segments.map(({ from, to, step, furthest, why }, i) => ({
    segment: i + 1,
    epoch: 1,
    from: step === 0 ? null : `checkpoint-${step}`,
    step,
    t: (SWEEP_START + from * 1000) / 1000,
    ended: { why, code: 0, signal: null, furthest, total: steps, t: (SWEEP_START + to * 1000) / 1000 },
  }));
  writeFileSync(join(program, 'segments.json'), JSON.stringify(records));
  const lines = Array.from({ length: one.step }, (_, i) => {
    const step = i + 1;
    const told = options.logged?.(number, step);
    const value = told === undefined ? lossAt(point, step, steps) : told;
    return JSON.stringify({
      t: SWEEP_START / 1000 + first + step * SECONDS_PER_STEP,
      segment: 1,
      step,
      total: steps,
      lr: 0.001,
      loss: value,
      offset: step,
    });
  });
  writeFileSync(join(program, 'metrics.jsonl'), `${lines.join('\n')}\n`);
  if (!isDone) return;
  const last = segments.at(-1)!.to;
  const devices = gpus > 0 ? [`gpu-${one.gpu}`] : [];
  writeManifest(workDir, keys.train, {
    trial,
    component: 'train.easyanimate',
    from: first,
    to: last,
    metrics: { steps: one.step },
    devices,
  });
  if (videos.length > 0) {
    const made = { trial, component: 'infer.easyanimate', from: last, to: last + 1, metrics: {}, videos };
    writeManifest(workDir, keys.base, made);
    writeManifest(workDir, keys.infer, { ...made, producers: [keys.train] });
  }
  writeManifest(workDir, keys.quality, {
    trial,
    component: 'evaluate.video-quality',
    from: last,
    to: last + 1,
    metrics: { score: scoreOf(point) },
  });
}

interface ManifestToWrite {
  trial: string;
  component: string;
  from: number;
  to: number;
  metrics: Record<string, number>;
  devices?: string[];
  producers?: string[];
  videos?: string[];
}

/** The first that writes it has run it, as in a sweep. */
function writeManifest(
  workDir: string,
  key: string,
  { trial, component, from, to, metrics, devices = [], producers = [], videos = [] }: ManifestToWrite,
): void {
  const dir = join(workDir, 'jobs', key);
  mkdirSync(dir, { recursive: true });
  const time = (at: number) => new Date(SWEEP_START + at * 1000).toISOString();
  const manifest = {
    version: 1,
    key,
    component,
    epoch: 1,
    trial,
    host: 'host',
    startedAt: time(from),
    finishedAt: time(to),
    seconds: to - from,
    config: { dj_configs: null, extra_configs: null },
    producers,
    results: videos.length > 0 ? [{ kind: 'path', path: 'epoch-1/out' }] : [],
    writes: {},
    metrics,
    provides: {},
    files: videos.map(name => ({ path: `epoch-1/out/${name}`, bytes: 1, sha256: '' })),
    versions: {},
    devices,
    notes: [],
  };
  try {
    writeFileSync(join(dir, 'manifest.json'), JSON.stringify(manifest), { flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}
