import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { holm } from '../../../plan/statistics/holm.ts';
import { sampleOf } from '../../../plan/statistics/sample.ts';
import { welch } from '../../../plan/statistics/welch.ts';

const number = fc.double({ min: -1e3, max: 1e3, noNaN: true });
const several = fc.array(number, { minLength: 2, maxLength: 8 });

describe('a sample', () => {
  it('of equal values has no deviation at all, which sums would round to one', () => {
    expect(sampleOf([0.1, 0.1, 0.1])).toEqual({ n: 3, mean: 0.1, variance: 0 });
  });
  it('of one value has a mean and no variance, of none neither', () => {
    expect(sampleOf([2])).toEqual({ n: 1, mean: 2, variance: Number.NaN });
    expect(sampleOf([])).toEqual({ n: 0, mean: Number.NaN, variance: Number.NaN });
  });
});

describe("Welch's test", () => {
  // scipy.stats.ttest_ind(a, b, equal_var=False, alternative='greater') of SciPy: t, degrees of freedom, p.
  it.each([
    [
      [0.62, 0.61, 0.63, 0.6, 0.64],
      [0.5, 0.53, 0.48, 0.51, 0.49],
      10.59671281957971,
      7.711133400200602,
      3.619127695547522e-6,
    ],
    [[1, 2], [1.5, 1.6], -0.09950371902099901, 1.01999800019998, 0.5316902795228582],
    [[5.1, 4.9, 5], [5.2, 5.3, 5.25, 5.1], -2.959320151246874, 3.9900936355000813, 0.9791443080947904],
    [[3, 3, 3], [1, 2, 3], 1.7320508075688774, 2, 0.11270166537925833],
    [[1e-9, 2e-9, 4e-9], [0, 1e-9, -1e-9], 2.2135943621178655, 3.4482758620689653, 0.05103414833659161],
  ])('of %j and %j is that of SciPy', (a, b, t, df, p) => {
    const test = welch(sampleOf(a), sampleOf(b))!;
    expect(test.t / t).toBeCloseTo(1, 9);
    expect(test.df / df).toBeCloseTo(1, 9);
    expect(test.p / p).toBeCloseTo(1, 7);
  });
  it('says the opposite with the samples changed over', () => {
    fc.assert(
      fc.property(several, several, (a, b) => {
        const [one, other] = [welch(sampleOf(a), sampleOf(b)), welch(sampleOf(b), sampleOf(a))];
        if (one === null || other === null) {
          expect(one).toEqual(other);
          return;
        }
        expect(one.p + other.p).toBeCloseTo(1, 9);
        expect(one.df).toBeGreaterThan(Math.min(a.length, b.length) - 1 - 1e-6);
        expect(one.df).toBeLessThan(a.length + b.length - 2 + 1e-6);
      }),
    );
  });
  it('says nothing of one value, and nothing where no value differs', () => {
    expect(welch(sampleOf([1]), sampleOf([1, 2, 3]))).toBeNull();
    expect(welch(sampleOf([2, 2, 2]), sampleOf([1, 1, 1]))).toBeNull();
  });
});

describe("Holm's correction", () => {
  it('multiplies the smallest by their number, the next by one less, and keeps the order', () => {
    expect(holm([0.01, 0.04, 0.03, 0.005])).toEqual([0.03, 0.06, 0.06, 0.02]);
    expect(holm([])).toEqual([]);
  });
  it('lowers nothing, passes 1 never, and is at most as strict as Bonferroni', () => {
    const p = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.array(p, { maxLength: 9 }), ps => {
        for (const [i, adjusted] of holm(ps).entries()) {
          expect(adjusted).toBeGreaterThanOrEqual(ps[i]!);
          expect(adjusted).toBeLessThanOrEqual(Math.min(1, ps[i]! * ps.length));
        }
      }),
    );
  });
});
