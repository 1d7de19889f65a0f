import type { Rungs, RungValue } from './types.ts';

/** What some trials told last: of each the furthest rung that it reached, from the furthest rung down. */
export function furthest(rungs: Rungs, trials: ReadonlySet<number>): { rung: number; told: RungValue }[] {
  const seen = new Set<number>();
  const found: { rung: number; told: RungValue }[] = [];
  for (let rung = rungs.length - 1; rung >= 0; rung--) {
    for (const told of rungs[rung] ?? []) {
      if (!trials.has(told.trial) || seen.has(told.trial)) continue;
      seen.add(told.trial);
      found.push({ rung, told });
    }
  }
  return found;
}
