import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { adjustedByHolm, pValues, twoSided } from '../../../plan/study/statistics.ts';
import { TESTS } from '../../../plan/study/types.ts';

const A = [27.5, 21.0, 19.0, 23.6, 17.0, 17.9, 16.9, 20.1, 21.9, 22.6, 23.1, 19.6, 19.0, 21.7, 21.4];
const B = [27.1, 22.0, 20.8, 23.4, 23.4, 23.5, 25.8, 22.0, 24.8, 20.2, 21.9, 22.1, 22.9, 30.5, 24.5];
const C = [17.2, 20.9, 22.6, 18.1, 21.7, 21.4, 23.5, 24.2, 14.7, 21.8, 20.1, 19.7, 18.4, 22.9, 21.3];

describe('the tests of differences', () => {
  // SciPy 1.17: ttest_ind(equal_var=False), ttest_rel, and Student's test with the variance of all three.
  it.each([
    ['welch', [0.007962243245747774, 0.7986496674708689]],
    ['paired', [0.006092584628591058, 0.836889702207756]],
    ['pooled', [0.005779781061772327, 0.7965525601017172]],
  ] as const)('%s gives the p-values that SciPy gives', (test, expected) => {
    for (const [i, p] of pValues(test, A, [B, C]).entries()) expect(p).toBeCloseTo(expected[i]!, 7);
  });

  it.each([
    [0.5, 1, 0.7048327646991335],
    [-3.1, 20, 0.005644876939124173],
    [12, 4, 0.000276428548502973],
    [40, 30, 1.3726045194406417e-27],
  ])('t = %f at %i degrees of freedom has the two-sided p that SciPy gives', (t, dof, expected) => {
    expect(twoSided(t, dof) / expected).toBeCloseTo(1, 6);
  });

  it('say nothing of points without scores, of single scores, and of scores that never vary', () => {
    for (const test of TESTS) {
      expect(pValues(test, [1, 2, 3], [[null, null, null]])).toEqual([null]);
      expect(pValues(test, [null, null, null], [[1, 2, 3]])).toEqual([null]);
      expect(pValues(test, [1], [[2]])).toEqual([null]);
      expect(pValues(test, [1, 1, 1], [[2, 2, 2]])).toEqual([null]);
      expect(pValues(test, [0.1, 0.1, 0.1], [[1.1, 1.1, 1.1]])).toEqual([null]);
    }
  });

  it('pooled judges also a point of which one seed is left, welch and paired do not', () => {
    const scores = [5, null, null];
    const [p] = pValues('pooled', [1, 2, 3], [scores]);
    expect(p).toBeGreaterThan(0);
    expect(pValues('welch', [1, 2, 3], [scores])).toEqual([null]);
    expect(pValues('paired', [1, 2, 3], [scores])).toEqual([null]);
  });

  it('paired compares the seeds that both have, so that what a seed does to all points is no noise', () => {
    const [paired] = pValues('paired', [10, 20, null, 30], [[11.1, 21, 5, 30.9]]);
    const [welch] = pValues('welch', [10, 20, null, 30], [[11.1, 21, 5, 30.9]]);
    expect(paired).toBeLessThan(0.01);
    expect(welch).toBeGreaterThan(0.5);
  });

  it('do not change with the unit of the metric, nor with the order of the points', () => {
    const scores = fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 3, maxLength: 3 });
    const points = fc.array(scores, { minLength: 2, maxLength: 4 });
    fc.assert(
      fc.property(points, fc.constantFrom(...TESTS), ([reference, ...others], test) => {
        const here = pValues(test, reference!, others);
        const there = pValues(
          test,
          reference!.map(x => 4 * x + 8),
          [...others].reverse().map(each => each.map(x => 4 * x + 8)),
        );
        for (const [i, p] of here.entries()) {
          const other = there[others.length - 1 - i]!;
          if (p === null) expect(other).toBeNull();
          else expect(other).toBeCloseTo(p, 9);
        }
      }),
      { numRuns: 100 },
    );
  });
});

describe('the correction by Holm', () => {
  it('gives the values of the textbook', () => {
    expect(adjustedByHolm([0.01, 0.04, 0.03, 0.005])).toEqual([0.03, 0.06, 0.06, 0.02]);
    expect(adjustedByHolm([0.5, null, 0.9])).toEqual([1, null, 1]);
    expect(adjustedByHolm([])).toEqual([]);
  });

  it('never makes a p-value smaller, keeps their order, and lies below the correction by Bonferroni', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 20 }), values => {
        const adjusted = adjustedByHolm(values) as number[];
        for (const [i, p] of values.entries()) {
          expect(adjusted[i]).toBeGreaterThanOrEqual(p);
          expect(adjusted[i]).toBeLessThanOrEqual(Math.min(1, values.length * p) + 1e-12);
          for (const [j, q] of values.entries()) if (p < q) expect(adjusted[i]).toBeLessThanOrEqual(adjusted[j]!);
        }
      }),
    );
  });
});
