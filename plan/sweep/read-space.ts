// `parameters:` of a sweep file: which values trials get.
import { isObject, isWithin } from '../dotted.ts';
import type { Origin } from '../origin.ts';
import type { Json, JsonObject } from '../plan.ts';
import { didYouMean, didYouMeanOf } from '../suggest.ts';
import { argumentsOf, DISTRIBUTIONS, gridOf, hintOf, type Kind, problemsOf } from './distributions.ts';
import { type Reading, said } from './reading.ts';
import type { Distribution, Space } from './types.ts';

/** A space, and where each of its parameters stands. */
export interface SpaceRead {
  space: Space;
  origins: Map<string, Origin>;
}

/** Reads all parameters, nested ones by their dotted names; what is wrong is told, the rest comes back. */
export function readSpace(reading: Reading, value: Json, origin: Origin): SpaceRead {
  const read: SpaceRead = { space: [], origins: new Map() };
  const given = reading.map(value, origin, 'a map of parameters, `<op>.<arg>: {values: […]}` and the like');
  if (given === null) return read;
  const before = reading.problems.errors.length;
  readNested(reading, given, origin, '', read);
  if (read.origins.size === 0 && reading.problems.errors.length === before)
    reading.error(origin.place(), 'there are no parameters; give at least one, such as `<op>.<arg>: {values: [1, 2]}`');
  return read;
}

/** Tells each parameter whose values a grid cannot enumerate. */
export function checkGrid(reading: Reading, { space, origins }: SpaceRead): void {
  for (const { name, distribution } of space) {
    if (gridOf(distribution) !== null) continue;
    reading.error(
      origins.get(name)!.place(),
      `grid tries every value, and ${distribution.kind} cannot be enumerated; give \`values\`, int_uniform or q_uniform, or take another method`,
    );
  }
}

function readNested(reading: Reading, given: JsonObject, origin: Origin, prefix: string, read: SpaceRead): void {
  for (const [key, value] of Object.entries(given)) {
    const inside = origin.inside(key);
    const name = prefix + key;
    if (isObject(value) && value.parameters !== undefined) {
      readGroup(reading, value, inside, name, read);
      continue;
    }
    const distribution = readDistribution(reading, value, inside);
    if (!isNew(reading, name, inside, read)) continue;
    read.origins.set(name, inside);
    if (distribution) read.space.push({ name, distribution });
  }
}

function readGroup(reading: Reading, value: JsonObject, origin: Origin, name: string, read: SpaceRead): void {
  for (const key of Object.keys(value)) {
    if (key !== 'parameters')
      reading.error(
        origin.place([key], 'key'),
        '`parameters` makes this a group of parameters, which takes no other key; remove it',
      );
  }
  const inner = origin.inside('parameters');
  const group = reading.map(value.parameters!, inner, 'a map of parameters');
  if (group === null) return;
  if (Object.keys(group).length === 0) reading.error(inner.place(), 'there are no parameters in this group');
  readNested(reading, group, inner, `${name}.`, read);
}

/** No two parameters set the same value, and none sets what is inside of what another sets. */
function isNew(reading: Reading, name: string, origin: Origin, { origins }: SpaceRead): boolean {
  for (const [other, { source, base }] of origins) {
    if (!isWithin(name, other) && !isWithin(other, name)) continue;
    const { line } = source.at(base, 'key');
    const where = line > 0 ? ` (line ${line})` : '';
    const message =
      name === other
        ? `parameter ${name} is given twice${where}; keep one`
        : `this and ${other}${where} set the same value; keep one`;
    reading.error(origin.place([], 'key'), message);
    return false;
  }
  return true;
}

function readDistribution(reading: Reading, value: Json, origin: Origin): Distribution | null {
  if (!isObject(value)) {
    const instead = Array.isArray(value) ? `{values: ${said(value)}}` : `{value: ${said(value)}}`;
    reading.error(origin.place(), `expected a map such as ${instead}, got ${said(value)}`);
    return null;
  }
  const given = Object.fromEntries(
    Object.entries(value).filter(([key, each]) => key !== 'distribution' && (each !== null || key === 'value')),
  );
  const kind = kindOf(reading, value, given, origin);
  if (kind === null) return null;
  const read = readArguments(reading, kind, given, origin);
  if (read === null) return null;
  const distribution = { kind, ...read } as Distribution;
  const wrong = problemsOf(distribution);
  for (const { at, message } of wrong) reading.error(origin.place([at]), message);
  const hint = wrong.length > 0 ? null : hintOf(distribution);
  if (hint !== null) reading.warn(origin.place(), hint);
  return wrong.length > 0 ? null : distribution;
}

/** As named; else as its arguments tell, in W&B's way: a bare `min` and `max`, both written as whole numbers, are int_uniform. */
function kindOf(reading: Reading, value: JsonObject, given: JsonObject, origin: Origin): Kind | null {
  const named = value.distribution ?? null;
  if (named !== null) {
    if (!(DISTRIBUTIONS as unknown[]).includes(named)) {
      reading.error(
        origin.place(['distribution']),
        `unknown distribution ${said(named)}; ${didYouMeanOf(String(named), DISTRIBUTIONS)}`,
      );
      return null;
    }
    return named === 'categorical' && given.probabilities !== undefined
      ? 'categorical_w_probabilities'
      : (named as Kind);
  }
  if (given.value !== undefined) return 'constant';
  if (given.values !== undefined)
    return given.probabilities === undefined ? 'categorical' : 'categorical_w_probabilities';
  if (given.min !== undefined || given.max !== undefined) {
    const isWhole = (key: string) =>
      given[key] === undefined || (Number.isInteger(given[key]) && !origin.source.isReal([...origin.base, key]));
    return isWhole('min') && isWhole('max') ? 'int_uniform' : 'uniform';
  }
  const able = DISTRIBUTIONS.filter(kind => Object.keys(given).some(key => Object.hasOwn(argumentsOf(kind), key)));
  const hint = able.length > 0 ? `, such as \`distribution: ${able[0]}\`` : '';
  reading.error(origin.place(), `expected \`value\`, \`values\`, \`min\` and \`max\`, or a \`distribution\`${hint}`);
  return null;
}

function readArguments(reading: Reading, kind: Kind, given: JsonObject, origin: Origin): JsonObject | null {
  const wanted = argumentsOf(kind);
  const read: JsonObject = {};
  let right = true;
  for (const [key, value] of Object.entries(given)) {
    const argument = Object.hasOwn(wanted, key) ? wanted[key] : undefined;
    if (!argument) reading.error(origin.place([key], 'key'), unknownArgument(kind, key, Object.keys(given)));
    else if (reading.fits(value, argument, origin, [key])) read[key] = value;
    right &&= read[key] !== undefined;
  }
  for (const [key, argument] of Object.entries(wanted)) {
    if (given[key] !== undefined) continue;
    if (argument.default !== undefined) read[key] = argument.default;
    else {
      reading.error(origin.place(), `"${key}" is missing; ${kind} needs it: ${argument.expected}`);
      right = false;
    }
  }
  return right ? read : null;
}

function unknownArgument(kind: Kind, key: string, given: string[]): string {
  const able = DISTRIBUTIONS.filter(each => given.every(one => Object.hasOwn(argumentsOf(each), one)));
  const hint = able.length > 0 ? `\`distribution: ${able[0]}\` does` : didYouMean(key, Object.keys(argumentsOf(kind)));
  return `${kind} takes no "${key}"; ${hint}`;
}
