// A sweep as data: what its file says, the points that it tries, what came of them. Everything here is JSON.
import type { Json } from '../plan.ts';
import type { RungPlan } from '../protocol.ts';

/**
 * A distribution as its file gives it, defaults filled in. Bounds of `log_uniform`, `inv_log_uniform` and `q_log_uniform` are exponents of e, as
 * in W&B; those of the `…_values` are the values themselves.
 */
export type Distribution =
  | { kind: 'constant'; value: Json }
  | { kind: 'categorical'; values: Json[] }
  | { kind: 'categorical_w_probabilities'; values: Json[]; probabilities: number[] }
  | { kind: 'int_uniform' | 'uniform'; min: number; max: number }
  | { kind: 'q_uniform'; min: number; max: number; q: number }
  | {
      kind: 'log_uniform' | 'log_uniform_values' | 'inv_log_uniform' | 'inv_log_uniform_values';
      min: number;
      max: number;
    }
  | { kind: 'q_log_uniform' | 'q_log_uniform_values'; min: number; max: number; q: number }
  | { kind: 'normal' | 'log_normal'; mu: number; sigma: number }
  | { kind: 'q_normal' | 'q_log_normal'; mu: number; sigma: number; q: number }
  | { kind: 'beta'; a: number; b: number }
  | { kind: 'q_beta'; a: number; b: number; q: number };

/** One parameter: its name is a path as `--set` takes it, such as `text_length_filter.min_len`. */
export interface Parameter {
  name: string;
  distribution: Distribution;
}

/** All parameters of a sweep, in the order of its file; nested ones by their dotted names. */
export type Space = Parameter[];

/** One value for each parameter of a space, by name: what a trial is given as `set`. */
export type Point = Record<string, Json>;

/** What is to become better: a watcher's name `<meta_name>.<key>`, as TrialResult.metrics has it. */
export interface Metric {
  name: string;
  goal: 'minimize' | 'maximize';
  /** The sweep ends when a trial reaches it. */
  target: number | null;
  /** What a failed trial counts as for the sampler: nothing, the worst or the newest value seen; null: nothing. */
  impute: 'worst' | 'latest' | null;
}

/** When trials are stopped, or paused, before their end. Steps are those of the training log. */
export type EarlyTerminate =
  /** W&B: bands `max_iter / eta^i` for i = 1..s, or `min_iter · eta^i`; who is worse than the best 1/eta at a band is stopped. */
  | {
      type: 'hyperband';
      eta: number;
      s: number | null;
      minIter: number | null;
      maxIter: number | null;
      /** Compares the value at the band instead of the trial's best so far. */
      strict: boolean;
      metric: StepMetric | null;
    }
  /** Stopped where its best so far is worse than the median of the others at that step. */
  | { type: 'median'; every: number; minIter: number; minTrials: number; metric: StepMetric | null }
  /** arXiv 1810.05934 with promotion: trials wait at rungs r·eta^k < R, the best 1/eta of a rung go on. */
  | { type: 'asha'; eta: number; r: number; R: number; metric: StepMetric | null };

/** A metric of the training log: `<meta_name>.<key>` or `<key>` of the first training; null in a spec: what the sweep's own metric names. */
export interface StepMetric {
  name: string;
  goal: 'minimize' | 'maximize';
}

export const SAMPLERS = ['grid', 'random', 'tpe', 'gp', 'cmaes', 'qmc', 'nsga2'] as const;

/** When a sweep ends by itself; null: not by this. */
export interface Budget {
  /** So many trials are begun. */
  runCap: number | null;
  maxHours: number | null;
  /** So many finished trials one after another without a better one. */
  patience: number | null;
  maxFailures: number | null;
}

/** A sweep file, resolved. */
export interface SweepSpec {
  name: string | null;
  description: string | null;
  /** `grid`, `random`, a sampler of Optuna, or `module:Class` of the user's own. `bayes` is read as `tpe`. */
  sampler: string;
  /** The first is the objective; further ones only for samplers of several (`nsga2`). */
  metrics: Metric[];
  space: Space;
  earlyTerminate: EarlyTerminate | null;
  budget: Budget;
  concurrency: number;
  /** 32-bit, not negative. */
  seed: number;
  /** Temporal's: 1 is served first, 5 last. */
  priority: number;
  /** Share of a queue that several sweeps of one priority use. */
  weight: number;
}

/** What a trial told of a rung. */
export interface RungValue {
  trial: number;
  /** Mean over the last steps before the rung; null: no finite number. */
  value: number | null;
  /** The best such value at this rung and those before. */
  best: number | null;
}

/** By rung, in order of arrival. */
export type Rungs = RungValue[][];

/** A decision of early termination. */
export interface Judgement {
  trial: number;
  rung: number;
  /** One clause, with the numbers that it stands on. */
  reason: string;
}

/** How a trial ended, or where it is. */
export type TrialStatus = 'running' | 'waiting' | 'done' | 'failed' | 'stopped';

/** A trial as sampler, leaderboard and CLI see it. */
export interface SweepTrial {
  /** From 1. */
  trial: number;
  point: Point;
  status: TrialStatus;
  /** Values of the spec's metrics, in their order; null where the trial has not told (or told no finite number). */
  objectives: (number | null)[];
  /** Value at each rung that it reached. */
  rungs: { step: number; value: number }[];
  /** Why it was stopped or failed. */
  why: string | null;
  steps: number | null;
  /** Seconds for which it held GPUs, times their number. */
  gpuSeconds: number;
  reused: number;
  /** Milliseconds since the epoch. */
  startedAt: number;
  finishedAt: number | null;
}

/** What a sampler is asked. Equal requests have equal answers, in any process. */
export interface SuggestRequest {
  sampler: string;
  space: Space;
  metrics: Metric[];
  seed: number;
  /** Everything tried so far, also what still runs, by trial number. */
  trials: SweepTrial[];
  /** Number of the first point that is asked for. */
  next: number;
  count: number;
  /** Which values at rungs are the better ones; absent where the sweep has no rungs. */
  rungGoal?: 'minimize' | 'maximize';
  /** Where a sampler of the user's own is imported from. */
  baseDir?: string;
}

/** What is steered by hand; each is an update of workflow type `sandboxSweep`. */
export type Steer =
  | { kind: 'setBudget'; budget: Partial<Budget> & { target?: number | null } }
  | { kind: 'setConcurrency'; concurrency: number }
  | { kind: 'setSpace'; space: Space }
  | { kind: 'enqueueTrial'; point: Point }
  | { kind: 'stopTrial'; trial: number }
  | { kind: 'pause' | 'resume' | 'stop' };

/** One line of the ledger. The `in` kinds are what the sweep was told, the others what it decided of itself. */
export type Decision = { seq: number /** ISO 8601. */; t: string } & (
  | { kind: 'open'; sweep: string; runId: string; spec: SweepSpec; rungs: RungPlan | null }
  /** What cannot go on: the sweep ends as failed. */
  | { kind: 'fault'; reason: string }
  | { kind: 'steer'; steer: Steer }
  | { kind: 'rung'; trial: number; rung: number; step: number; value: number | null }
  | {
      kind: 'end';
      trial: number;
      status: 'done' | 'failed' | 'stopped';
      objectives: (number | null)[];
      why: string | null;
      steps: number | null;
      gpuSeconds: number;
      reused: number;
    }
  | { kind: 'suggest'; trial: number; point: Point; by: string; seed: number; reason: string }
  | { kind: 'promote'; trial: number; rung: number; reason: string }
  | { kind: 'stop'; trial: number; reason: string }
  | { kind: 'close'; state: 'done' | 'failed' | 'stopped'; reason: string }
);
