// The arguments that distributions take, and what can be wrong with them. Runs inside workflow code.
import type { Json } from '../plan.ts';
import type { Line } from './lines.ts';
import { clean, steps } from './steps.ts';

/** An argument of a distribution, as its file gives it. */
export interface Argument {
  expected: string;
  fits: (value: Json) => boolean;
  /** Absent: it must be given. */
  default?: Json;
}

/** What is wrong with arguments that are each right by themselves; `at` names the argument. */
export interface ArgumentProblem {
  at: string;
  message: string;
}

export type Check<D> = (distribution: D) => ArgumentProblem[];

const isNumber = (value: Json): value is number => typeof value === 'number' && Number.isFinite(value);
export const number: Argument = { expected: 'a number', fits: isNumber };
export const whole: Argument = { expected: 'a whole number', fits: value => Number.isSafeInteger(value) };
export const aboveZero: Argument = {
  expected: 'a number above 0 (its logarithm is drawn)',
  fits: value => isNumber(value) && value > 0,
};
/** Beyond e^700 is nothing that a number holds. */
export const exponent: Argument = {
  expected:
    'an exponent of e, from -700 to 700 (log_uniform draws from e^min to e^max; log_uniform_values takes the values)',
  fits: value => isNumber(value) && Math.abs(value) <= 700,
};
export const positive = (standard: number): Argument => ({
  expected: 'a number above 0',
  fits: value => isNumber(value) && value > 0,
  default: standard,
});
const list = (expected: string, fits: (value: Json) => boolean): Argument => ({
  expected,
  fits: value => Array.isArray(value) && value.length > 0 && value.every(fits),
});
export const values = list('a list of at least one value', () => true);
export const probabilities = list(
  'a list of numbers, none below 0, a probability for each value',
  value => isNumber(value) && value >= 0,
);
export const mu: Argument = { ...number, default: 0 };
export const q = positive(1);
export const sigma = positive(1);

/** As Python's `np.isclose`, by which W&B judges. */
const SUM_TOLERANCE = 1e-5;

export const none = () => [];

export function bounds({ min, max }: { min: number; max: number }): ArgumentProblem[] {
  if (min > max) return [{ at: 'min', message: `min ${min} is above max ${max}; swap them` }];
  return min === max ? [{ at: 'min', message: `min and max are both ${min}; write \`value: …\` instead` }] : [];
}

/** Of a distribution that is rounded to multiples of q: that it has any. */
export function steppedBounds<D extends { min: number; max: number; q: number }>(
  line: (distribution: D) => Line,
): Check<D> {
  return distribution => {
    const wrong = bounds(distribution);
    if (wrong.length > 0) return wrong;
    const it = line(distribution);
    const { first, last } = steps(it, distribution.q);
    if (first <= last) return [];
    return [
      { at: 'q', message: `no multiple of ${distribution.q} lies from ${it.low} to ${it.high}; take a smaller q` },
    ];
  };
}

/** Each value has a probability, and they sum to 1. */
export function weighted(given: { values: Json[]; probabilities: number[] }): ArgumentProblem[] {
  const [values, probabilities] = [given.values.length, given.probabilities.length];
  if (values !== probabilities) {
    const message = `there are ${values} values and ${probabilities} probabilities; give each value one`;
    return [{ at: 'probabilities', message }];
  }
  const sum = given.probabilities.reduce((all, each) => all + each, 0);
  if (Math.abs(sum - 1) <= SUM_TOLERANCE) return [];
  return [{ at: 'probabilities', message: `they sum to ${clean(sum)}; they must sum to 1` }];
}

export function logNormalFits({ mu, sigma }: { mu: number; sigma: number }): ArgumentProblem[] {
  if (Math.abs(mu) + 8 * sigma <= 700) return [];
  return [
    { at: 'mu', message: `e^(${mu} ± 8·${sigma}) is beyond what a number holds; mu and sigma are exponents of e` },
  ];
}

/** Bounds that are exponents and look like values, such as learning rates. */
export function exponentsMeant({ kind, min, max }: { kind: string; min: number; max: number }): string | null {
  if (min <= 0 || max > 1) return null;
  return `the bounds of ${kind} are exponents of e, and ${min} and ${max} look like values; if they are, take ${kind}_values`;
}
