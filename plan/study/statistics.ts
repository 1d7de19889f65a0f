// Whether the difference of two means is more than noise. Runs inside workflow code; docs/pool-studies.md has the formulas.
import { holm } from '../statistics/holm.ts';
import { type Sample, sampleOf } from '../statistics/sample.ts';
import { aboveT, welch } from '../statistics/welch.ts';
import type { TestName } from './types.ts';

/** Scores of a point by seed; null where there is none. */
export type Scores = readonly (number | null)[];

export const present = (scores: Scores): number[] => scores.filter(score => score !== null);

/** Two-sided p-value of Student's t with `df` degrees of freedom. */
export function twoSided(t: number, df: number): number {
  return Math.min(1, 2 * aboveT(Math.abs(t), df));
}

/**
 * p-values of the differences between a reference and each of the others, in their order; null where there are too few scores to say, or where
 * they do not vary at all.
 */
export function pValues(test: TestName, reference: Scores, others: readonly Scores[]): (number | null)[] {
  return TESTS[test](reference, others);
}

const TESTS: Record<TestName, (reference: Scores, others: readonly Scores[]) => (number | null)[]> = {
  pooled,
  welch: (reference, others) => others.map(other => welchTwoSided(reference, other)),
  paired: (reference, others) => others.map(other => paired(reference, other)),
};

/** Student's test with one variance for all points, estimated from the seeds of all of them: what few seeds a point can afford. */
function pooled(reference: Scores, others: readonly Scores[]): (number | null)[] {
  const base = sampleOf(present(reference));
  const samples = others.map(other => sampleOf(present(other)));
  const many = [base, ...samples].filter(({ n }) => n > 1);
  const df = many.reduce((sum, { n }) => sum + n - 1, 0);
  const spread = many.reduce((sum, { n, variance }) => sum + (n - 1) * variance, 0) / df;
  return samples.map(({ n, mean }) => {
    if (df === 0 || spread === 0 || base.n === 0 || n === 0) return null;
    return twoSided((mean - base.mean) / Math.sqrt(spread * (1 / n + 1 / base.n)), df);
  });
}

function welchTwoSided(a: Scores, b: Scores): number | null {
  const compared = welch(sampleOf(present(a)), sampleOf(present(b)));
  return compared && twoSided(compared.t, compared.df);
}

/** Student's test of the differences seed by seed, of the seeds that both have. */
function paired(a: Scores, b: Scores): number | null {
  const both = a.flatMap((score, i) => {
    const other = b[i] ?? null;
    return score === null || other === null ? [] : [{ score, other }];
  });
  const { n, mean, variance }: Sample = sampleOf(both.map(({ score, other }) => score - other));
  const size = Math.max(0, ...both.map(({ score, other }) => Math.max(Math.abs(score), Math.abs(other))));
  // Differences of equal steps differ by rounding.
  if (n < 2 || Math.sqrt(variance) <= Number.EPSILON * 16 * size) return null;
  return twoSided(mean / Math.sqrt(variance / n), n - 1);
}

/** The correction by Holm over those that are not null. */
export function adjustedByHolm(values: readonly (number | null)[]): (number | null)[] {
  const adjusted = holm(values.filter(p => p !== null));
  return values.map(p => (p === null ? null : adjusted.shift()!));
}
