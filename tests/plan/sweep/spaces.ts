// Distributions and spaces for tests.
import fc from 'fast-check';
import type { Distribution, Space } from '../../../plan/sweep/types.ts';

const double = (min: number, max: number) => fc.double({ min, max, noNaN: true, noDefaultInfinity: true });
/** Two different numbers in order. */
const bounds = (min: number, max: number, least = 1e-3) =>
  fc.tuple(double(min, max), double(least, (max - min) / 2)).map(([from, more]) => ({ min: from, max: from + more }));
const whole = fc.tuple(fc.integer({ min: -1000, max: 1000 }), fc.integer({ min: 1, max: 500 }));
/** Steps of which a range has at least one. */
const step = fc.constantFrom(0.05, 0.1, 0.25, 1, 2, 5);
const around = { mu: double(-5, 5), sigma: double(0.1, 3) };
const shape = { a: double(0.3, 20), b: double(0.3, 20) };
const json = fc.uniqueArray(fc.oneof(fc.integer(), fc.string(), fc.boolean(), fc.constant(null)), {
  minLength: 1,
  maxLength: 6,
  selector: value => JSON.stringify(value),
});

const wide = (kind: 'q_uniform') => bounds(-50, 50, 6).chain(b => step.map(q => ({ kind, ...b, q })));
const kinds = {
  constant: fc.oneof(fc.integer(), fc.string()).map(value => ({ kind: 'constant' as const, value })),
  categorical: json.map(values => ({ kind: 'categorical' as const, values })),
  categorical_w_probabilities: json.chain(values =>
    fc.array(fc.integer({ min: 1, max: 9 }), { minLength: values.length, maxLength: values.length }).map(weights => {
      const sum = weights.reduce((a, b) => a + b, 0);
      return {
        kind: 'categorical_w_probabilities' as const,
        values,
        probabilities: weights.map(weight => weight / sum),
      };
    }),
  ),
  int_uniform: whole.map(([min, more]) => ({ kind: 'int_uniform' as const, min, max: min + more })),
  uniform: bounds(-100, 100).map(b => ({ kind: 'uniform' as const, ...b })),
  q_uniform: wide('q_uniform'),
  log_uniform: bounds(-10, 5).map(b => ({ kind: 'log_uniform' as const, ...b })),
  log_uniform_values: bounds(1e-6, 1e4).map(b => ({ kind: 'log_uniform_values' as const, ...b })),
  inv_log_uniform: bounds(-10, 5).map(b => ({ kind: 'inv_log_uniform' as const, ...b })),
  inv_log_uniform_values: bounds(1e-6, 1e4).map(b => ({ kind: 'inv_log_uniform_values' as const, ...b })),
  q_log_uniform: bounds(0, 7, 2).chain(b => step.map(q => ({ kind: 'q_log_uniform' as const, ...b, q }))),
  q_log_uniform_values: bounds(1, 9000, 6).chain(b =>
    step.map(q => ({ kind: 'q_log_uniform_values' as const, ...b, q })),
  ),
  normal: fc.record(around).map(r => ({ kind: 'normal' as const, ...r })),
  q_normal: fc.tuple(fc.record(around), step).map(([r, q]) => ({ kind: 'q_normal' as const, ...r, q })),
  log_normal: fc.record(around).map(r => ({ kind: 'log_normal' as const, ...r })),
  q_log_normal: fc.tuple(fc.record(around), step).map(([r, q]) => ({ kind: 'q_log_normal' as const, ...r, q })),
  beta: fc.record(shape).map(r => ({ kind: 'beta' as const, ...r })),
  q_beta: fc
    .tuple(fc.record(shape), fc.constantFrom(0.05, 0.1, 0.25, 1))
    .map(([r, q]) => ({ kind: 'q_beta' as const, ...r, q })),
} satisfies Record<Distribution['kind'], fc.Arbitrary<Distribution>>;

/** A distribution of each kind. */
export const ARBITRARY: Record<Distribution['kind'], fc.Arbitrary<Distribution>> = kinds;

/** Kinds that grid enumerates, small. */
const enumerable: fc.Arbitrary<Distribution> = fc.oneof(
  kinds.constant,
  kinds.categorical,
  fc.tuple(fc.integer({ min: -5, max: 5 }), fc.integer({ min: 1, max: 5 })).map(([min, more]) => ({
    kind: 'int_uniform' as const,
    min,
    max: min + more,
  })),
  fc.constantFrom(0.1, 0.25, 0.5).map(q => ({ kind: 'q_uniform' as const, min: 0, max: 1, q })),
);

const named = (distribution: fc.Arbitrary<Distribution>): fc.Arbitrary<Space> =>
  fc
    .array(distribution, { minLength: 1, maxLength: 4 })
    .map(all => all.map((each, i) => ({ name: `op.arg${i}`, distribution: each })));

export const anySpace: fc.Arbitrary<Space> = named(fc.oneof(...Object.values(ARBITRARY)));
export const gridSpace: fc.Arbitrary<Space> = named(enumerable);
