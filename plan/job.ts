// From a job as written to a draft of the plan's job: which component, its config checked, its paths and inputs found.
import type { z } from 'zod';
import type { Compiling } from './compiling.ts';
import type { ComponentSpec } from './component.ts';
import { outputNames } from './context-key.ts';
import { getAt, isObject, isWithin } from './dotted.ts';
import { CONFIG_ROOTS, type ConfigRoot, type Draft } from './draft.ts';
import { ANONYMOUS_JOB, type RawJob } from './grammar.ts';
import { buildConfig, overrideOps } from './job-config.ts';
import { findPaths, isFilled, type MissingRead } from './job-paths.ts';
import { ConfigPlaces } from './origin.ts';
import { isPlaceholder } from './paths.ts';
import type { Resources } from './plan.ts';
import { checkRecipe } from './recipe.ts';
import { applySchema, keysAt } from './schema.ts';
import type { JobSetting, OpSetting } from './set.ts';
import { didYouMean, didYouMeanOf } from './suggest.ts';

const DEFAULT_RESOURCES: Resources = { tag: 'cpu', gpus: 0 };

/** What all jobs of a compile are checked with. */
export interface JobContext {
  earlier: readonly Draft[];
  later: readonly RawJob[];
  settings: readonly JobSetting[];
  ops: readonly OpSetting[];
  onFailure: 'fail' | 'wait';
}

/** Checks one job; everything wrong with it is told, and what is known of it comes back. */
export function draftJob(c: Compiling, raw: RawJob, context: JobContext): { draft: Draft; missing: MissingRead[] } {
  const before = c.problems.errors.length;
  const hook = readHook(c, raw);
  const draft = emptyDraft(raw, hook ?? '');
  buildConfig(c, draft, context.earlier, context.later, context.settings);
  draft.spec = hook === null ? null : chooseComponent(c, draft, hook);
  readOutputs(c, draft);
  readOptions(c, draft, context.onFailure);
  if (draft.spec === null) {
    draft.broken = true;
    return { draft, missing: [] };
  }
  nameJob(draft, draft.spec);
  if (draft.spec.notRunnable)
    c.warn(raw.origin.place(['hook']), `${draft.spec.name} cannot run in this version: ${draft.spec.notRunnable}`);
  overrideOps(draft, context.ops);
  draft.given = { ...draft.config };
  for (const root of CONFIG_ROOTS) checkConfig(c, draft, draft.spec, root);
  draft.broken ||= c.problems.errors.length > before;
  const missing = findPaths(c, draft, context.earlier);
  findNeeds(c, draft, context.earlier);
  warnOfPlaceholders(c, draft);
  if (!draft.broken) {
    draft.parts = draft.spec.parts?.(draft.config) ?? null;
    draft.resources.gpus = gpusGiven(raw) ?? draft.spec.gpus?.(draft.config) ?? draft.resources.gpus;
    for (const { at, message } of draft.spec.check?.(draft.config) ?? []) c.error(draft.places.place(at), message);
  }
  draft.broken ||= c.problems.errors.length > before;
  return { draft, missing };
}

function emptyDraft(raw: RawJob, hook: string): Draft {
  return {
    raw,
    id: jobId(raw, raw.metaName === ANONYMOUS_JOB ? hook : raw.metaName),
    pipeline: raw.pipeline,
    stage: raw.stage,
    n: raw.n,
    hook,
    metaName: raw.metaName,
    type: null,
    spec: null,
    outputs: [],
    config: { dj_configs: null, extra_configs: null },
    given: { dj_configs: null, extra_configs: null },
    places: new ConfigPlaces(),
    late: new Set(),
    unknown: new Set(),
    inputs: [],
    unresolved: [],
    edges: [],
    needs: [],
    reads: [],
    writes: [],
    unnamed: [],
    made: [],
    overrides: [],
    settings: [],
    parts: null,
    resources: DEFAULT_RESOURCES,
    cache: true,
    onFailure: 'fail',
    broken: false,
  };
}

/** Ids are names of folders and parts of Temporal's ids, so that they keep to letters, digits and `_.-`. */
function jobId({ pipeline, n }: RawJob, name: string): string {
  return `${plainName(pipeline)}.${n}-${plainName(name) || 'job'}`;
}

function plainName(name: string): string {
  return name.replace(/[^\p{L}\p{N}_.-]+/gu, '_');
}

function nameJob(draft: Draft, spec: ComponentSpec): void {
  if (draft.metaName === ANONYMOUS_JOB) draft.id = jobId(draft.raw, spec.name);
  draft.type = spec.type ?? null;
}

function readHook(c: Compiling, { value, origin }: RawJob): string | null {
  const hooks = [...new Set(c.registry.map(spec => spec.hook))];
  if (typeof value.hook !== 'string' || value.hook === '') {
    const what =
      value.hook === undefined || value.hook === null
        ? '"hook" is missing'
        : `expected a hook, got ${JSON.stringify(value.hook)}`;
    c.error(origin.place(['hook']), `${what}; known: ${hooks.join(', ')}`);
    return null;
  }
  if (hooks.includes(value.hook)) return value.hook;
  c.error(origin.place(['hook']), `unknown hook "${value.hook}"; ${didYouMeanOf(value.hook, hooks)}`);
  return null;
}

function chooseComponent(c: Compiling, draft: Draft, hook: string): ComponentSpec | null {
  const specs = c.registry.filter(spec => spec.hook === hook);
  const plain = specs.find(spec => spec.type === undefined);
  if (plain) return plain;
  if (draft.unknown.has('extra_configs')) return null;
  const types = specs.map(spec => spec.type!);
  const type = getAt(draft.config, 'extra_configs.type') ?? null;
  const found = specs.find(spec => spec.type === type);
  if (found) return found;
  const place =
    draft.config.extra_configs === null
      ? draft.raw.origin.place(['extra_configs'])
      : draft.places.place('extra_configs.type');
  if (type === null)
    c.error(place, `${hook} chooses by "type", which is missing in extra_configs; known: ${types.join(', ')}`);
  else c.error(place, `unknown type ${JSON.stringify(type)} of ${hook}; ${didYouMeanOf(String(type), types)}`);
  return null;
}

function readOutputs(c: Compiling, draft: Draft): void {
  const given = draft.raw.value.output ?? [];
  const place = draft.raw.origin.place(['output']);
  const names = typeof given === 'string' ? [given] : given;
  if (!Array.isArray(names) || !names.every((name): name is string => typeof name === 'string' && name !== '')) {
    c.error(place, `expected a name or a list of names, got ${JSON.stringify(given)}`);
    return;
  }
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) c.error(place, `"${twice}" names two results; give each a name of its own`);
  const count = draft.spec?.results.length;
  if (count !== undefined && names.length > count) {
    c.error(
      place,
      `${names.length} names for ${count} result${count === 1 ? '' : 's'}; ${draft.spec?.name} has ${count}: leave out ${names.slice(count).join(', ')}`,
    );
  }
  draft.outputs = outputNames(names, count ?? 0);
}

function readOptions(c: Compiling, draft: Draft, onFailure: 'fail' | 'wait'): void {
  const { value, origin } = draft.raw;
  const { cache = null, on_failure: failure = null, resources = null } = value;
  draft.cache = draft.spec?.cacheable ?? true;
  if (typeof cache === 'boolean') draft.cache = cache;
  else if (cache !== null) c.error(origin.place(['cache']), `expected true or false, got ${JSON.stringify(cache)}`);
  draft.onFailure = onFailure;
  if (failure === 'fail' || failure === 'wait') draft.onFailure = failure;
  else if (failure !== null)
    c.error(origin.place(['on_failure']), `expected "fail" or "wait", got ${JSON.stringify(failure)}`);
  draft.resources = { ...(draft.spec?.resources ?? DEFAULT_RESOURCES) };
  if (resources === null) return;
  if (!isObject(resources)) {
    c.error(origin.place(['resources']), 'expected a map: {tag: <what a worker must offer>, gpus: <number>}');
    return;
  }
  for (const [key, wanted] of Object.entries(resources)) {
    const place = origin.place(['resources', key]);
    if (key === 'tag' && typeof wanted === 'string' && /^[\w.-]+$/.test(wanted)) draft.resources.tag = wanted;
    else if (key === 'gpus' && Number.isInteger(wanted) && (wanted as number) >= 0)
      draft.resources.gpus = wanted as number;
    else if (key === 'tag')
      c.error(place, `expected a tag such as cpu, gpu or gpu-h100, got ${JSON.stringify(wanted)}`);
    else if (key === 'gpus') c.error(place, `expected a whole number of GPUs, got ${JSON.stringify(wanted)}`);
    else c.error(origin.place(['resources', key], 'key'), `unknown key; ${didYouMeanOf(key, ['tag', 'gpus'])}`);
  }
}

function gpusGiven({ value }: RawJob): number | null {
  const gpus = isObject(value.resources) ? value.resources.gpus : null;
  return typeof gpus === 'number' ? gpus : null;
}

function checkConfig(c: Compiling, draft: Draft, spec: ComponentSpec, root: ConfigRoot): void {
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

function findNeeds(c: Compiling, draft: Draft, earlier: readonly Draft[]): void {
  for (const { as } of draft.spec?.needs ?? []) {
    const providers = earlier.filter(job => job.spec?.provides?.includes(as));
    const provider = providers.findLast(job => job.metaName === draft.metaName);
    if (provider) {
      draft.needs.push({ as, job: provider.id });
      continue;
    }
    if (earlier.some(job => job.spec === null && job.metaName === draft.metaName)) continue;
    const hooks = [...new Set(c.registry.filter(spec => spec.provides?.includes(as)).map(spec => spec.hook))];
    const names = [...new Set(providers.map(job => job.metaName))];
    const hint =
      names.length === 0
        ? `put a job with hook ${hooks.join(' or ')} and this meta_name before it`
        : didYouMean(draft.metaName, names);
    c.error(
      draft.raw.origin.place(['meta_name']),
      `${draft.hook} takes ${as} of an earlier job with the same meta_name, and none before it is called "${draft.metaName}"; ${hint}`,
    );
  }
}

function warnOfPlaceholders(c: Compiling, draft: Draft): void {
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
