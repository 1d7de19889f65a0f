import type { Metric, RungValue } from './types.ts';

export type Goal = Metric['goal'];

/** A value as a loss, smaller is better; what is no finite number (`JSON` makes null of NaN) is worse than any that is. */
export function asLoss(goal: Goal, value: number | null): number {
  if (value === null || !Number.isFinite(value)) return Infinity;
  return goal === 'minimize' ? value : -value;
}

/** What a rung was told, the best first; equal ones by the number of the trial. */
export function ranked(goal: Goal, rung: readonly RungValue[]): RungValue[] {
  return [...rung].sort((a, b) => {
    const [x, y] = [asLoss(goal, a.value), asLoss(goal, b.value)];
    return x === y ? a.trial - b.trial : x < y ? -1 : 1;
  });
}

/** A number as reasons show it: six digits are enough to follow a decision. */
export const shown = (value: number | null): string =>
  value !== null && Number.isFinite(value) ? String(Number(value.toPrecision(6))) : 'no finite number';
