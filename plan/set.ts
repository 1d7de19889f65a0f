// What is set over a config: by its own `set`, from outside (`--set`, sweeps), and by the results of the iteration before.
import { type Compiling, setPlace } from './compiling.ts';
import type { Place } from './diagnostic.ts';
import { getAt, isObject, setAt } from './dotted.ts';
import { GLOBAL_KEYS, type RawJob } from './grammar.ts';
import type { Origin } from './origin.ts';
import type { Json, JsonObject, OpOverride } from './plan.ts';
import { keysAt } from './schema.ts';
import { didYouMean } from './suggest.ts';

/** A value that is set, and where that is said. */
export interface GivenSetting {
  path: string;
  value: Json;
  place: Place;
}

/** A value for one job's config. */
export interface JobSetting {
  /** Dotted config key, such as `extra_configs.train.seed`. */
  at: string;
  value: Json;
  place: Place;
}

/** An op argument, and whether any recipe has that op. */
export interface OpSetting extends OpOverride {
  place: Place;
  used: boolean;
}

/** A dotted path into one job's config: `[<pipeline>.]<meta_name>.(dj|extra)_configs.<key>`. */
export interface JobPath {
  jobs: RawJob[];
  at: string;
}

const CONFIG_WORD = /(?:^|\.)(dj_configs|extra_configs)(?:\.|$)/;

/** `work_dir`, `durability.host_grace`, … */
function isGlobal(path: string): boolean {
  return (path !== 'set' && Object.hasOwn(GLOBAL_KEYS, path)) || path.startsWith('durability.');
}

/** What is set, in the order in which it is written: the config's own `set`, then what comes from outside and wins. */
export function givenSettings(c: Compiling, config: JsonObject, origin: Origin): GivenSetting[] {
  const outside = c.request.set ?? {};
  const own = isObject(config.set) ? config.set : {};
  return [
    ...Object.entries(own)
      .filter(([path]) => !Object.hasOwn(outside, path))
      .map(([path, value]) => ({ path, value, place: origin.place(['set', path]) })),
    ...Object.entries(outside).map(([path, value]) => ({ path, value, place: setPlace(path) })),
  ];
}

/** Applies what is set for global keys; returns the config with it, and which settings those were. */
export function applyGlobalSettings(
  c: Compiling,
  config: JsonObject,
  given: readonly GivenSetting[],
): { config: JsonObject; globals: GivenSetting[] } {
  const globals = given.filter(({ path }) => isGlobal(path));
  const changed = structuredClone(config);
  for (const { path, value, place } of globals) {
    const problem = setAt(changed, path, structuredClone(value));
    if (problem !== null) c.error(place, problem);
  }
  return { config: changed, globals };
}

/** What is set for ops and for jobs; paths that are of no known form, or name no job, are errors. */
export function readSettings(
  c: Compiling,
  jobs: readonly RawJob[],
  given: readonly GivenSetting[],
): { ops: OpSetting[]; of: (job: RawJob) => JobSetting[] } {
  const ops: OpSetting[] = [];
  const byJob = new Map<RawJob, JobSetting[]>();
  const give = (found: JobPath, value: Json, place: Place) => {
    for (const job of found.jobs) byJob.set(job, [...(byJob.get(job) ?? []), { at: found.at, value, place }]);
  };
  for (const { path, value, place } of given) {
    if (isGlobal(path)) continue;
    const parts = path.split('.');
    if (CONFIG_WORD.test(path)) {
      const found = findJobPath(path, jobs);
      if (typeof found === 'string') c.error(place, found);
      else give(narrowed(c, found), value, place);
    } else if (parts.length === 2 && parts.every(part => part !== ''))
      ops.push({ op: parts[0]!, arg: parts[1]!, value, place, used: false });
    else c.error(place, `this names nothing; ${formsOf(path, jobs)}`);
  }
  for (const [path, value] of Object.entries(c.request.iterValues ?? {})) {
    const found = findJobPath(path, jobs);
    const place = { ...setPlace(path), file: 'iter_updater' };
    if (typeof found === 'string') c.error(place, found);
    else give(found, value, place);
  }
  return { ops, of: job => byJob.get(job) ?? [] };
}

/** Of jobs that share a meta_name (a probe and the k-sigma that follows it), those whose config has the key or may have it. */
function narrowed(c: Compiling, { jobs, at }: JobPath): JobPath {
  const [root, ...path] = at.split('.');
  const key = path.at(-1) ?? '';
  const able = jobs.filter(({ value }) => {
    if (getAt(value, at) !== undefined) return true;
    return c.registry.some(spec => {
      const schema = root === 'dj_configs' ? spec.config.dj : spec.config.extra;
      if (spec.hook !== value.hook || !schema) return false;
      return (root === 'dj_configs' && spec.recipe === true) || keysAt(schema, path.slice(0, -1)).includes(key);
    });
  });
  return able.length === 0 ? { jobs, at } : { jobs: able, at };
}

/** Finds the jobs whose config a path names; else says what is wrong. */
export function findJobPath(path: string, jobs: readonly RawJob[]): JobPath | string {
  const word = CONFIG_WORD.exec(path);
  if (!word) return `this names no config; expected <pipeline>.<meta_name>.dj_configs.<key> or …extra_configs.<key>`;
  const name = path.slice(0, word.index);
  const at = path.slice(word.index).replace(/^\./, '');
  if (!at.includes('.') || at.endsWith('.')) return `name a key inside ${word[1]}: ${path.replace(/\.$/, '')}.<key>`;
  const meant = jobs.filter(job => job.metaName === name || `${job.pipeline}.${job.metaName}` === name);
  if (meant.length > 0) return { jobs: meant, at };
  const known = new Set(jobs.flatMap(job => [job.metaName, `${job.pipeline}.${job.metaName}`]));
  return `no job has meta_name "${name}"; ${didYouMean(name, known)}`;
}

function formsOf(path: string, jobs: readonly RawJob[]): string {
  const names = jobs.flatMap(job => [`${job.metaName}.dj_configs`, `${job.metaName}.extra_configs`]);
  const globals = Object.keys(GLOBAL_KEYS).filter(isGlobal);
  const meant = didYouMean(path, [...globals, ...names]);
  const forms =
    'expected <op>.<arg>, [<pipeline>.]<meta_name>.extra_configs.<key> (or .dj_configs.<key>), or a global key';
  return meant.startsWith('did you mean') ? `${meant} (${forms})` : forms;
}
