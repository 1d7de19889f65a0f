// A sweep file: W&B's keys, Data-Juicer's two names for them, and our own.
import { Origin } from '../origin.ts';
import type { Json, JsonObject } from '../plan.ts';
import type { Source } from '../source.ts';
import { didYouMeanOf } from '../suggest.ts';
import { readEarlyTerminate } from './read-early-terminate.ts';
import { readMetrics } from './read-metrics.ts';
import { checkGrid, readSpace, type SpaceRead } from './read-space.ts';
import { above, anything, finite, type Key, limit, Reading, said, text, wholeFrom } from './reading.ts';
import { SAMPLERS, type SweepSpec } from './types.ts';

/** What holds where the file does not say otherwise. */
export const DEFAULTS = { concurrency: 4, seed: 0, priority: 3, weight: 1 } as const;

/** A class of the user's own: `package.module:Class`. */
const OWN_SAMPLER = /^[\w.]+:[A-Za-z_]\w*$/;
/** W&B's method → the sampler that stands for it. */
const METHODS: Record<string, string> = { ...Object.fromEntries(SAMPLERS.map(name => [name, name])), bayes: 'tpe' };
/** Samplers that look at several metrics; those of the user's own may. */
const OF_SEVERAL = ['nsga2'];
/** Pending children of one parent are limited on the server. */
const MOST_AT_ONCE = 500;

/** Also given by the workflow's input. */
export const CONCURRENCY: Key = wholeFrom(1, MOST_AT_ONCE);
export const SEED: Key = wholeFrom(0, 2 ** 32 - 1);

const KEYS: Record<string, Key> = {
  name: text,
  description: text,
  method: text,
  metric: anything,
  metrics: anything,
  parameters: anything,
  early_terminate: anything,
  run_cap: limit(wholeFrom(1)),
  max_hours: limit(above(0)),
  patience: limit(wholeFrom(1)),
  max_failures: limit(wholeFrom(0)),
  concurrency: CONCURRENCY,
  seed: SEED,
  priority: { ...wholeFrom(1, 5), expected: 'a whole number from 1 (served first) to 5' },
  weight: {
    expected: 'a number from 0.001 to 1000: the share of a queue',
    fits: value => finite.fits(value) && (value as number) >= 0.001 && (value as number) <= 1000,
  },
};
const ALIASES: Record<string, string> = { sweep_name: 'name', sweep_max_count: 'run_cap', sweep_count: 'run_cap' };
/** Of W&B: what runs a trial there. */
const REPLACED = ['program', 'command', 'job', 'image_uri'];
/** Of W&B: who asks its server for points. */
const CONTROL = ['controller', 'scheduler'];
/** Of W&B: where it shows the sweep. */
const PLACES = ['project', 'entity', 'apiVersion', 'kind'];

/** A sweep file, read. */
export interface SweepRead extends SpaceRead {
  /** Null where something is wrong; `space` has what is right. */
  spec: SweepSpec | null;
  /** Everything that was said of the file. */
  reading: Reading;
}

/** Reads a sweep file to what it means, or to every error at once. */
export function readSweep(source: Source): SweepRead {
  const reading = new Reading();
  for (const diagnostic of source.diagnostics) reading.problems.add(diagnostic);
  if (source.value === null) return { spec: null, reading, space: [], origins: new Map() };
  const origin = new Origin(source);
  const values = readKeys(reading, source.value, origin);
  const sampler = readMethod(reading, values.method, origin);
  const space =
    values.parameters === undefined
      ? noSpace(reading, origin)
      : readSpace(reading, values.parameters, origin.inside('parameters'));
  if (sampler === 'grid') checkGrid(reading, space);
  const spec: SweepSpec = {
    name: (values.name ?? null) as string | null,
    description: (values.description ?? null) as string | null,
    sampler: sampler ?? '',
    metrics: readMetrics(reading, values, origin),
    space: space.space,
    earlyTerminate:
      values.early_terminate === undefined
        ? null
        : readEarlyTerminate(reading, values.early_terminate, origin.inside('early_terminate')),
    budget: {
      runCap: (values.run_cap ?? null) as number | null,
      maxHours: (values.max_hours ?? null) as number | null,
      patience: (values.patience ?? null) as number | null,
      maxFailures: (values.max_failures ?? null) as number | null,
    },
    concurrency: (values.concurrency ?? DEFAULTS.concurrency) as number,
    seed: (values.seed ?? DEFAULTS.seed) as number,
    priority: (values.priority ?? DEFAULTS.priority) as number,
    weight: (values.weight ?? DEFAULTS.weight) as number,
  };
  checkMetrics(reading, spec, values, origin);
  tellEndless(reading, spec, origin);
  return { spec: reading.problems.errors.length > 0 ? null : spec, reading, ...space };
}

/** The values of the keys that mean something here, by their W&B names. */
function readKeys(reading: Reading, given: JsonObject, origin: Origin): JsonObject {
  const values: JsonObject = {};
  const known = [...Object.keys(KEYS), ...Object.keys(ALIASES), ...REPLACED, ...CONTROL, ...PLACES];
  const from = new Map<string, string>();
  for (const [written, value] of Object.entries(given)) {
    const place = () => origin.place([written], 'key');
    const name = Object.hasOwn(ALIASES, written) ? ALIASES[written]! : written;
    const key = Object.hasOwn(KEYS, name) ? KEYS[name] : undefined;
    if (!known.includes(written)) reading.error(place(), `unknown key; ${didYouMeanOf(written, known)}`);
    else if (REPLACED.includes(written) && value !== null)
      reading.warn(place(), 'this is ignored: what runs is a trial of the sandbox config');
    else if (CONTROL.includes(written) && value !== null)
      reading.warn(place(), 'this is ignored: `method` alone says who chooses the points');
    if (key === undefined || value === null || !reading.fits(value, key, origin, [written])) continue;
    const other = from.get(name);
    if (other !== undefined && values[name] !== value)
      reading.error(place(), `this is ${other} under another name, which has another value; keep one`);
    from.set(name, written);
    values[name] = value;
  }
  return values;
}

function readMethod(reading: Reading, method: Json | undefined, origin: Origin): string | null {
  const known = Object.keys(METHODS);
  const own = 'or module:Class of your own';
  if (method === undefined) {
    reading.error(origin.place(['method']), `"method" is missing; known: ${known.join(', ')}, ${own}`);
    return null;
  }
  const name = method as string;
  if (Object.hasOwn(METHODS, name)) return METHODS[name]!;
  if (OWN_SAMPLER.test(name)) return name;
  reading.error(origin.place(['method']), `unknown method ${said(name)}; ${didYouMeanOf(name, known)}, ${own}`);
  return null;
}

function noSpace(reading: Reading, origin: Origin): SpaceRead {
  reading.error(origin.place(), '"parameters" is missing; give at least one, such as `<op>.<arg>: {values: [1, 2]}`');
  return { space: [], origins: new Map() };
}

function checkMetrics(reading: Reading, { sampler, metrics }: SweepSpec, values: JsonObject, origin: Origin): void {
  if (values.metric === undefined && values.metrics === undefined)
    reading.error(origin.place(), '"metric" is missing; give {name: <meta_name>.<key>, goal: minimize or maximize}');
  if (metrics.length < 2 || OF_SEVERAL.includes(sampler) || sampler === '' || OWN_SAMPLER.test(sampler)) return;
  reading.error(
    origin.place(['metrics']),
    `${sampler} looks at one metric; take method ${OF_SEVERAL.join(' or ')}, or give \`metric\``,
  );
}

/** Nothing would end the sweep but its user. */
function tellEndless(reading: Reading, { sampler, budget, metrics }: SweepSpec, origin: Origin): void {
  const ends = [budget.runCap, budget.maxHours, budget.patience, ...metrics.map(({ target }) => target)];
  if (reading.problems.errors.length > 0 || sampler === 'grid' || ends.some(each => each !== null)) return;
  reading.warn(origin.place(), 'nothing ends this sweep by itself; give run_cap, max_hours, patience or metric.target');
}
