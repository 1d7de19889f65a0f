// `early_terminate:` of a sweep file: when trials are stopped, or paused, before their end.
import type { Origin } from '../origin.ts';
import type { Json, JsonObject } from '../plan.ts';
import { didYouMeanOf } from '../suggest.ts';
import { rungSteps } from './early-termination.ts';
import { readStepMetric } from './read-metrics.ts';
import { above, anything, flag, type Key, type Reading, said, wholeFrom } from './reading.ts';
import type { EarlyTerminate, StepMetric } from './types.ts';

const ETA = 3;
/** Optuna's default for its median pruner. */
const MIN_TRIALS = 5;

type Type = EarlyTerminate['type'];
type Settings = { [T in Type]: Omit<Extract<EarlyTerminate, { type: T }>, 'type' | 'metric'> };
type Numbers = Record<string, number | undefined>;

interface Kind<T extends Type> {
  keys: Record<string, Key>;
  /** The keys as settings, or what is missing. */
  read: (given: Numbers & { strict?: boolean }, note: (text: string) => void) => Settings[T] | { missing: string };
}

const step = wholeFrom(1);
const eta = above(1);

const KINDS: { [T in Type]: Kind<T> } = {
  hyperband: {
    keys: { eta, s: step, min_iter: step, max_iter: step, strict: flag },
    read: ({ eta = ETA, s, min_iter, max_iter, strict }, note) => {
      if (min_iter === undefined && max_iter === undefined)
        return { missing: '`max_iter` with `s` (bands max_iter / eta^i), or `min_iter` (bands min_iter · eta^i)' };
      if (strict === undefined)
        note(
          "early_terminate: strict is false where it is not given, as W&B's documentation says (its engine takes true): a trial's best value so far is compared.",
        );
      return { eta, s: s ?? null, minIter: min_iter ?? null, maxIter: max_iter ?? null, strict: strict ?? false };
    },
  },
  median: {
    keys: { every: step, min_iter: step, min_trials: step },
    read: ({ every, min_iter, min_trials = MIN_TRIALS }) => {
      const [first, then] = [min_iter ?? every, every ?? min_iter];
      if (first === undefined || then === undefined)
        return { missing: '`every` (so many steps lie between two looks), or `min_iter` (the step of the first)' };
      return { every: then, minIter: first, minTrials: min_trials };
    },
  },
  asha: {
    keys: { eta, r: step, R: step, min_iter: step, max_iter: step },
    read: ({ eta = ETA, r, R, min_iter, max_iter }) => {
      const most = R ?? max_iter;
      if (most === undefined) return { missing: '`R` (or `max_iter`): the steps of a whole training' };
      return { eta, r: r ?? min_iter ?? 1, R: most };
    },
  },
};

/** Reads when trials end early; what is wrong is told, and then null comes back. */
export function readEarlyTerminate(reading: Reading, value: Json, origin: Origin): EarlyTerminate | null {
  const given = reading.map(value, origin, 'a map such as {type: asha, R: 81}');
  if (given === null) return null;
  const type = given.type ?? null;
  if (typeof type !== 'string' || !Object.hasOwn(KINDS, type)) {
    const what = type === null ? '"type" is missing' : `unknown type ${said(type)}`;
    reading.error(origin.place(['type']), `${what}; ${didYouMeanOf(String(type), Object.keys(KINDS))}`);
    return null;
  }
  const before = reading.problems.errors.length;
  const read = readKind(reading, type as Type, given, origin);
  if (read === null || reading.problems.errors.length > before) return null;
  tellOdd(reading, read, given, origin);
  return read;
}

function readKind(reading: Reading, type: Type, given: JsonObject, origin: Origin): EarlyTerminate | null {
  const { keys, read } = KINDS[type] as Kind<Type>;
  const values = reading.values(given, { type: anything, ...keys, metric: anything }, origin, `key of ${type}`);
  const found = read(values as unknown as Numbers, text => reading.notes.push(text));
  const metric: StepMetric | null =
    values.metric === undefined ? null : readStepMetric(reading, values.metric, origin.inside('metric'));
  if (!('missing' in found)) return { type, ...found, metric } as EarlyTerminate;
  reading.error(origin.place(), `${type} needs ${found.missing}`);
  return null;
}

/** What no single value shows. */
function tellOdd(reading: Reading, spec: EarlyTerminate, given: JsonObject, origin: Origin): void {
  const twice = [
    ['r', 'min_iter'],
    ['R', 'max_iter'],
  ].filter(names => names.every(name => (given[name] ?? null) !== null));
  for (const [name, alias] of twice)
    reading.error(origin.place([alias!], 'key'), `this is another name of ${name}, which is given too; keep one`);
  if (rungSteps(spec).length > 0) return;
  const at = spec.type === 'asha' ? 'no rung r · eta^k lies below R' : 'no band lies at step 1 or later';
  reading.error(
    origin.place(),
    `${at}, so that nothing would ever be decided; take a larger ${spec.type === 'asha' ? 'R' : 'max_iter'}`,
  );
}
