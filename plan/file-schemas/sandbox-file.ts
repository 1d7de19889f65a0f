// A sandbox config as one zod schema, for editors: what a file shows wrong by itself. `compile` says the same, and more, with places.
import { z } from 'zod';
import type { ComponentRegistry, ComponentSpec } from '../component.ts';
import { jobListsOf } from '../job-lists.ts';
import type { JsonObject } from '../plan.ts';
import { notifySchema, trackersSchema } from '../watching.ts';
import { partialOf } from './partial.ts';

const text = z.string().nullish();
const flag = z.boolean().nullish();
const onFailure = z.enum(['fail', 'wait']).nullish();
const length = z.string().regex(/^\s*\d+(?:\.\d+)?\s*[smhd]\s*$/, 'expected a length of time such as 30m or 2h');
const map = z.record(z.string(), z.json());

const durability = z
  .strictObject({
    checkpoint_every: z
      .union([z.int().min(1), length])
      .nullish()
      .describe('steps, or a time such as 30m'),
    keep_checkpoints: z.int().min(1).nullish(),
    host_grace: length.nullish().describe('how long a host may be away before its job is claimed anew'),
    stall_after: length.nullish().describe('a program without a new log line for so long is started again'),
    max_restarts: z.int().min(0).nullish(),
    stick_to_host: flag,
  })
  .nullish();

const GLOBALS = {
  project_name: text,
  experiment_name: text,
  work_dir: text.describe('where jobs, trials and results are kept'),
  hpo_config: text.describe('path of a sweep file'),
  resume: flag,
  debug: flag,
  max_iter_num: z.int().min(0).nullish().describe('0: no limit'),
  iter_targets: z.union([z.string(), z.array(z.string())]).nullish(),
  iter_targets_mode: z.enum(['all', 'any']).nullish(),
  iter_updater: z.record(z.string(), z.string()).nullish(),
  on_failure: onFailure,
  durability,
  trackers: trackersSchema.nullish().describe('who is shown metrics besides the work_dir: docs/trackers.md'),
  notify: notifySchema.nullish().describe('who is told when a state changes or targets are met'),
  set: map.nullish().describe('paths to values, over those of the files'),
};

const JOB = {
  meta_name: z.string().min(1).nullish().describe('name of the job, by which others take its results'),
  input: z
    .record(z.string(), z.string())
    .nullish()
    .describe('config key: result of an earlier job, such as "-1.<output>"'),
  output: z
    .union([z.string().min(1), z.array(z.string().min(1))])
    .nullish()
    .describe('names of its results, in order'),
  local: map.nullish().describe('config keys to values, over those of its files'),
  resources: z
    .strictObject({
      tag: z
        .string()
        .regex(/^[\w.-]+$/)
        .optional(),
      gpus: z.int().min(0).optional(),
    })
    .nullish()
    .describe('what a worker must offer'),
  cache: flag.describe('false: run again even where a result is there'),
  on_failure: onFailure,
  durability,
};

/** The schema of a sandbox config whose hooks and job lists are those of a registry. */
export function sandboxFile(registry: ComponentRegistry): z.ZodType<JsonObject> {
  const hooks = [...new Set(registry.map(({ hook }) => hook))];
  const jobs = hooks.map(hook =>
    jobOf(
      hook,
      registry.filter(spec => spec.hook === hook),
    ),
  );
  const list = z
    .array(
      z.union([
        z.string().describe('path of a file that holds a job'),
        z.discriminatedUnion('hook', jobs as [(typeof jobs)[number]]),
      ]),
    )
    .nullish();
  const lists = Object.fromEntries(jobListsOf(registry).map(({ key }) => [key, list]));
  const pipeline = z.strictObject(lists).nullable();
  const pipelines = z.union([z.array(z.record(z.string(), pipeline)), z.record(z.string(), pipeline)]).nullish();
  return z
    .strictObject({ ...GLOBALS, ...lists, pipelines })
    .describe('Sandbox config of dj-sandbox') as unknown as z.ZodType<JsonObject>;
}

/** Configs may be paths of files, and what an input or `local` fills in may be missing. */
function jobOf(hook: string, specs: readonly ComponentSpec[]) {
  const extras = specs.map(({ config: { extra }, summary }) => (extra ? partialOf(extra) : map).describe(summary));
  const extra = extras.length === 1 ? extras[0]! : z.union(extras as unknown as [z.ZodType, z.ZodType]);
  return z.strictObject({
    hook: z.literal(hook).describe(specs.map(({ summary }) => summary).join('\n')),
    ...JOB,
    dj_configs: z.union([z.string(), map]).nullish(),
    extra_configs: z.union([z.string(), extra]).nullish(),
  });
}
