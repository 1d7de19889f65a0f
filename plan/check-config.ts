// Checks a job's configs against its component's schemas and, for recipes, against the op catalogue.
import type { z } from 'zod';
import type { Compiling } from './compiling.ts';
import type { ComponentSpec } from './component.ts';
import { isObject, isWithin } from './dotted.ts';
import { CONFIG_ROOTS, type ConfigRoot, type Draft } from './draft.ts';
import { isFilled } from './job-paths.ts';
import { isPlaceholder } from './paths.ts';
import { checkRecipe } from './recipe.ts';
import { applySchema, keysAt } from './schema.ts';
import { didYouMean } from './suggest.ts';

/** Tells what is wrong with one of a draft's configs, and fills in the component's defaults. */
export function checkConfig(c: Compiling, draft: Draft, spec: ComponentSpec, root: ConfigRoot): void {
  if (draft.unknown.has(root)) return;
  const schema = root === 'dj_configs' ? spec.config.dj : spec.config.extra;
  const config = draft.config[root];
  if (!schema) {
    if (config !== null) c.note(`${draft.id}: ${spec.name} does not use ${root}.`);
    return;
  }
  const given = config ?? {};
  const result = applySchema(schema, given, at => isFilled(draft, `${root}.${at}`));
  for (const { at, key, message } of result.problems) {
    const place =
      config === null
        ? draft.raw.origin.place([root])
        : draft.places.place(at === '' ? root : `${root}.${at}`, key ? 'key' : 'value');
    c.error(place, config === null ? `${root} is needed by ${spec.name}: ${message}` : message);
  }
  if (config !== null || Object.keys(result.value).length > 0) draft.config[root] = result.value;
  const isRecipe = root === 'dj_configs' && spec.recipe === true;
  if (!isRecipe) tellUnused(c, draft, root, schema, result.unused);
  else if (config !== null) {
    for (const { at, key, message } of checkRecipe(config, c.catalogue, keysAt(schema))) {
      if (!isFilled(draft, `${root}.${at}`))
        c.error(draft.places.place(`${root}.${at}`, key ? 'key' : 'value'), message);
    }
  }
}

/** A key that nothing reads: in a file it may be for another program, and is only told; set from outside it names nothing. */
function tellUnused(c: Compiling, draft: Draft, root: ConfigRoot, schema: z.ZodType, dropped: readonly string[]): void {
  const name = draft.spec?.name;
  const knownBeside = (at: string) => keysAt(schema, at.split('.').slice(0, -1));
  const say = (at: string) =>
    `${name} has no key "${at}"; ${didYouMean(at.slice(at.lastIndexOf('.') + 1), knownBeside(at))}`;
  const set = draft.places.written.filter(each => each.place.file === '--set' && each.isNew && isWithin(each.at, root));
  for (const { at: full, place } of set) {
    const at = full.slice(root.length + 1);
    const known = knownBeside(at);
    if (known.length > 0 && !known.includes(at.slice(at.lastIndexOf('.') + 1))) c.error(place, say(at));
  }
  for (const at of dropped) {
    const full = `${root}.${at}`;
    if (at !== 'type' && !set.some(each => isWithin(full, each.at)))
      c.warn(draft.places.place(full, 'key'), `${say(at)} It is ignored.`);
  }
}

/** Warns of values that look like placeholders, where no path is expected: it may be meant. */
export function warnOfPlaceholders(c: Compiling, draft: Draft): void {
  const fields = new Set([...(draft.spec?.reads ?? []), ...(draft.spec?.writes ?? [])].map(field => field.at));
  const walk = (value: unknown, at: string): void => {
    if (isFilled(draft, at) || fields.has(at)) return;
    if (isPlaceholder(value))
      c.warn(draft.places.place(at), `${value} looks like a placeholder that nothing fills in; write the value`);
    else if (Array.isArray(value)) for (const [i, each] of value.entries()) walk(each, `${at}.${i}`);
    else if (isObject(value)) for (const [key, each] of Object.entries(value)) walk(each, `${at}.${key}`);
  };
  for (const root of CONFIG_ROOTS) {
    const config = draft.config[root];
    for (const [key, value] of Object.entries(config ?? {})) walk(value, `${root}.${key}`);
  }
}
