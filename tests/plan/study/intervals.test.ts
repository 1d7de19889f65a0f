import fc from 'fast-check';
import { expect, test } from 'vitest';
import { differenceIntervals } from '../../../plan/study/intervals.ts';
import { pValues } from '../../../plan/study/statistics.ts';
import { TESTS } from '../../../plan/study/types.ts';

const score = fc.option(fc.integer({ min: -1_000, max: 1_000 }), { freq: 6 });
const scores = fc.array(score, { minLength: 2, maxLength: 5 });

test('0 lies outside an interval if and only if the same test has a p-value below 1 − confidence', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...TESTS),
      scores,
      fc.array(scores, { minLength: 1, maxLength: 4 }),
      fc.constantFrom(0.8, 0.95),
      (name, reference, others, confidence) => {
        const ps = pValues(name, reference, others);
        const intervals = differenceIntervals(name, reference, others, confidence);
        for (const [i, p] of ps.entries()) {
          const interval = intervals[i]!;
          if (p === null) continue;
          // At the border rounding decides.
          if (Math.abs(p - (1 - confidence)) < 1e-6) continue;
          expect(interval).not.toBeNull();
          expect(interval!.low > 0 || interval!.high < 0).toBe(p < 1 - confidence);
        }
      },
    ),
  );
});

test('the interval of five against five is the one that R gives', () => {
  // t.test(c(2.1, 2.5, 2.3, 2.2, 2.4), c(1.9, 2.0, 2.2, 1.8, 2.1), var.equal = TRUE): 0.0693996 to 0.5306004
  const [interval] = differenceIntervals('pooled', [1.9, 2.0, 2.2, 1.8, 2.1], [[2.1, 2.5, 2.3, 2.2, 2.4]], 0.95);
  expect(interval!.low).toBeCloseTo(0.0693996, 5);
  expect(interval!.high).toBeCloseTo(0.5306004, 5);
});
