// `durability: {…}` of a job, and of the config for all its jobs: how a run lives on when what carries it dies. Never part of a job's key.
import type { Compiling } from './compiling.ts';
import type { Place } from './diagnostic.ts';
import { isObject } from './dotted.ts';
import type { Durability, Json, JsonObject, PlanJob } from './plan.ts';
import { didYouMeanOf } from './suggest.ts';

const UNITS: Record<string, number> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
/** Node's timers and Temporal's durations both take this. */
const LONGEST_DAYS = 365;

/** What holds where neither the job nor the config says otherwise. */
export const DEFAULT_DURABILITY: Durability = {
  checkpointEvery: null,
  keepCheckpoints: null,
  hostGraceMs: 30 * 60_000,
  stallAfterMs: 30 * 60_000,
  maxRestarts: 5,
  stickToHost: false,
};

interface Key {
  expected: string;
  /** What is to be set, or null where the value does not fit. */
  read: (value: Json) => Partial<Durability> | null;
}

const whole = (value: Json, least: number) => (Number.isInteger(value) && (value as number) >= least ? value : null);
const part = <K extends keyof Durability>(name: K, value: Json): Partial<Durability> | null =>
  value === null ? null : ({ [name]: value } as Partial<Durability>);

const KEYS: Record<string, Key> = {
  checkpoint_every: {
    expected: 'a number of steps such as 500, or a length of time such as 30m',
    read: value => {
      if (whole(value, 1) !== null) return { checkpointEvery: { steps: value as number } };
      const ms = milliseconds(value);
      return ms === null ? null : { checkpointEvery: { ms } };
    },
  },
  keep_checkpoints: {
    expected: 'how many checkpoints are kept, at least 1',
    read: value => part('keepCheckpoints', whole(value, 1)),
  },
  host_grace: {
    expected: 'a length of time such as 30m or 2h',
    read: value => part('hostGraceMs', milliseconds(value)),
  },
  stall_after: {
    expected: 'a length of time such as 30m or 2h',
    read: value => part('stallAfterMs', milliseconds(value)),
  },
  max_restarts: { expected: 'a whole number, at least 0', read: value => part('maxRestarts', whole(value, 0)) },
  stick_to_host: {
    expected: 'true or false',
    read: value => (typeof value === 'boolean' ? { stickToHost: value } : null),
  },
};

/** `90s`, `30m`, `2h`, `1d` in milliseconds; null for anything else. */
export function milliseconds(value: Json): number | null {
  const [, number, unit] = (typeof value === 'string' && /^(\d+(?:\.\d+)?)\s*([smhd])$/.exec(value.trim())) || [];
  if (number === undefined || unit === undefined) return null;
  const ms = Math.round(Number(number) * UNITS[unit]!);
  return ms > 0 && ms <= LONGEST_DAYS * UNITS.d! ? ms : null;
}

/** Checks a `durability` map; what is wrong is told at its place, the rest comes back. */
export function readDurability(
  c: Compiling,
  given: JsonObject,
  placeOf: (key: string, what: 'key' | 'value') => Place,
): Partial<Durability> {
  let read: Partial<Durability> = {};
  for (const [key, value] of Object.entries(given)) {
    const known = Object.hasOwn(KEYS, key) ? KEYS[key] : undefined;
    if (!known) c.error(placeOf(key, 'key'), `unknown key; ${didYouMeanOf(key, Object.keys(KEYS))}`);
    else if (value !== null) {
      const found = known.read(value);
      if (found) read = { ...read, ...found };
      else c.error(placeOf(key, 'value'), `expected ${known.expected}, got ${JSON.stringify(value)}`);
    }
  }
  return read;
}

/** Reads a job's own `durability` over the config's. */
export function jobDurability(
  c: Compiling,
  { value, origin }: { value: JsonObject; origin: { place: (at: string[], what?: 'key' | 'value') => Place } },
  ofConfig: Partial<Durability>,
): Durability {
  const given = value.durability ?? null;
  const defaults = { ...DEFAULT_DURABILITY, ...ofConfig };
  if (given === null) return defaults;
  if (isObject(given))
    return { ...defaults, ...readDurability(c, given, (key, what) => origin.place(['durability', key], what)) };
  c.error(origin.place(['durability']), `expected a map of ${Object.keys(KEYS).join(', ')}`);
  return defaults;
}

/** A job's durability; plans of earlier versions have none. */
export function durabilityOf(job: Pick<PlanJob, 'durability'>): Durability {
  return job.durability ?? DEFAULT_DURABILITY;
}
