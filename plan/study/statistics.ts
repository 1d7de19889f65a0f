// Whether the difference of two means is more than noise. Runs inside workflow code; docs/pool-studies.md has the formulas.
import jstat from 'jstat';
import type { TestName } from './types.ts';

const { studentt } = jstat.jStat;
const ROUNDING = 1e-14;

/** Scores of a point by seed; null where there is none. */
export type Scores = readonly (number | null)[];

export const present = (scores: Scores): number[] => scores.filter(score => score !== null);

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Sample variance, divided by n − 1; values must be at least two. Equal ones have none, whatever rounding makes of their mean. */
export function variance(values: readonly number[]): number {
  if (values.every(value => value === values[0])) return 0;
  const middle = mean(values);
  return values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / (values.length - 1);
}

/** Two-sided p-value of Student's t with `dof` degrees of freedom. */
export function twoSided(t: number, dof: number): number {
  return Math.min(1, 2 * studentt.cdf(-Math.abs(t), dof));
}

/**
 * p-values of the differences between a reference and each of the others, in their order; null where there are too few scores to say, or where
 * they do not vary at all.
 */
export function pValues(test: TestName, reference: Scores, others: readonly Scores[]): (number | null)[] {
  return TESTS[test](reference, others);
}

const TESTS: Record<TestName, (reference: Scores, others: readonly Scores[]) => (number | null)[]> = {
  pooled: pooledTest,
  welch: (reference, others) => others.map(other => welch(present(reference), present(other))),
  paired: (reference, others) => others.map(other => paired(reference, other)),
};

/** Student's test with one variance for all points, estimated from the seeds of all of them: what few seeds a point can afford. */
function pooledTest(reference: Scores, others: readonly Scores[]): (number | null)[] {
  const groups = [reference, ...others].map(present);
  const many = groups.filter(group => group.length > 1);
  const dof = many.reduce((sum, group) => sum + group.length - 1, 0);
  const spread = many.reduce((sum, group) => sum + (group.length - 1) * variance(group), 0) / dof;
  const [base = [], ...rest] = groups;
  return rest.map(group => {
    if (dof === 0 || spread === 0 || base.length === 0 || group.length === 0) return null;
    return twoSided((mean(group) - mean(base)) / Math.sqrt(spread * (1 / group.length + 1 / base.length)), dof);
  });
}

/** Welch (1947): the two points have variances of their own; degrees of freedom by Welch and Satterthwaite. */
function welch(a: readonly number[], b: readonly number[]): number | null {
  if (a.length < 2 || b.length < 2) return null;
  const [ofA, ofB] = [variance(a) / a.length, variance(b) / b.length];
  if (ofA + ofB === 0) return null;
  const dof = (ofA + ofB) ** 2 / (ofA ** 2 / (a.length - 1) + ofB ** 2 / (b.length - 1));
  return twoSided((mean(a) - mean(b)) / Math.sqrt(ofA + ofB), dof);
}

/** Student's test of the differences seed by seed, of the seeds that both have. */
function paired(a: Scores, b: Scores): number | null {
  const differences = a.flatMap((score, i) => {
    const other = b[i] ?? null;
    return score === null || other === null ? [] : [score - other];
  });
  if (differences.length < 2) return null;
  const spread = variance(differences);
  const size = Math.max(...present(a).map(Math.abs), ...present(b).map(Math.abs));
  // Differences of equal steps differ by rounding.
  if (Math.sqrt(spread) <= ROUNDING * size) return null;
  return twoSided(mean(differences) / Math.sqrt(spread / differences.length), differences.length - 1);
}

/**
 * Holm (1979): p-values such that calling everything below alpha a difference errs, in a whole family without any, with a probability of at
 * most alpha. Nulls stay and do not count.
 */
export function holm(values: readonly (number | null)[]): (number | null)[] {
  const order = values.flatMap((p, i) => (p === null ? [] : [{ p, i }])).sort((a, b) => a.p - b.p);
  const adjusted: (number | null)[] = values.map(() => null);
  let least = 0;
  for (const [rank, { p, i }] of order.entries()) {
    least = Math.max(least, Math.min(1, (order.length - rank) * p));
    adjusted[i] = least;
  }
  return adjusted;
}
