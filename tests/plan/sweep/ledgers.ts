import type { Decision, Metric, SweepSpec, SweepTrial } from '../../../plan/sweep/types.ts';

export const LOSS: Metric = { name: 'train.loss', goal: 'minimize', target: null, impute: null };

export const SPEC: SweepSpec = {
  name: null,
  description: null,
  sampler: 'tpe',
  metrics: [LOSS],
  space: [
    { name: 'op.x', distribution: { kind: 'uniform', min: 0, max: 1 } },
    { name: 'op.n', distribution: { kind: 'int_uniform', min: 1, max: 8 } },
  ],
  earlyTerminate: null,
  budget: { runCap: null, maxHours: null, patience: null, maxFailures: null },
  concurrency: 2,
  seed: 0,
  priority: 3,
  weight: 1,
};

/** A decision without its place and time. */
export type Told = Decision extends infer D ? (D extends Decision ? Omit<D, 'seq' | 't'> : never) : never;

/** Decisions of a run, a second apart, numbered from `first`. */
export function ledger(told: Told[], first = 1): Decision[] {
  return told.map((each, i) => ({
    seq: first + i,
    t: new Date((first + i) * 1_000).toISOString(),
    ...each,
  })) as Decision[];
}

export const OPEN: Told = { kind: 'open', sweep: 's', runId: 'run-1', spec: SPEC, rungs: null };

export function suggested(trial: number, x = trial / 100): Told {
  return {
    kind: 'suggest',
    trial,
    point: { 'op.x': x, 'op.n': 1 + (trial % 8) },
    by: 'tpe',
    seed: 0,
    reason: 'because',
  };
}

export function ended(trial: number, objective: number | null, status: 'done' | 'failed' | 'stopped' = 'done'): Told {
  return { kind: 'end', trial, status, objectives: [objective], why: null, steps: 10, gpuSeconds: 1, reused: 0 };
}

/** A trial that is done, unless said otherwise. */
export function trial(number: number, more: Partial<SweepTrial> = {}): SweepTrial {
  return {
    trial: number,
    point: { 'op.x': number / 100, 'op.n': 1 + (number % 8) },
    status: 'done',
    objectives: [number],
    rungs: [],
    why: null,
    steps: 10,
    gpuSeconds: 1,
    reused: 0,
    startedAt: number * 1_000,
    finishedAt: number * 1_000 + 500,
    ...more,
  };
}
