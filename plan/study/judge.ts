// What the points of a study say. Runs inside workflow code.
import { sampleOf } from '../statistics/sample.ts';
import { adjustedByHolm, present, pValues } from './statistics.ts';
import {
  type Comparison,
  ENDS,
  type JudgedPoint,
  type JudgedStage,
  type OperatorRow,
  type Stage,
  type StudySpec,
  type Verdict,
  type Winner,
} from './types.ts';

type By = Pick<StudySpec, 'metric' | 'test' | 'alpha'>;

/** Compares each point of a stage with its first one. */
export function judgeStage({ kind, samples, points }: Stage, { metric, test, alpha }: By): JudgedStage {
  const [reference, ...others] = points;
  const values = pValues(
    test,
    reference?.scores ?? [],
    others.map(({ scores }) => scores),
  );
  const adjusted = adjustedByHolm(values);
  const found = points.map(({ scores }) => sampleOf(present(scores)));
  const sign = metric.goal === 'minimize' ? -1 : 1;
  const judged = points.map((point, i): JudgedPoint => {
    const { n, mean, variance } = found[i]!;
    const gain = sign * (mean - found[0]!.mean) + 0;
    const isCompared = i > 0 && Number.isFinite(gain);
    const [p = null, holm = null] = isCompared ? [values[i - 1], adjusted[i - 1]] : [];
    return {
      ...point,
      n,
      mean: n === 0 ? null : mean,
      deviation: n < 2 ? null : Math.sqrt(variance),
      comparison: isCompared ? { gain, p, adjusted: holm, verdict: verdictOf(gain, holm, alpha) } : null,
    };
  });
  return { kind, samples, points: judged };
}

function verdictOf(gain: number, adjusted: number | null, alpha: number): Verdict {
  if (adjusted === null) return 'unjudged';
  if (adjusted >= alpha) return 'noise';
  return gain > 0 ? 'better' : 'worse';
}

/** Points of a stage but the first, the best mean first; those without one are left out. Ties keep their order. */
export function ranked({ points }: JudgedStage): (JudgedPoint & { comparison: Comparison; mean: number })[] {
  return points
    .slice(1)
    .filter((point): point is JudgedPoint & { comparison: Comparison; mean: number } => point.comparison !== null)
    .sort((a, b) => b.comparison.gain - a.comparison.gain);
}

/** A row for each stat, the one whose best end gains most first. */
export function operatorRows(single: JudgedStage): OperatorRow[] {
  const rows = new Map<string, JudgedPoint[]>();
  for (const point of single.points.slice(1)) {
    const key = `${point.parts[0]!.op}.${point.parts[0]!.stat}`;
    rows.set(key, [...(rows.get(key) ?? []), point]);
  }
  const made = [...rows.values()].map((points): OperatorRow => {
    const { op, stat } = points[0]!.parts[0]!;
    const ends = ENDS.map(end => {
      const comparison = points.find(({ parts }) => parts[0]!.end === end)?.comparison;
      const { gain = null, verdict = 'unjudged' as const, adjusted = null } = comparison ?? {};
      return { end, gain, verdict, adjusted };
    });
    const [best] = ends.filter(({ gain }) => gain !== null).sort((a, b) => b.gain! - a.gain!);
    return { op, stat, ends, best: best?.end ?? null, verdict: best?.verdict ?? 'unjudged' };
  });
  return made.sort((a, b) => bestGain(b) - bestGain(a));
}

function bestGain({ ends }: OperatorRow): number {
  return Math.max(...ends.map(({ gain }) => gain ?? Number.NEGATIVE_INFINITY));
}

/**
 * The pool that won: of those that are better by more than noise the one with the best mean, among the combinations before the single pools;
 * where there is none, the one with the best mean above the baseline's, unproven. Null: none is above it.
 */
export function winnerOf(stages: readonly JudgedStage[]): Winner | null {
  const [single, combined] = [
    stages.find(({ kind }) => kind === 'single'),
    stages.find(({ kind }) => kind === 'combined'),
  ];
  const looked = [combined, single].filter(stage => stage !== undefined).map(ranked);
  const proven = looked.map(points => points.find(({ comparison }) => comparison.verdict === 'better'));
  const above = looked.map(points => points.find(({ comparison }) => comparison.gain > 0));
  const found = [...proven, ...above].find(point => point !== undefined);
  if (!found) return null;
  const { id, parts, times, samples, mean, comparison } = found;
  const { gain, adjusted, verdict } = comparison;
  return { id, parts, times, samples, mean, gain, adjusted, proven: verdict === 'better' };
}

/** How often the winner is best repeated: the number with the best mean among those that beat it once by more than noise, else 1. */
export function bestTimes(repeated: JudgedStage): number {
  return ranked(repeated).find(({ comparison }) => comparison.verdict === 'better')?.times ?? 1;
}
