// From a job as written to a draft of the plan's job: which component, its config checked, its paths and inputs found.
import { checkConfig, warnOfPlaceholders } from './check-config.ts';
import type { Compiling } from './compiling.ts';
import type { ComponentSpec } from './component.ts';
import { getAt } from './dotted.ts';
import { CONFIG_ROOTS, type Draft } from './draft.ts';
import { DEFAULT_DURABILITY, jobDurability } from './durability.ts';
import { ANONYMOUS_JOB, type RawJob } from './grammar.ts';
import { bindContextKeys, buildConfig, overrideOps } from './job-config.ts';
import { DEFAULT_RESOURCES, gpusGiven, readOptions, readOutputs } from './job-options.ts';
import { findPaths, type MissingRead } from './job-paths.ts';
import { ConfigPlaces } from './origin.ts';
import type { Durability } from './plan.ts';
import type { JobSetting, OpSetting } from './set.ts';
import { didYouMean, didYouMeanOf } from './suggest.ts';

/** What all jobs of a compile are checked with. */
export interface JobContext {
  earlier: readonly Draft[];
  later: readonly RawJob[];
  settings: readonly JobSetting[];
  ops: readonly OpSetting[];
  onFailure: 'fail' | 'wait';
  /** The config's own, for all its jobs. */
  durability: Partial<Durability>;
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
  draft.durability = jobDurability(c, raw, context.durability);
  if (draft.spec === null) {
    draft.broken = true;
    return { draft, missing: [] };
  }
  nameJob(draft, draft.spec);
  if (draft.spec.notRunnable)
    c.warn(raw.origin.place(['hook']), `${draft.spec.name} cannot run in this version: ${draft.spec.notRunnable}`);
  overrideOps(draft, context.ops);
  bindContextKeys(c, draft, context.earlier, context.later);
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
    durability: DEFAULT_DURABILITY,
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
