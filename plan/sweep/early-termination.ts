import { asha } from './asha.ts';
import { hyperband } from './hyperband.ts';
import type { KindOfTermination } from './kind-of-termination.ts';
import { median } from './median.ts';
import type { Goal } from './ranking.ts';
import type { EarlyTerminate, Judgement, Rungs } from './types.ts';

const KINDS: { [T in EarlyTerminate['type']]: KindOfTermination<Extract<EarlyTerminate, { type: T }>> } = {
  hyperband,
  median,
  asha,
};

/** The entry is that of the spec's own type, which the compiler cannot follow. */
const kindOf = (spec: EarlyTerminate) => KINDS[spec.type] as KindOfTermination<EarlyTerminate>;

/** Steps at which trials tell how they go, ascending; steps that a training does not reach are never told. */
export const rungSteps = (spec: EarlyTerminate): number[] => kindOf(spec).steps(spec);

/** Whether a trial waits at a rung, its host given back, until it is promoted or stopped. */
export const waitsAtRungs = (spec: EarlyTerminate): boolean => kindOf(spec).waits;

/** Which of the running trials end now, by trial number. Each is judged where it told last: what others tell later may end it too. */
export const toStop = (spec: EarlyTerminate, goal: Goal, rungs: Rungs, running: ReadonlySet<number>): Judgement[] =>
  kindOf(spec).toStop(spec, goal, rungs, running);

/**
 * The trial that is promoted next, if any. `waiting` are the trials that wait at the furthest rung that they told of: neither promoted from it,
 * nor running, nor ended. What ended trials told stays in `rungs` and counts.
 */
export const toPromote = (
  spec: EarlyTerminate,
  goal: Goal,
  rungs: Rungs,
  waiting: ReadonlySet<number>,
): Judgement | null => kindOf(spec).toPromote(spec, goal, rungs, waiting);

/**
 * At the end of a sweep, where nothing runs, nothing more begins, nobody is promotable and no trial got to its end: the waiting trial that
 * is furthest, and the best there. With fewer trials than eta^rungs nothing would ever be trained to the end otherwise.
 */
export const toFinish = (
  spec: EarlyTerminate,
  goal: Goal,
  rungs: Rungs,
  waiting: ReadonlySet<number>,
): Judgement | null => kindOf(spec).toFinish(spec, goal, rungs, waiting);

/**
 * Which waiting trials cannot be promoted any more, by trial number: they can be let go.
 * @param coming how many trials may yet tell at a rung: those that run and those that may still begin. At the end 0: then all are.
 */
export const neverPromotable = (
  spec: EarlyTerminate,
  goal: Goal,
  rungs: Rungs,
  waiting: ReadonlySet<number>,
  coming: number,
): Judgement[] => kindOf(spec).neverPromotable(spec, goal, rungs, waiting, coming);
