import { median } from '../median.ts';

export interface Interval {
  median: number;
  low: number;
  high: number;
}

/**
 * The median, and the order statistics between which that of the population is with 95% probability or more, whatever its distribution: of 6
 * values or more the sign test's interval; of fewer the whole range, which has less.
 */
export function medianInterval(values: readonly number[]): Interval {
  const sorted = [...values].sort((a, b) => a - b);
  const n = sorted.length;
  let outside = 0;
  let cut = 0;
  // As many are cut off at each end as a fair coin leaves in 2.5% of n throws.
  for (let chance = 0.5 ** n; outside + chance <= 0.025; cut += 1) {
    outside += chance;
    chance = (chance * (n - cut)) / (cut + 1);
  }
  const skip = Math.max(0, cut - 1);
  return { median: median(sorted), low: sorted[skip] ?? Number.NaN, high: sorted[n - 1 - skip] ?? Number.NaN };
}
