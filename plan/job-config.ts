// Builds the two configs of a job: from texts or inline, late-bound as a whole, then `local`, `--set` and iteration updates, in that order.
import { isAbsolute, join } from 'node:path';
import type { Compiling } from './compiling.ts';
import { findResult } from './context-key.ts';
import type { Place } from './diagnostic.ts';
import { getAt, isObject, isWithin, setAt } from './dotted.ts';
import { CONFIG_ROOTS, type ConfigRoot, type Draft } from './draft.ts';
import type { RawJob } from './grammar.ts';
import { findEdge, makersOf } from './made-paths.ts';
import { Origin } from './origin.ts';
import { isPlaceholder } from './paths.ts';
import type { InputBinding, Json, JsonObject } from './plan.ts';
import { applyOverride } from './recipe.ts';
import type { JobSetting, OpSetting } from './set.ts';
import { didYouMean } from './suggest.ts';

const ROOTED = /^(?:dj_configs|extra_configs)(?:\.|$)/;

/** Fills a draft's configs, inputs and settings. */
export function buildConfig(
  c: Compiling,
  draft: Draft,
  earlier: readonly Draft[],
  later: readonly RawJob[],
  set: readonly JobSetting[],
): void {
  const local = readLocal(c, draft.raw);
  const inputs = readInputs(c, draft.raw);
  for (const root of CONFIG_ROOTS) {
    const whole = inputs.find(input => input.into === root);
    const given = local.find(each => each.at === root) ?? {
      value: draft.raw.value[root] ?? null,
      place: draft.raw.origin.place([root]),
    };
    loadRoot(c, draft, root, given, earlier, whole !== undefined);
    if (whole) bindWhole(c, draft, root, whole, earlier, later);
  }
  for (const setting of [...local.filter(each => each.at.includes('.')), ...set]) write(c, draft, setting);
  for (const input of inputs.filter(each => each.into.includes('.'))) {
    for (const { at, place } of set) if (isWithin(at, input.into)) c.error(place, setInVain(draft, input));
    bindNested(c, draft, input, earlier, later);
  }
}

/** Applies op arguments set from outside to a draft's recipe. */
export function overrideOps(draft: Draft, ops: readonly OpSetting[]): void {
  const recipe = draft.config.dj_configs;
  if (!draft.spec?.recipe || recipe === null) return;
  for (const setting of ops) {
    const written = applyOverride(recipe, setting);
    if (written.length === 0) continue;
    setting.used = true;
    draft.overrides.push({ op: setting.op, arg: setting.arg, value: setting.value });
    for (const at of written)
      draft.places.write(`dj_configs.${at}`, { file: '--set', line: 0, col: 0, path: setting.path });
  }
}

function setInVain(draft: Draft, { into, from }: RawInput): string {
  return `${draft.id} takes ${into} from ${from} when it runs, so that this has no effect; leave it out, or remove the input`;
}

type Given = { value: Json; place: Place };
type RawInput = { into: string; from: string; place: Place };

function readLocal(c: Compiling, raw: RawJob): (JobSetting & Given)[] {
  return entriesOf(c, raw, 'local', 'a map of config keys to values').flatMap(([at, value]) => {
    const place = raw.origin.place(['local', at]);
    if (!rooted(c, raw, 'local', at)) return [];
    return [{ at, value, place }];
  });
}

function readInputs(c: Compiling, raw: RawJob): RawInput[] {
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

function loadRoot(
  c: Compiling,
  draft: Draft,
  root: ConfigRoot,
  { value, place }: Given,
  earlier: readonly Draft[],
  isInput: boolean,
): void {
  draft.places.setRoot(root, draft.raw.origin.inside(root));
  if (value === null) return;
  if (isObject(value)) {
    draft.config[root] = structuredClone(value);
    return;
  }
  if (typeof value !== 'string') {
    c.error(place, `expected a map, the path of a YAML or JSON file, or null, got ${JSON.stringify(value)}`);
    markUnknown(draft, root);
    return;
  }
  if (isInput) return;
  if (isPlaceholder(value)) {
    c.error(place, `nothing fills in ${value}; give a path or a map, or add \`input: {${root}: <context key>}\``);
    markUnknown(draft, root);
    return;
  }
  loadFile(c, draft, root, value, place, earlier);
}

function loadFile(
  c: Compiling,
  draft: Draft,
  root: ConfigRoot,
  written: string,
  place: Place,
  earlier: readonly Draft[],
): void {
  const path = isAbsolute(written) ? written : join(c.baseDir, written);
  const edge = findEdge(root, written, path, earlier);
  if (edge) {
    const producer = earlier.find(job => job.id === edge.job)!;
    draft.edges.push(edge);
    draft.late.add(root);
    const index = producer.spec?.results.findIndex(result => 'write' in result && result.write === edge.write) ?? -1;
    if (!expectRecipe(draft, root, producer, index)) {
      c.error(place, `${producer.id} makes ${written}, which is no recipe; name the output of a refine job`);
      markUnknown(draft, root);
    }
    return;
  }
  if (!/\.(?:ya?ml|json)$/.test(path)) {
    c.error(place, `expected the path of a .yaml, .yml or .json file, got ${JSON.stringify(written)}`);
    markUnknown(draft, root);
    return;
  }
  const source = c.source(path);
  if (source === null && makersOf(path, earlier).length === 0 && !earlier.some(job => job.broken)) {
    const kind = c.files.stat(path) === 'directory' ? `${written} is a folder` : `there is no file ${written}`;
    c.error(place, `${kind} and no job before this one makes it; relative paths start at ${c.baseDir}`);
  }
  if (!source?.value) {
    markUnknown(draft, root);
    return;
  }
  draft.places.setRoot(root, new Origin(source));
  draft.config[root] = structuredClone(source.value);
}

function markUnknown(draft: Draft, root: ConfigRoot): void {
  draft.unknown.add(root);
  draft.broken = true;
}

function bindWhole(
  c: Compiling,
  draft: Draft,
  root: ConfigRoot,
  input: RawInput,
  earlier: readonly Draft[],
  later: readonly RawJob[],
): void {
  const found = find(c, input, earlier, later);
  if (!found) {
    markUnknown(draft, root);
    return;
  }
  draft.late.add(root);
  draft.inputs.push(found.binding);
  if (expectRecipe(draft, root, found.job, found.index)) return;
  if (draft.config[root] !== null) return;
  markUnknown(draft, root);
  if (found.job.spec === null) return;
  c.error(
    input.place,
    `${input.from} is no recipe, so that nothing is known of ${root}; take the result of a refine job, or give the config as a map`,
  );
}

/** What a recipe that is made late will look like: the recipe that it is made from, with what its maker fills into that. */
function expectRecipe(draft: Draft, root: ConfigRoot, producer: Draft, index: number): boolean {
  const result = producer.spec?.results[index];
  if (root !== 'dj_configs' || !result || !('write' in result) || result.recipeOf !== 'dj_configs') return false;
  if (producer.config.dj_configs === null || producer.unknown.has('dj_configs')) {
    markUnknown(draft, root);
    return true;
  }
  draft.config.dj_configs = structuredClone(producer.config.dj_configs);
  const origin = producer.places.root('dj_configs');
  if (origin) draft.places.setRoot(root, origin);
  for (const { at, place } of producer.places.written) if (isWithin(at, 'dj_configs')) draft.places.write(at, place);
  for (const input of producer.inputs) if (input.into.startsWith('dj_configs.')) draft.inputs.push({ ...input });
  return true;
}

function bindNested(
  c: Compiling,
  draft: Draft,
  input: RawInput,
  earlier: readonly Draft[],
  later: readonly RawJob[],
): void {
  const found = find(c, input, earlier, later);
  if (!found) {
    draft.broken = true;
    draft.unresolved.push(input.into);
    return;
  }
  draft.inputs = draft.inputs.filter(each => !isWithin(each.into, input.into));
  draft.inputs.push(found.binding);
  expectPath(draft, input, found.job, found.index);
}

/** Puts the path under which a result is also published where an input will write it: other outputs may be named after it. */
function expectPath(draft: Draft, { into, place }: RawInput, producer: Draft, index: number): void {
  const result = producer.spec?.results[index];
  const named =
    result && 'write' in result ? producer.writes.find(write => write.at === result.write)?.named : undefined;
  const root = into.split('.')[0] as ConfigRoot;
  if (named === undefined || draft.unknown.has(root)) return;
  const config: JsonObject = { [root]: draft.config[root] ?? {} };
  if (setAt(config, into, named) !== null) return;
  draft.config[root] = config[root] as JsonObject;
  draft.places.write(into, place);
}

function find(c: Compiling, input: RawInput, earlier: readonly Draft[], later: readonly RawJob[]) {
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

function write(c: Compiling, draft: Draft, { at, value, place }: JobSetting): void {
  const root = at.split('.')[0] as ConfigRoot;
  if (draft.unknown.has(root)) return;
  const config: JsonObject = { [root]: draft.config[root] ?? {} };
  const isNew = getAt(config, at) === undefined;
  const problem = setAt(config, at, structuredClone(value));
  if (problem) {
    c.error(place, `cannot set ${at}: ${problem}`);
    draft.broken = true;
    return;
  }
  draft.config[root] = config[root] as JsonObject;
  draft.places.write(at, place, isNew);
  if (draft.late.has(root)) draft.settings.push({ at, value });
}
