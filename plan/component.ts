import type { z } from 'zod';
import type { JsonObject, PathKind, Resources } from './plan.ts';

/** A job's two configs as a component declares its paths against them. */
export interface JobConfig {
  dj_configs: JsonObject | null;
  extra_configs: JsonObject | null;
}

/** A config key that holds a path which the component reads. */
export interface ReadField {
  /** Dotted: `dj_configs.dataset_path`. A value that is absent, null, '' or a hub id (see `hub`) is no read. */
  at: string;
  kind: PathKind;
  /** May be a name on a hub (`org/name`) instead of a path: then it is left as it is. */
  hub?: boolean;
  /** Words that stand for something that the program has by name, and are no paths. */
  names?: readonly string[];
  /** Must be there when the trial starts, unless an earlier job makes it. Default true. `warn`: it may be somewhere else, and is only told of. */
  mustExist?: boolean | 'warn';
  /** Dotted config key of the folder that relative paths are relative to (EasyAnimate's own home); default the trial's baseDir. */
  relativeTo?: string;
  /** Of a folder: names in it whose content decides the result; the rest (a program's caches, models beside it) is not fingerprinted. */
  content?: string[];
  /** The result names the path, so that the same content at another place is another job. */
  placed?: boolean;
  /** Of a list that holds other words too: only those that match are paths, and what need not be there and is not is left as it is. */
  only?: RegExp;
}

/** A config key that names what the component makes. */
export interface WriteField {
  at: string;
  kind: 'file' | 'directory';
  relativeTo?: string;
  /** Where the config does not name one: the name inside the job's own directory. */
  fallback?: string;
  /**
   * Files beside or inside the named path that later configs may read: given the named path, the paths that this job makes too.
   * `d.jsonl` → `d_stats.jsonl`.
   */
  alsoMakes?: (named: string, config: JobConfig) => string[];
  /** Whether the named path itself is made (default: it is), such as an analysis that exports its dataset only when asked. */
  when?: (config: JobConfig) => boolean;
}

/**
 * What `compile` knows of a component: data and pure functions only, so that a plan is checked without importing what runs it.
 * A component is chosen by `hook` and, for hooks that have several, `extra_configs.type`.
 */
export interface ComponentSpec {
  /** Activity type: `<stage word>.<name>`, such as `train.easyanimate`. */
  name: string;
  hook: string;
  type?: string;
  /** Part of the job key: raise it when the component's results change. */
  version: number;
  /** One sentence for `dj-sandbox components` and error messages. */
  summary: string;
  resources: Resources;
  claims: boolean;
  cacheable: boolean;
  /** Schema of each config; absent: that config is not used (null or anything is let through with a note). */
  config: { dj?: z.ZodType; extra?: z.ZodType };
  /** `dj_configs` is a Data-Juicer recipe: ops and arguments are checked against the op catalogue, op overrides apply. */
  recipe?: boolean;
  reads: ReadField[];
  writes: WriteField[];
  /** Dotted config keys where a text is a context key: the result that it names is written there just before the job runs. */
  contextKeys?: (config: JobConfig) => string[];
  /** Takes this from the nearest earlier job of the same `meta_name` that provides it. */
  needs?: { as: string; sameMetaName: true }[];
  /** What other jobs may need by name. */
  provides?: string[];
  /**
   * Hook results, in order: the config key of the write that is the result, or `{ value }` for a value known only when it has run.
   * `recipeOf` says that the result is a recipe made from this job's own `dj_configs`.
   */
  results: ({ write: string; recipeOf?: 'dj_configs' } | { value: string })[];
  /** Config keys that do not change the result (number of processes, tracker names): left out of the job key. */
  notInKey?: string[];
  /** GPUs that the config asks for (default: `resources.gpus`); a job's own `resources.gpus` wins. */
  gpus?: (config: JobConfig) => number | null;
  /** Each file among its outputs is whole once it is there, and is not made again: a new run starts with those that earlier runs made. */
  keepsOutputs?: boolean;
  /** Set where its program's log tells metrics step by step, so that a sweep may judge it while it runs. */
  steps?: {
    /** Metric of the result → key of the log that it sums up: `{last_loss: 'loss'}`; or tells it of any, undefined for one that is of the log itself. */
    sums: Record<string, string> | ((metric: string) => string | undefined);
    /** It keeps the contract of docs/checkpoints.md, and so can wait at a rung and go on from there. */
    waits: boolean | ((config: JobConfig) => boolean);
  };
  /** Separately visible parts. */
  parts?: (config: JobConfig) => string[];
  /** Extra checks over the whole config, each problem at a dotted config key. */
  check?: (config: JobConfig) => { at: string; message: string }[];
  /** A job list that it brings, for jobs of stage `stage`, which runs after stage `after` (default: the last of the four): key `<stage>_job_configs`. */
  jobList?: { stage: string; after?: string };
  /** Set where this version compiles configs that use it but cannot run it yet: says so, and what would. */
  notRunnable?: string;
}

/** Components by hook; handed to `compile`. */
export type ComponentRegistry = readonly ComponentSpec[];
