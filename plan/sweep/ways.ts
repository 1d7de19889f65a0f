// The ways in which values of a distribution lie on [0, 1]. Runs inside workflow code.
import { canonical } from '../canonical.ts';
import type { Json } from '../plan.ts';
import type { Line } from './lines.ts';
import { clean, steps } from './steps.ts';

/** Values in order, without holding them all. */
export interface Values {
  count: number;
  at: (index: number) => Json;
}

/** How values and [0, 1] belong together. */
export interface Ways<D> {
  fromUnit: (distribution: D, u: number) => Json;
  toUnit: (distribution: D, value: Json) => number;
  /** What is wrong with a value given by hand. */
  problemOf: (distribution: D, value: Json) => string | null;
  /** Values that have no order; null: a line. */
  choices: (distribution: D) => Values | null;
  /** What grid tries; null: it cannot. */
  grid: (distribution: D) => Values | null;
  /** Where on [0, 1] the line is looked at as its ends. */
  ends: [number, number];
}

export const clamp = (value: number, low: number, high: number) => Math.min(high, Math.max(low, value));

const boundsSaid = ({ low, high }: Line) =>
  Number.isFinite(high) ? `from ${low} to ${high}` : Number.isFinite(low) ? `of at least ${low}` : 'of any size';

function lineProblem(line: Line, value: Json): string | null {
  const room = 1e-9 * Math.max(...[line.low, line.high, 1].filter(Number.isFinite).map(Math.abs));
  if (typeof value === 'number' && Number.isFinite(value) && value >= line.low - room && value <= line.high + room)
    return null;
  return `expected a number ${boundsSaid(line)}, got ${JSON.stringify(value)}`;
}

const endsOfLine = (bounded: boolean): [number, number] => (bounded ? [0, 1] : [0.01, 0.99]);

export function continuous<D>(line: (distribution: D) => Line, { bounded = true } = {}): Ways<D> {
  return {
    fromUnit: (distribution, u) => {
      const { low, high, quantile } = line(distribution);
      return clamp(quantile(u), low, high);
    },
    toUnit: (distribution, value) => clamp(line(distribution).cdf(Number(value)), 0, 1),
    problemOf: (distribution, value) => lineProblem(line(distribution), value),
    choices: () => null,
    grid: () => null,
    ends: endsOfLine(bounded),
  };
}

/** Rounded to a multiple of q, of those inside the bounds. */
export function stepped<D>(
  line: (distribution: D) => Line,
  { bounded = true, inGrid = false } = {},
): Ways<D & { q: number }> {
  return {
    fromUnit: (distribution, u) => {
      const it = line(distribution);
      const { first, last } = steps(it, distribution.q);
      return clean(clamp(Math.round(it.quantile(u) / distribution.q), first, last) * distribution.q);
    },
    /** The middle of all that is rounded to the value. */
    toUnit: (distribution, value) => {
      const it = line(distribution);
      const { first, last } = steps(it, distribution.q);
      const step = Math.round(Number(value) / distribution.q);
      const from = step <= first ? 0 : it.cdf((step - 0.5) * distribution.q);
      const to = step >= last ? 1 : it.cdf((step + 0.5) * distribution.q);
      return clamp((from + to) / 2, 0, 1);
    },
    problemOf: (distribution, value) => {
      const it = line(distribution);
      const wrong = lineProblem(it, value);
      if (wrong !== null) return wrong;
      const step = Number(value) / distribution.q;
      // Of many steps fewer digits are left for what lies between them.
      if (Math.abs(step - Math.round(step)) <= Math.max(1e-6, Math.abs(step) * 1e-12)) return null;
      const near = clean(Math.round(step) * distribution.q);
      return `expected a multiple of ${distribution.q} ${boundsSaid(it)}, such as ${near}, got ${value}`;
    },
    choices: () => null,
    grid: distribution => {
      if (!inGrid) return null;
      const { first, last } = steps(line(distribution), distribution.q);
      return { count: last - first + 1, at: index => clean((first + index) * distribution.q) };
    },
    ends: endsOfLine(bounded),
  };
}

/** One of a list of values, by weight. */
export function chosen<D>(
  of: (distribution: D) => { values: Json[]; weights?: number[] },
  { inGrid = true } = {},
): Ways<D> {
  const listed = (distribution: D): Values => {
    const { values } = of(distribution);
    return { count: values.length, at: index => values[index]! };
  };
  /** Where each value's part of [0, 1] ends. */
  const partsOf = (distribution: D): number[] => {
    const { values, weights = values.map(() => 1) } = of(distribution);
    const all = weights.reduce((sum, weight) => sum + weight, 0);
    let sum = 0;
    return weights.map(weight => {
      sum += weight;
      return sum / all;
    });
  };
  return {
    fromUnit: (distribution, u) => {
      const { values, weights } = of(distribution);
      const index = partsOf(distribution).findIndex(end => u < end);
      return values[index >= 0 ? index : (weights?.findLastIndex(weight => weight > 0) ?? values.length - 1)]!;
    },
    toUnit: (distribution, value) => {
      const index = of(distribution).values.findIndex(each => canonical(each) === canonical(value));
      const parts = partsOf(distribution);
      return index < 0 ? 0 : ((parts[index - 1] ?? 0) + parts[index]!) / 2;
    },
    problemOf: (distribution, value) => {
      const { values } = of(distribution);
      if (values.some(each => canonical(each) === canonical(value))) return null;
      return `expected ${values.length > 1 ? 'one of ' : ''}${values.map(each => JSON.stringify(each)).join(', ')}, got ${JSON.stringify(value)}`;
    },
    choices: listed,
    grid: distribution => {
      if (!inGrid) return null;
      const { values } = of(distribution);
      const texts = values.map(canonical);
      const once = values.filter((_, i) => texts.indexOf(texts[i]!) === i);
      return { count: once.length, at: index => once[index]! };
    },
    ends: [0, 1],
  };
}

/** Whole numbers, each as likely as another. */
export const wholeNumbers: Ways<{ min: number; max: number }> = {
  fromUnit: ({ min, max }, u) => min + clamp(Math.floor(u * (max - min + 1)), 0, max - min),
  toUnit: ({ min, max }, value) => clamp((Number(value) - min + 0.5) / (max - min + 1), 0, 1),
  problemOf: ({ min, max }, value) =>
    Number.isInteger(value) && (value as number) >= min && (value as number) <= max
      ? null
      : `expected a whole number from ${min} to ${max}, got ${JSON.stringify(value)}`,
  choices: () => null,
  grid: ({ min, max }) => ({ count: max - min + 1, at: index => min + index }),
  ends: [0, 1],
};
