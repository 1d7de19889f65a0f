// What a sampler of Optuna is told of the trials so far.
import { type SamplerTraits, traitsOf } from './sampler-traits.ts';
import type { Metric, SuggestRequest, SweepTrial } from './types.ts';
import type { UnitCube } from './unit-cube.ts';

/** A trial as Optuna knows it. */
export interface PastTrial {
  /** `pruned`: only its values at rungs are known. */
  state: 'complete' | 'pruned' | 'running';
  point: number[];
  /** One for each metric; null unless it is complete. */
  values: number[] | null;
  /** Step and value, signed so that better is what the objective calls better. */
  rungs: [number, number][];
}

/** Trials that have ended in the order of their ends, then those that have not. */
export interface SamplerHistory {
  past: PastTrial[];
  /** Trials that tell something of their own: an objective, or values at rungs where the sampler knows what to do with them. */
  known: number;
  counts: { finished: number; partly: number; running: number };
}

/**
 * A trial of another space is left out (its parameters differ, or a value could not be drawn from the space as it is now). Failed ones, and those
 * without a finite objective, count as `impute` says or are left out. Trials that were stopped at a rung, wait there or have passed it count by
 * their values at rungs; for a sampler that needs objectives, and for several metrics, a stopped one counts as the worst finished one.
 */
export function samplerHistory(request: SuggestRequest, cube: UnitCube): SamplerHistory {
  const { metrics } = request;
  const traits = traitsOf(request.sampler);
  const trials = request.trials.map(trial => ({ trial, point: cube.coordinatesOf(trial.point) })).filter(isHere);
  const told = trials.map(({ trial }) => trial).filter(trial => isTold(trial));
  const knowsRungs = metrics.length === 1 && traits.knowsRungs;
  const sign = request.rungGoal !== undefined && request.rungGoal !== metrics[0]?.goal ? -1 : 1;
  const past = trials
    .sort((a, b) => endOf(a.trial) - endOf(b.trial) || a.trial.trial - b.trial.trial)
    .flatMap(({ trial, point }): PastTrial[] => {
      const isOpen = trial.status === 'running' || trial.status === 'waiting';
      if (knowsRungs && trial.rungs.length > 0 && (isOpen || trial.status === 'stopped')) {
        const rungs = trial.rungs.map(({ step, value }): [number, number] => [step, sign * value]);
        return [{ state: 'pruned', point, values: null, rungs }];
      }
      if (isOpen) return [{ state: 'running', point, values: null, rungs: [] }];
      const values = isTold(trial) ? (trial.objectives as number[]) : imputed(trial, metrics, told);
      return values ? [{ state: 'complete', point, values, rungs: [] }] : [];
    });
  const fewer = bounded(past, metrics, traits.most);
  const count = (state: PastTrial['state']) => past.filter(each => each.state === state).length;
  const counts = { finished: count('complete'), partly: count('pruned'), running: count('running') };
  return { past: fewer, known: told.length + counts.partly, counts };
}

function isHere(each: { trial: SweepTrial; point: number[] | null }): each is { trial: SweepTrial; point: number[] } {
  return each.point !== null;
}

const isNumber = (value: number | null): value is number => value !== null && Number.isFinite(value);

/** Whether it is done and has told all its objectives. */
function isTold({ status, objectives }: SweepTrial): boolean {
  return status === 'done' && objectives.length > 0 && objectives.every(isNumber);
}

const endOf = ({ finishedAt }: SweepTrial) => finishedAt ?? Number.MAX_SAFE_INTEGER;

/** What counts as the objectives of an ended trial that has not told them; null: it has none. */
function imputed(trial: SweepTrial, metrics: Metric[], told: SweepTrial[]): number[] | null {
  if (told.length === 0) return null;
  const wasStopped = trial.status === 'stopped';
  if (wasStopped && trial.rungs.length === 0) return null;
  const values = metrics.map(({ impute, goal }, i) => {
    const seen = told.map(({ objectives }) => objectives[i]!);
    if (wasStopped || impute === 'worst') return goal === 'minimize' ? Math.max(...seen) : Math.min(...seen);
    if (impute === null) return null;
    const own = trial.objectives[i] ?? null;
    return isNumber(own) ? own : newest(told).objectives[i]!;
  });
  return values.every(isNumber) ? values : null;
}

const newest = (told: SweepTrial[]) => told.reduce((a, b) => (endOf(b) >= endOf(a) ? b : a));

function bounded(past: PastTrial[], [metric]: Metric[], most: SamplerTraits['most']): PastTrial[] {
  if (!most) return past;
  const ended = past.filter(({ state }) => state !== 'running');
  const running = past.filter(({ state }) => state === 'running').slice(-most.running);
  if (ended.length <= most.best + most.newest) return [...ended, ...running];
  const recent = ended.slice(-most.newest);
  const older = ended.slice(0, -most.newest);
  const sign = metric?.goal === 'maximize' ? -1 : 1;
  const badness = ({ values }: PastTrial) => (values ? sign * values[0]! : Number.POSITIVE_INFINITY);
  const best = new Set([...older].sort((a, b) => badness(a) - badness(b)).slice(0, most.best));
  return [...older.filter(each => best.has(each)), ...recent, ...running];
}
