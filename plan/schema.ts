import type { z } from 'zod';
import { getAt, isObject, removeAt, setAt } from './dotted.ts';
import type { Json, JsonObject } from './plan.ts';
import { didYouMean } from './suggest.ts';

/** A problem that a component's schema found; `at` is dotted, relative to the config. */
export interface SchemaProblem {
  at: string;
  key?: boolean;
  message: string;
}

export interface SchemaResult {
  /** The config with the schema's defaults filled in; keys that the schema does not know are kept. */
  value: JsonObject;
  problems: SchemaProblem[];
  /** Keys of the config that the schema drops: nothing reads them. */
  unused: string[];
}

type Issue = z.core.$ZodIssue;

const MOST_ROUNDS = 8;

/**
 * Applies a component's schema to a config. Problems where `isFilled` says that an input fills the key when the job runs are none:
 * something of the right type stands in there while the rest is checked.
 */
export function applySchema(schema: z.ZodType, config: JsonObject, isFilled: (at: string) => boolean): SchemaResult {
  const trial = structuredClone(config);
  const standIns = new Set<string>();
  for (let round = 0; ; round++) {
    const result = schema.safeParse(trial);
    if (result.success) return accepted(config, result.data, standIns);
    const filled = result.error.issues.filter(issue => isFilled(dottedOf(issue)));
    const standing = round < MOST_ROUNDS && filled.filter(issue => standIn(trial, issue, round)).map(dottedOf);
    if (!standing || standing.length === 0) {
      const issues = result.error.issues.filter(issue => !filled.includes(issue));
      return { value: config, problems: issues.flatMap(issue => problemsOf(issue, schema, config)), unused: [] };
    }
    for (const at of standing) standIns.add(at);
  }
}

function accepted(config: JsonObject, parsed: unknown, standIns: ReadonlySet<string>): SchemaResult {
  const value = merged(config, parsed) as JsonObject;
  for (const at of standIns) {
    const before = getAt(config, at);
    if (before === undefined) removeAt(value, at);
    else setAt(value, at, before);
  }
  const unused = droppedKeys(config, parsed, '').filter(at => !standIns.has(at));
  return { value, problems: [], unused };
}

/** Puts something of the expected type where the issue is; false where nothing can be. */
function standIn(config: JsonObject, issue: Issue, round: number): boolean {
  const at = dottedOf(issue);
  if (at === '') return false;
  const guesses: Json[] = ['stand-in', [], {}, 1, true, ['stand-in'], [1]];
  const byType: Record<string, Json> = {
    string: 'stand-in',
    number: 1,
    int: 1,
    array: [],
    object: {},
    record: {},
    boolean: true,
    tuple: [],
  };
  const expected =
    issue.code === 'invalid_type'
      ? byType[issue.expected]
      : issue.code === 'invalid_value'
        ? (issue.values[0] as Json)
        : undefined;
  return setAt(config, at, structuredClone(expected ?? guesses[round % guesses.length] ?? null)) === null;
}

/** The parsed value over the given one: defaults and coercions come in, dropped keys stay. */
function merged(given: Json | undefined, parsed: unknown): Json | undefined {
  if (isObject(parsed)) {
    const base = isObject(given) ? given : {};
    const result: JsonObject = { ...base };
    for (const [key, value] of Object.entries(parsed)) {
      const both = merged(base[key], value);
      if (both !== undefined) result[key] = both;
    }
    return result;
  }
  if (Array.isArray(parsed)) {
    const base = Array.isArray(given) && given.length === parsed.length ? given : [];
    return parsed.map((value, i) => merged(base[i], value) ?? null);
  }
  return parsed as Json | undefined;
}

function droppedKeys(given: Json, parsed: unknown, at: string): string[] {
  if (!isObject(given) || !isObject(parsed)) return [];
  return Object.entries(given).flatMap(([key, value]) => {
    const inside = at === '' ? key : `${at}.${key}`;
    return Object.hasOwn(parsed, key) ? droppedKeys(value, parsed[key], inside) : [inside];
  });
}

function dottedOf(issue: Issue): string {
  return issue.path.map(String).join('.');
}

function problemsOf(issue: Issue, schema: z.ZodType, config: JsonObject): SchemaProblem[] {
  const at = dottedOf(issue);
  if (issue.code === 'unrecognized_keys') {
    const known = keysAt(schema, issue.path.map(String));
    return issue.keys.map(key => ({
      at: at === '' ? key : `${at}.${key}`,
      key: true,
      message: `unknown key; ${didYouMean(key, known)}`,
    }));
  }
  const got = at === '' ? config : getAt(config, at);
  if (got === undefined && issue.code !== 'custom')
    return [
      { at, key: true, message: `"${at.slice(at.lastIndexOf('.') + 1)}" is missing; expected ${expectation(issue)}` },
    ];
  if (issue.code === 'custom') return [{ at, message: issue.message }];
  // A schema's own words begin otherwise than zod's.
  if (!/^(?:Invalid|Too|Unrecognized)/.test(issue.message))
    return [{ at, message: `${issue.message}, got ${shown(got)}` }];
  return [{ at, message: `expected ${expectation(issue)}, got ${shown(got)}` }];
}

const TYPE_WORDS: Record<string, string> = {
  string: 'a string',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map',
  record: 'a map',
};

function expectation(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return TYPE_WORDS[issue.expected] ?? issue.expected;
    case 'invalid_value': {
      const words = issue.values.map(value => JSON.stringify(value) ?? String(value));
      return words.length === 1 ? `${words[0]}` : `one of ${words.join(', ')}`;
    }
    case 'too_small':
      return `${issue.inclusive === false ? 'more than' : 'at least'} ${issue.minimum}${unit(issue.origin)}`;
    case 'too_big':
      return `${issue.inclusive === false ? 'less than' : 'at most'} ${issue.maximum}${unit(issue.origin)}`;
    case 'invalid_format':
      return issue.format === 'regex' && issue.pattern
        ? `a string that matches ${issue.pattern}`
        : `a valid ${issue.format}`;
    case 'invalid_union': {
      const each = issue.errors
        .map(branch => branch[0])
        .filter(first => first !== undefined && first.path.length === 0);
      const words = [...new Set(each.map(first => expectation(first as Issue)))];
      return words.length > 0 ? words.join(' or ') : issue.message;
    }
    default:
      return issue.message.replace(/^Invalid input: expected /, '');
  }
}

function unit(origin: string): string {
  if (origin === 'string') return ' characters';
  return origin === 'array' ? ' items' : '';
}

function shown(value: Json | undefined): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

/** Keys that an object schema knows at a path; none where it is no object schema. */
export function keysAt(schema: z.ZodType, path: readonly string[] = []): string[] {
  let inner: unknown = unwrapped(schema);
  for (const part of path) {
    const shape = shapeOf(inner);
    inner = shape && Object.hasOwn(shape, part) ? unwrapped(shape[part]) : undefined;
  }
  return Object.keys(shapeOf(inner) ?? {});
}

function shapeOf(schema: unknown): Record<string, unknown> | undefined {
  return (schema as { shape?: Record<string, unknown> } | undefined)?.shape;
}

function unwrapped(schema: unknown): unknown {
  let inner = schema;
  for (let i = 0; i < 8; i++) {
    const next = (inner as { def?: { innerType?: unknown; in?: unknown } } | undefined)?.def;
    const under = next?.innerType ?? next?.in;
    if (under === undefined) return inner;
    inner = under;
  }
  return inner;
}
