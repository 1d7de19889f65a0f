// Who won a sweep, and how far ahead of the others.
import type { Metric } from '../../plan/sweep/types.ts';
import type { ReportedTrial, SweepModel } from './sweep.ts';

export interface Winning {
  metric: Metric;
  best: ReportedTrial;
  value: number;
  /** Trials that are done with a finite objective, the best among them. */
  done: number;
  second: { trial: ReportedTrial; value: number; behind: number } | null;
  /** Of all that are done; null: there is only the best. */
  median: { value: number; behind: number } | null;
  /** How much the objective differs between trials that differ by their seed only. */
  noise: Noise | null;
}

export interface Noise {
  /** Name of the parameter that only seeds something. */
  parameter: string;
  /** Points that were tried with several seeds, and their trials. */
  points: number;
  trials: number;
  /** Pooled sample deviation. */
  deviation: number;
}

/** The winner by the first objective; null: no trial is done with a finite one. */
export function winningOf({ trials, spec }: Pick<SweepModel, 'trials' | 'spec'>): Winning | null {
  const [metric] = spec.metrics;
  if (!metric) return null;
  const sign = metric.goal === 'minimize' ? 1 : -1;
  const told = trials
    .filter(({ status, objectives }) => status === 'done' && Number.isFinite(objectives[0] ?? Number.NaN))
    .map(trial => ({ trial, value: trial.objectives[0]! }))
    .sort((a, b) => sign * (a.value - b.value) || a.trial.trial - b.trial.trial);
  const [best, second] = told;
  if (!best) return null;
  const behind = (value: number) => sign * (value - best.value) + 0;
  const middle = medianOf(told.map(({ value }) => value));
  return {
    metric,
    best: best.trial,
    value: best.value,
    done: told.length,
    second: second ? { ...second, behind: behind(second.value) } : null,
    median: told.length > 1 ? { value: middle, behind: behind(middle) } : null,
    noise: noiseOf(told, Object.keys(best.trial.point)),
  };
}

function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}

/** Trials that have everything in common but a parameter named `seed` are repetitions of each other. */
function noiseOf(told: readonly { trial: ReportedTrial; value: number }[], names: readonly string[]): Noise | null {
  const parameter = names.find(name => /(^|[._])seed$/.test(name));
  if (parameter === undefined) return null;
  const groups = new Map<string, number[]>();
  for (const { trial, value } of told) {
    const { [parameter]: _, ...rest } = trial.point;
    const key = JSON.stringify(Object.entries(rest).sort(([a], [b]) => (a < b ? -1 : 1)));
    groups.set(key, [...(groups.get(key) ?? []), value]);
  }
  const repeated = [...groups.values()].filter(values => values.length > 1);
  const freedom = repeated.reduce((sum, values) => sum + values.length - 1, 0);
  if (freedom === 0) return null;
  const squares = repeated.reduce((sum, values) => {
    const mean = values.reduce((a, b) => a + b, 0) / values.length;
    return sum + values.reduce((all, value) => all + (value - mean) ** 2, 0);
  }, 0);
  const trials = repeated.reduce((sum, values) => sum + values.length, 0);
  return { parameter, points: repeated.length, trials, deviation: Math.sqrt(squares / freedom) };
}

/** Names of parameters whose values differ between trials, in the sweep's order, and the values of the others. */
export function varied({ trials, spec }: Pick<SweepModel, 'trials' | 'spec'>): {
  names: string[];
  same: [name: string, value: string][];
} {
  const listed = [...spec.space.map(({ name }) => name), ...trials.flatMap(({ point }) => Object.keys(point))];
  const all = [...new Set(listed)];
  const textsOf = (name: string) => new Set(trials.map(({ point }) => JSON.stringify(point[name]) ?? ''));
  const names = all.filter(name => textsOf(name).size > 1);
  const same = all
    .filter(name => !names.includes(name))
    .flatMap((name): [string, string][] => {
      const [text] = textsOf(name);
      return text === undefined || text === '' ? [] : [[name, text]];
    });
  return { names, same };
}
