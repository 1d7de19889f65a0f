// Sweeps at moments worth looking at, as the CLI sees them.
import type { RunningTrial, SweepSnapshot } from '../../../client/sweep/sweep-snapshot.ts';
import type { Leaderboard } from '../../../plan/protocol.ts';
import type { Decision, SweepSpec, SweepTrial } from '../../../plan/sweep/types.ts';

export const START = Date.UTC(2025, 5, 11, 14, 0, 0);
export const PARAMETERS = ['text_length_filter.min_len', 'before.extra_configs.k'];

export function trial(n: number, more: Partial<SweepTrial> = {}): SweepTrial {
  return {
    trial: n,
    point: { 'text_length_filter.min_len': 10 * n, 'before.extra_configs.k': 1.5 },
    status: 'done',
    objectives: [n / 10],
    rungs: [],
    why: null,
    steps: 60,
    gpuSeconds: 75,
    reused: 2,
    startedAt: START + n * 1000,
    finishedAt: START + n * 1000 + 60_000,
    ...more,
  };
}

export const SPEC: SweepSpec = {
  name: 'quality',
  description: null,
  sampler: 'tpe',
  metrics: [{ name: 'score.quality', goal: 'maximize', target: null, impute: null }],
  space: [
    { name: PARAMETERS[0]!, distribution: { kind: 'int_uniform', min: 1, max: 100 } },
    { name: PARAMETERS[1]!, distribution: { kind: 'uniform', min: 1, max: 3 } },
  ],
  earlyTerminate: { type: 'asha', eta: 3, r: 20, R: 60, metric: { name: 'loss', goal: 'minimize' } },
  budget: { runCap: 12, maxHours: null, patience: null, maxFailures: null },
  concurrency: 2,
  seed: 7,
  priority: 3,
  weight: 1,
};

/** A leaderboard in its order: two done, one that runs, one that waits at a rung, one stopped, one failed. */
export const TRIALS: SweepTrial[] = [
  trial(3, { objectives: [0.8123] }),
  trial(1, { objectives: [0.5], gpuSeconds: 0, reused: 0 }),
  trial(6, { status: 'running', objectives: [null], steps: null, gpuSeconds: 0, reused: 0, finishedAt: null }),
  trial(5, {
    status: 'waiting',
    objectives: [null],
    steps: null,
    rungs: [{ step: 20, value: 0.91 }],
    reused: 0,
    finishedAt: null,
  }),
  trial(4, { status: 'stopped', objectives: [null], steps: 20, why: 'not among the best of rung 1' }),
  trial(2, { status: 'failed', objectives: [null], steps: null, why: 'it ran out of memory, "twice"' }),
];

export function board(more: Partial<Leaderboard> = {}): Leaderboard {
  const { space, ...spec } = SPEC;
  return {
    sweep: 'my-sweep',
    state: 'running',
    project: 'text-to-video',
    experiment: 'demo',
    workDir: '/data/outputs/demo',
    dir: '/data/outputs/demo/sweeps/my-sweep',
    spec: { ...spec, parameters: space.map(({ name }) => name) },
    counts: { begun: 6, running: 1, waiting: 1, done: 2, failed: 1, stopped: 1 },
    trials: TRIALS,
    message: null,
    ledger: { path: '/data/outputs/demo/sweeps/my-sweep/decisions.jsonl', bytes: 0, lines: 0, sha256: '' },
    startedAt: START,
    finishedAt: null,
    notes: [],
    ...more,
  };
}

export const RUNNING: RunningTrial = {
  trial: TRIALS[2]!,
  activity: {
    type: 'train.easyanimate',
    attempt: 2,
    started: true,
    progress: {
      job: 'anonymous.4-train',
      phase: 'training',
      step: 12,
      total: 60,
      unit: 'step',
      loss: 0.91234,
      eta: 41,
      speed: 3.21,
    },
    lastFailure: null,
  },
};

let seq = 0;
const at = (seconds: number) => ({ seq: ++seq, t: new Date(START + seconds * 1000).toISOString() });

export const DECISIONS: Decision[] = [
  { ...at(0), kind: 'open', sweep: 'my-sweep', runId: 'r', spec: SPEC, rungs: null },
  { ...at(1), kind: 'suggest', trial: 1, point: trial(1).point, by: 'tpe', seed: 7, reason: 'a random point' },
  { ...at(30), kind: 'rung', trial: 1, rung: 0, step: 20, value: 0.91 },
  { ...at(31), kind: 'promote', trial: 1, rung: 0, reason: '1st of 3' },
  { ...at(40), kind: 'steer', steer: { kind: 'setBudget', budget: { runCap: 20, patience: null } } },
  { ...at(41), kind: 'stop', trial: 2, reason: 'stopped by hand' },
  {
    ...at(60),
    kind: 'end',
    trial: 1,
    status: 'done',
    objectives: [0.5],
    why: null,
    steps: 60,
    gpuSeconds: 75,
    reused: 2,
  },
  {
    ...at(61),
    kind: 'end',
    trial: 2,
    status: 'failed',
    objectives: [null],
    why: 'it ran out of memory',
    steps: null,
    gpuSeconds: 0,
    reused: 0,
  },
];

export function sweepSnapshot(more: Partial<SweepSnapshot> = {}): SweepSnapshot {
  return {
    id: 'my-sweep',
    ui: 'http://127.0.0.1:8233/namespaces/default/workflows/my-sweep',
    status: 'RUNNING',
    startedAt: START,
    closedAt: null,
    board: board(),
    decisions: DECISIONS,
    running: [RUNNING],
    result: null,
    failure: null,
    waitingFor: null,
    trouble: null,
    now: START + 62_000,
    ...more,
  };
}
