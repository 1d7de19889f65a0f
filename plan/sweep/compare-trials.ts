// Which trial is better: for the leaderboard, the target and what counts as progress.
import type { Metric, SweepTrial } from './types.ts';

type Goal = Metric['goal'];

export function meetsTarget({ goal, target }: Metric, value: number | null): boolean {
  if (target === null || value === null) return false;
  return goal === 'minimize' ? value <= target : value >= target;
}

const STATUS_ORDER: Record<SweepTrial['status'], number> = { done: 0, running: 1, waiting: 1, stopped: 2, failed: 3 };

/** Order of a leaderboard: done ones by objective, then the others by how far they came and by their value there; ties by number. */
export function compareTrials(goal: Goal): (a: SweepTrial, b: SweepTrial) => number {
  const sign = goal === 'minimize' ? 1 : -1;
  const byValue = (a: number | null, b: number | null) => {
    if (a === null || b === null) return Number(a === null) - Number(b === null);
    return sign * (a - b);
  };
  return (a, b) =>
    STATUS_ORDER[a.status] - STATUS_ORDER[b.status] ||
    byValue(a.objectives[0] ?? null, b.objectives[0] ?? null) ||
    b.rungs.length - a.rungs.length ||
    byValue(a.rungs.at(-1)?.value ?? null, b.rungs.at(-1)?.value ?? null) ||
    a.trial - b.trial;
}
