// `metric:` and `metrics:` of a sweep file: what is to become better.
import type { Origin } from '../origin.ts';
import type { Json, JsonObject } from '../plan.ts';
import { anything, finite, type Key, oneOf, type Reading, said } from './reading.ts';
import type { Metric, StepMetric } from './types.ts';

const IMPUTE = ['worst', 'latest'];
const goal = oneOf('minimize', 'maximize');
const name: Key = {
  expected: 'a name such as "<meta_name>.<key>"',
  fits: value => typeof value === 'string' && value !== '',
};

const KEYS: Record<string, Key> = {
  name,
  goal,
  target: finite,
  impute: { ...oneOf(...IMPUTE, 'best'), expected: '"worst", "latest" or null (a failed trial counts as nothing)' },
  impute_while_running: anything,
};

/** Reads the metrics that a file gives, the objective first; what is wrong is told, the rest comes back. */
export function readMetrics(
  reading: Reading,
  { metric, metrics }: { metric?: Json; metrics?: Json },
  origin: Origin,
): Metric[] {
  if (metric !== undefined && metrics !== undefined)
    reading.error(origin.place(['metrics'], 'key'), 'there is `metric` too; give one or the other');
  if (metrics === undefined)
    return metric === undefined ? [] : one(readMetric(reading, metric, origin.inside('metric')));
  if (!Array.isArray(metrics) || metrics.length === 0) {
    reading.error(origin.place(['metrics']), `expected a list of metrics, each {name, goal}, got ${said(metrics)}`);
    return [];
  }
  const read = metrics.flatMap((each, i) => one(readMetric(reading, each, origin.inside('metrics', i))));
  const names = read.map(each => each.name);
  for (const [i, each] of names.entries())
    if (names.indexOf(each) < i)
      reading.error(origin.place(['metrics', i, 'name']), `metric ${each} is listed twice; keep one`);
  return read;
}

/** A metric of the training log by which rungs are decided. */
export function readStepMetric(reading: Reading, value: Json, origin: Origin): StepMetric | null {
  const given = reading.map(value, origin, 'a map such as {name: <meta_name>.loss, goal: minimize}');
  if (given === null) return null;
  const values = reading.values(given, { name, goal }, origin);
  for (const key of ['name', 'goal']) tellMissing(reading, given, key, origin);
  return typeof values.name === 'string' && values.goal !== undefined ? (values as unknown as StepMetric) : null;
}

function readMetric(reading: Reading, value: Json, origin: Origin): Metric | null {
  const given = reading.map(value, origin, 'a map such as {name: <meta_name>.<key>, goal: maximize}');
  if (given === null) return null;
  const values = reading.values(given, KEYS, origin);
  tellMissing(reading, given, 'name', origin);
  if ((given.goal ?? null) === null)
    reading.warn(
      origin.place(),
      '"goal" is missing; minimize is taken, as W&B does: write `goal: minimize` or `goal: maximize`',
    );
  if (values.impute === 'best')
    reading.warn(
      origin.place(['impute']),
      '"best" would draw the search to points that fail; a failed trial counts as nothing here: write null, "worst" or "latest"',
    );
  if (
    values.impute_while_running !== undefined &&
    values.impute_while_running !== false &&
    values.impute_while_running !== 'false'
  )
    reading.warn(
      origin.place(['impute_while_running'], 'key'),
      'this has no effect: samplers know of running trials by themselves',
    );
  if (typeof values.name !== 'string') return null;
  return {
    name: values.name,
    goal: (values.goal ?? 'minimize') as Metric['goal'],
    target: (values.target ?? null) as number | null,
    impute: IMPUTE.includes(values.impute as string) ? (values.impute as Metric['impute']) : null,
  };
}

function tellMissing(reading: Reading, given: JsonObject, key: string, origin: Origin): void {
  const { expected } = key === 'goal' ? goal : name;
  if ((given[key] ?? null) === null) reading.error(origin.place(), `"${key}" is missing; expected ${expected}`);
}

const one = <T>(value: T | null): T[] => (value === null ? [] : [value]);
