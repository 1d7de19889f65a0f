// The sandbox config's grammar: global keys, pipelines, job lists and job keys.

import { isAbsolute, join } from 'node:path';
import type { Compiling } from './compiling.ts';
import { isObject } from './dotted.ts';
import { type JobList, jobListsOf } from './job-lists.ts';
import { type ConfigPlaces, Origin } from './origin.ts';
import type { Json, JsonObject, StageName } from './plan.ts';
import { didYouMean, didYouMeanOf } from './suggest.ts';

type Check = { expected: string; fits: (value: Json) => boolean };

const text: Check = { expected: 'a string (put it in quotes)', fits: value => typeof value === 'string' };
const flag: Check = { expected: 'true or false', fits: value => typeof value === 'boolean' };
const oneOf = (...words: string[]): Check => ({
  expected: words.map(word => `"${word}"`).join(' or '),
  fits: value => words.includes(value as string),
});

/** Keys of a sandbox config besides the job lists and `pipelines`; null is as good as absent. */
export const GLOBAL_KEYS: Record<string, Check> = {
  project_name: text,
  experiment_name: text,
  work_dir: text,
  hpo_config: { expected: 'the path of a sweep file, or null', fits: value => typeof value === 'string' },
  resume: flag,
  debug: flag,
  max_iter_num: {
    expected: 'a whole number, 0 for no limit',
    fits: value => Number.isInteger(value) && (value as number) >= 0,
  },
  iter_targets: {
    expected: 'a list of "<pipeline>.<meta_name>.<output> <op> <number>"',
    fits: value => typeof value === 'string' || (Array.isArray(value) && value.every(each => typeof each === 'string')),
  },
  iter_targets_mode: oneOf('all', 'any'),
  iter_updater: {
    expected: 'a map of context keys to config keys',
    fits: value => isObject(value) && Object.values(value).every(each => typeof each === 'string'),
  },
  on_failure: oneOf('fail', 'wait'),
  durability: { expected: 'a map such as {host_grace: 30m}', fits: isObject },
  trackers: { expected: 'a list of trackers, such as [wandb, tensorboard]', fits: Array.isArray },
  notify: { expected: 'a list of notifications, such as [{command: [./tell.sh]}]', fits: Array.isArray },
  set: { expected: 'a map of paths to values, such as {text_length_filter.min_len: 20}', fits: isObject },
};

const JOB_KEYS = [
  'hook',
  'meta_name',
  'dj_configs',
  'extra_configs',
  'input',
  'output',
  'local',
  'resources',
  'cache',
  'on_failure',
  'durability',
] as const;

const PIPELINES = 'pipelines';
/** Name of the only pipeline where the lists stand at the top level. */
export const ANONYMOUS_PIPELINE = 'anonymous';
/** What the original calls jobs without a `meta_name`. */
export const ANONYMOUS_JOB = 'anonymous_meta_name';

/** The checked values of the global keys that are given. */
export interface Globals {
  project_name?: string;
  experiment_name?: string;
  work_dir?: string;
  hpo_config?: string;
  resume?: boolean;
  max_iter_num?: number;
  iter_targets?: string | string[];
  iter_targets_mode?: 'all' | 'any';
  iter_updater?: Record<string, string>;
  on_failure?: 'fail' | 'wait';
  durability?: JsonObject;
  trackers?: Json[];
  notify?: Json[];
}

/** A job as written: only its outer shape has been checked. */
export interface RawJob {
  pipeline: string;
  stage: StageName;
  /** Position in the pipeline, from 1. */
  n: number;
  value: JsonObject;
  origin: Origin;
  metaName: string;
}

/** Checks the global keys of a config. */
export function readGlobals(c: Compiling, config: JsonObject, places: ConfigPlaces): Globals {
  const globals: JsonObject = {};
  const known = [...Object.keys(GLOBAL_KEYS), PIPELINES, ...keysOf(jobListsOf(c.registry))];
  for (const [key, value] of Object.entries(config)) {
    if (!known.includes(key)) {
      c.error(places.place(`config.${key}`, 'key'), `unknown key; ${didYouMeanOf(key, known)}`);
      continue;
    }
    const check = GLOBAL_KEYS[key];
    if (!check || value === null) continue;
    if (check.fits(value)) globals[key] = value;
    else c.error(places.place(`config.${key}`), `expected ${check.expected}, got ${JSON.stringify(value)}`);
  }
  return globals as Globals;
}

/** All jobs of a config, in the order in which they run. */
export function readJobs(c: Compiling, config: JsonObject, origin: Origin): RawJob[] {
  const before = c.problems.errors.length;
  const lists = jobListsOf(c.registry);
  const given = keysOf(lists).filter(key => !isNothing(config[key]));
  let jobs: RawJob[];
  if (isNothing(config[PIPELINES])) jobs = pipelineJobs(c, lists, ANONYMOUS_PIPELINE, pick(lists, config), origin);
  else {
    for (const key of given) {
      c.error(
        origin.place([key], 'key'),
        `the top-level lists make one pipeline and "${PIPELINES}" names several: give one or the other; move this list into a pipeline`,
      );
    }
    jobs = namedPipelines(c, lists, config[PIPELINES] as Json, origin.inside(PIPELINES));
  }
  if (jobs.length === 0 && c.problems.errors.length === before) {
    c.error(origin.place(), `there are no jobs; give at least one of ${keysOf(lists).join(', ')}`);
  }
  return jobs;
}

function isNothing(value: Json | undefined): boolean {
  return value === undefined || value === null || (Array.isArray(value) && value.length === 0);
}

function keysOf(lists: readonly JobList[]): string[] {
  return lists.map(({ key }) => key);
}

function pick(lists: readonly JobList[], config: JsonObject): JsonObject {
  const keys = keysOf(lists);
  return Object.fromEntries(Object.entries(config).filter(([key]) => keys.includes(key)));
}

function namedPipelines(c: Compiling, known: readonly JobList[], value: Json, origin: Origin): RawJob[] {
  const named: { name: string; lists: Json; origin: Origin }[] = [];
  if (isObject(value)) {
    for (const [name, lists] of Object.entries(value)) named.push({ name, lists, origin: origin.inside(name) });
  } else if (Array.isArray(value)) {
    for (const [i, item] of value.entries()) {
      const names = isObject(item) ? Object.keys(item) : [];
      if (isObject(item) && names.length === 1)
        named.push({ name: names[0]!, lists: item[names[0]!]!, origin: origin.inside(i, names[0]!) });
      else
        c.error(
          origin.place([i]),
          'expected one pipeline, written `- name: {job lists}`; indent the lists under the name',
        );
    }
  } else c.error(origin.place(), 'expected a list of pipelines (`- name: {job lists}`), or a map of them');

  const seen = new Set<string>();
  return named.flatMap(({ name, lists, origin: inside }) => {
    if (seen.has(name))
      c.error(inside.place([], 'key'), `there is a pipeline "${name}" already; give this one another name`);
    seen.add(name);
    if (lists === null) return [];
    if (isObject(lists)) return pipelineJobs(c, known, name, lists, inside);
    c.error(inside.place(), `expected job lists: ${keysOf(known).join(', ')}`);
    return [];
  });
}

function pipelineJobs(
  c: Compiling,
  known: readonly JobList[],
  pipeline: string,
  lists: JsonObject,
  origin: Origin,
): RawJob[] {
  for (const key of Object.keys(lists)) {
    if (!keysOf(known).includes(key))
      c.error(origin.place([key], 'key'), `unknown job list; ${didYouMeanOf(key, keysOf(known))}`);
  }
  const jobs: RawJob[] = [];
  for (const { stage, key } of known) {
    const list = lists[key];
    if (list === undefined || list === null) continue;
    if (!Array.isArray(list)) {
      c.error(origin.place([key]), 'expected a list of jobs, each `- hook: …`');
      continue;
    }
    for (const [i, item] of list.entries()) {
      const job = readJob(c, item, origin.inside(key, i));
      if (job) jobs.push({ ...job, pipeline, stage, n: jobs.length + 1 });
    }
  }
  return jobs;
}

function readJob(c: Compiling, item: Json, origin: Origin): Pick<RawJob, 'value' | 'origin' | 'metaName'> | null {
  if (typeof item === 'string') {
    const source = c.source(isAbsolute(item) ? item : join(c.baseDir, item));
    if (source === null)
      c.error(
        origin.place(),
        `there is no file ${item}; a job is a map (\`hook: …\`) or the path of a file that holds one`,
      );
    return source?.value ? checkedJob(c, source.value, new Origin(source)) : null;
  }
  if (isObject(item)) return checkedJob(c, item, origin);
  c.error(origin.place(), 'expected a job: a map with at least `hook: …`');
  return null;
}

function checkedJob(c: Compiling, value: JsonObject, origin: Origin): Pick<RawJob, 'value' | 'origin' | 'metaName'> {
  for (const key of Object.keys(value)) {
    if (!(JOB_KEYS as readonly string[]).includes(key))
      c.error(origin.place([key], 'key'), `unknown job key; ${didYouMean(key, JOB_KEYS)}`);
  }
  const name = value.meta_name ?? null;
  if (name !== null && (typeof name !== 'string' || name === '')) {
    c.error(origin.place(['meta_name']), `expected a name, got ${JSON.stringify(name)}; put it in quotes`);
  }
  return { value, origin, metaName: typeof name === 'string' && name !== '' ? name : ANONYMOUS_JOB };
}
