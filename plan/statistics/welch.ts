import jstat from 'jstat';
import type { Sample } from './sample.ts';

const { beta } = jstat.jStat;

export interface Comparison {
  /** Mean of the first less that of the second. */
  difference: number;
  t: number;
  /** Degrees of freedom by Welch and Satterthwaite. */
  df: number;
  /** Of the one-sided test: how probable so large a difference is, were the true mean of the first not above that of the second. */
  p: number;
}

/**
 * Welch's t-test (Welch 1947) that the mean of `a` is above that of `b`; the two may scatter differently. Null where it can say nothing: a
 * sample of fewer than two values, or no deviation in either.
 */
export function welch(a: Sample, b: Sample): Comparison | null {
  const [ofA, ofB] = [a.variance / a.n, b.variance / b.n];
  const squared = ofA + ofB;
  if (a.n < 2 || b.n < 2 || !(squared > 0)) return null;
  const difference = a.mean - b.mean;
  const t = difference / Math.sqrt(squared);
  // Shares of the whole, since squares of very small variances would be 0.
  const df = 1 / ((ofA / squared) ** 2 / (a.n - 1) + (ofB / squared) ** 2 / (b.n - 1));
  return { difference, t, df, p: aboveT(t, df) };
}

/** Probability that a t-distributed value is above `t`: by the incomplete beta function, which keeps small tails exact. */
export function aboveT(t: number, df: number): number {
  const tail = beta.cdf(df / (df + t * t), df / 2, 0.5) / 2;
  return t > 0 ? tail : 1 - tail;
}
