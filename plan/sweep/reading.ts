import type { ConfigPath, Place } from '../diagnostic.ts';
import { Problems } from '../diagnostic.ts';
import { isObject } from '../dotted.ts';
import type { Origin } from '../origin.ts';
import type { Json, JsonObject } from '../plan.ts';
import { didYouMeanOf } from '../suggest.ts';

/** What a key of a sweep file takes. */
export interface Key {
  expected: string;
  fits: (value: Json) => boolean;
}

/** What all steps of reading one sweep file share. */
export class Reading {
  readonly problems = new Problems();
  /** What the user should know and need not change. */
  readonly notes: string[] = [];

  error(place: Place, message: string): void {
    this.problems.error(place, message);
  }

  warn(place: Place, message: string): void {
    this.problems.warn(place, message);
  }

  /** The value as a map; null where it is none, which is told. */
  map(value: Json, origin: Origin, expected: string): JsonObject | null {
    if (isObject(value)) return value;
    this.error(origin.place(), `expected ${expected}, got ${said(value)}`);
    return null;
  }

  /** The values of a map that are given and fit; null is as good as absent, and what is unknown or does not fit is told. */
  values(given: JsonObject, keys: Record<string, Key>, origin: Origin, what = 'key'): JsonObject {
    const values: JsonObject = {};
    for (const [key, value] of Object.entries(given)) {
      const known = Object.hasOwn(keys, key) ? keys[key] : undefined;
      if (!known) this.error(origin.place([key], 'key'), `unknown ${what}; ${didYouMeanOf(key, Object.keys(keys))}`);
      else if (value !== null && this.fits(value, known, origin, [key])) values[key] = value;
    }
    return values;
  }

  /** Whether a value fits; what does not is told. */
  fits(value: Json, { expected, fits }: Key, origin: Origin, path: ConfigPath): boolean {
    if (fits(value)) return true;
    this.error(origin.place(path), `expected ${expected}, got ${said(value)}`);
    return false;
  }
}

/** A value as an error repeats it. */
export function said(value: Json): string {
  const text = JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}

export const text: Key = { expected: 'a string (put it in quotes)', fits: value => typeof value === 'string' };
export const finite: Key = { expected: 'a number', fits: value => typeof value === 'number' && Number.isFinite(value) };
export const flag: Key = { expected: 'true or false', fits: value => typeof value === 'boolean' };
export const anything: Key = { expected: 'anything', fits: () => true };

export const above = (least: number): Key => ({
  expected: `a number above ${least}`,
  fits: value => finite.fits(value) && (value as number) > least,
});

export const wholeFrom = (least: number, most = Number.MAX_SAFE_INTEGER): Key => ({
  expected:
    most < Number.MAX_SAFE_INTEGER ? `a whole number from ${least} to ${most}` : `a whole number of at least ${least}`,
  fits: value => Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most,
});

export const limit = (key: Key): Key => ({ ...key, expected: `${key.expected}, or null for no limit` });

export const oneOf = (...words: string[]): Key => ({
  expected: words.map(word => `"${word}"`).join(' or '),
  fits: value => words.includes(value as string),
});
