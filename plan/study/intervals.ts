// How large a difference may be: the intervals that belong to the tests of statistics.ts.
import jstat from 'jstat';
import { sampleOf } from '../statistics/sample.ts';
import { present, type Scores } from './statistics.ts';
import type { TestName } from './types.ts';

const { studentt } = jstat.jStat;

export interface Interval {
  low: number;
  high: number;
}

/** What a difference of means was found to be, with its standard error and degrees of freedom. */
interface Difference {
  value: number;
  error: number;
  df: number;
}

/**
 * Confidence intervals of the differences between the others and a reference, each for itself (not corrected for their number): 0 lies outside
 * where the test's own p-value is below 1 − confidence. Null where the test can say nothing.
 */
export function differenceIntervals(
  test: TestName,
  reference: Scores,
  others: readonly Scores[],
  confidence: number,
): (Interval | null)[] {
  return DIFFERENCES[test](reference, others).map(found => {
    if (!found || !(found.error > 0)) return null;
    const half = studentt.inv((1 + confidence) / 2, found.df) * found.error;
    return { low: found.value - half, high: found.value + half };
  });
}

const DIFFERENCES: Record<TestName, (reference: Scores, others: readonly Scores[]) => (Difference | null)[]> = {
  pooled,
  welch: (reference, others) => others.map(other => welch(reference, other)),
  paired: (reference, others) => others.map(other => paired(reference, other)),
};

function pooled(reference: Scores, others: readonly Scores[]): (Difference | null)[] {
  const base = sampleOf(present(reference));
  const samples = others.map(other => sampleOf(present(other)));
  const many = [base, ...samples].filter(({ n }) => n > 1);
  const df = many.reduce((sum, { n }) => sum + n - 1, 0);
  const spread = many.reduce((sum, { n, variance }) => sum + (n - 1) * variance, 0) / df;
  return samples.map(({ n, mean }) =>
    df === 0 || base.n === 0 || n === 0
      ? null
      : { value: mean - base.mean, error: Math.sqrt(spread * (1 / n + 1 / base.n)), df },
  );
}

function welch(a: Scores, b: Scores): Difference | null {
  const [first, second] = [sampleOf(present(a)), sampleOf(present(b))];
  if (first.n < 2 || second.n < 2) return null;
  const [ofFirst, ofSecond] = [first.variance / first.n, second.variance / second.n];
  const squared = ofFirst + ofSecond;
  const df = 1 / ((ofFirst / squared) ** 2 / (first.n - 1) + (ofSecond / squared) ** 2 / (second.n - 1));
  return { value: second.mean - first.mean, error: Math.sqrt(squared), df };
}

function paired(a: Scores, b: Scores): Difference | null {
  const differences = a.flatMap((score, i) => {
    const other = b[i] ?? null;
    return score === null || other === null ? [] : [other - score];
  });
  const { n, mean, variance } = sampleOf(differences);
  return n < 2 ? null : { value: mean, error: Math.sqrt(variance / n), df: n - 1 };
}
