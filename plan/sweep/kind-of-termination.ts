import type { Goal } from './ranking.ts';
import type { EarlyTerminate, Judgement, Rungs } from './types.ts';

/** One `type` of early termination. All of it are functions of their arguments: equal rungs, equal judgements. */
export interface KindOfTermination<S extends EarlyTerminate> {
  /** Steps at which trials tell, ascending. */
  steps: (spec: S) => number[];
  /** Trials wait at a rung until they are promoted or stopped. */
  waits: boolean;
  toStop: (spec: S, goal: Goal, rungs: Rungs, running: ReadonlySet<number>) => Judgement[];
  toPromote: (spec: S, goal: Goal, rungs: Rungs, waiting: ReadonlySet<number>) => Judgement | null;
  toFinish: (spec: S, goal: Goal, rungs: Rungs, waiting: ReadonlySet<number>) => Judgement | null;
  neverPromotable: (spec: S, goal: Goal, rungs: Rungs, waiting: ReadonlySet<number>, coming: number) => Judgement[];
}

/** Of kinds whose trials tell and go on. */
export const NEVER_WAITS = {
  waits: false,
  toPromote: () => null,
  toFinish: () => null,
  neverPromotable: () => [],
} as const;
