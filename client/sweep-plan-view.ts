import type { Point, SweepSpec } from '../plan/sweep/types.ts';
import { clip, column, columns } from './text.ts';

/** A point in answer to `dj-sandbox sweep plan --json`. */
export interface PlannedTrial {
  /** From 1. */
  trial: number;
  /** By dotted name. */
  parameters: Point;
}

/** What a sweep would try, for people: a line a trial, no wider than `width` columns. */
export function sweepPlanLines(spec: SweepSpec, trials: PlannedTrial[], width: number): string[] {
  const names = spec.space.map(({ name }) => name);
  const rows = trials.map(({ trial, parameters }) => [
    String(trial),
    ...names.map(name => valueText(parameters[name] ?? null)),
  ]);
  const table = [['TRIAL', ...names], ...rows];
  const widths = table[0]!.map((_, index) => Math.max(...table.map(cells => columns(cells[index]!))));
  return [
    sweepSentence(spec),
    ...table.map(cells =>
      clip(
        cells
          .map((cell, index) => column(cell, widths[index]!))
          .join('  ')
          .trimEnd(),
        width,
      ),
    ),
  ];
}

/** `random over 3 parameters, seed 0: score.mean_score is to be maximized`. */
export function sweepSentence({ sampler, space, seed, metrics }: SweepSpec): string {
  const goals = metrics.map(({ name, goal }) => `${name} is to be ${goal}d`);
  const parameters = `${space.length} ${space.length === 1 ? 'parameter' : 'parameters'}`;
  return `${sampler} over ${parameters}, seed ${seed}: ${goals.join(', ')}`;
}

function valueText(value: Point[string]): string {
  if (typeof value === 'number' && !Number.isInteger(value)) return String(Number(value.toPrecision(6)));
  return typeof value === 'string' ? value : JSON.stringify(value);
}
