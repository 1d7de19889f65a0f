// Reads a job's `local` and `input`.
import type { Compiling } from './compiling.ts';
import { findResult } from './context-key.ts';
import type { Place } from './diagnostic.ts';
import { isObject } from './dotted.ts';
import { CONFIG_ROOTS, type Draft } from './draft.ts';
import type { RawJob } from './grammar.ts';
import type { InputBinding, Json } from './plan.ts';
import type { JobSetting } from './set.ts';
import { didYouMean } from './suggest.ts';

const ROOTED = /^(?:dj_configs|extra_configs)(?:\.|$)/;

/** A value and where it stands. */
export type Given = { value: Json; place: Place };
/** An input as written: a config key and a context key. */
export type RawInput = { into: string; from: string; place: Place };

/** What `local` sets. */
export function readLocal(c: Compiling, raw: RawJob): (JobSetting & Given)[] {
  return entriesOf(c, raw, 'local', 'a map of config keys to values').flatMap(([at, value]) => {
    const place = raw.origin.place(['local', at]);
    if (!rooted(c, raw, 'local', at)) return [];
    return [{ at, value, place }];
  });
}

/** What `input` takes. */
export function readInputs(c: Compiling, raw: RawJob): RawInput[] {
  return entriesOf(c, raw, 'input', 'a map of config keys to context keys').flatMap(([into, from]) => {
    const place = raw.origin.place(['input', into]);
    if (!rooted(c, raw, 'input', into)) return [];
    if (typeof from === 'string') return [{ into, from, place }];
    c.error(place, `expected a context key in quotes, such as "-1.<output>", got ${JSON.stringify(from)}`);
    return [];
  });
}

function entriesOf(c: Compiling, raw: RawJob, key: 'local' | 'input', expected: string): [string, Json][] {
  const value = raw.value[key] ?? null;
  if (value === null) return [];
  if (isObject(value)) return Object.entries(value);
  c.error(raw.origin.place([key]), `expected ${expected}`);
  return [];
}

function rooted(c: Compiling, raw: RawJob, key: 'local' | 'input', at: string): boolean {
  if (ROOTED.test(at)) return true;
  const [first = ''] = at.split('.');
  c.error(
    raw.origin.place([key, at], 'key'),
    `a config key begins with dj_configs or extra_configs; ${didYouMean(first, CONFIG_ROOTS)}`,
  );
  return false;
}

/** Finds the result that an input names; null where it names none, which is told. */
export function findInput(c: Compiling, input: RawInput, earlier: readonly Draft[], later: readonly RawJob[]) {
  const rest = later.map(raw => ({
    id: `${raw.pipeline}.${raw.metaName}`,
    pipeline: raw.pipeline,
    metaName: raw.metaName,
    outputs: [],
    spec: null,
  }));
  const found = findResult(input.from, earlier, rest);
  if ('error' in found) {
    c.error(input.place, `"${input.from}": ${found.error}`);
    return null;
  }
  if (found.warning) c.warn(input.place, `"${input.from}": ${found.warning}`);
  const result = found.job.spec?.results[found.index];
  if (result && 'write' in result && found.ref.nested.length > 0) {
    c.error(
      input.place,
      `${found.ref.output} of ${found.job.id} is a path, so that there is no "${found.ref.nested.join('.')}" in it; end the key at the output`,
    );
    return null;
  }
  const binding: InputBinding = { into: input.into, from: input.from, ref: found.ref };
  return { binding, job: found.job, index: found.index };
}
