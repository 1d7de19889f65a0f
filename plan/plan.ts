// The plan: a sandbox config fully resolved, as data. Everything after `compile` reads this and nothing else.
import type { Notifier, Tracker } from './watching.ts';

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

/** The four stages of a pipeline, in the order in which they run. */
export const STAGES = ['probe', 'refine', 'execution', 'evaluation'] as const;
/** One of the four, or one that a component brings (`jobList`). */
export type StageName = (typeof STAGES)[number] | (string & {});

/** The config key of each stage's job list. */
export const JOB_LISTS: Record<(typeof STAGES)[number], string> = {
  probe: 'probe_job_configs',
  refine: 'refine_recipe_job_configs',
  execution: 'execution_job_configs',
  evaluation: 'evaluation_job_configs',
};

/** A result of an earlier job: `output` is its name there, `nested` the rest of the context key. */
export interface ResultRef {
  job: string;
  output: string;
  nested: string[];
}

/** `input:` of a job: a result of an earlier job is written into its config just before it runs. */
export interface InputBinding {
  /** Dotted config key: `dj_configs`, `extra_configs.train_dataset`, … */
  into: string;
  /** The context key as the user wrote it. */
  from: string;
  ref: ResultRef;
}

/** A path in the config that an earlier job publishes, with or without an `iter_<n>` folder. */
export interface PathEdge {
  /** Dotted config key that holds the path. */
  at: string;
  /** The path as the user wrote it. */
  path: string;
  job: string;
  /** Dotted config key in the producer that names the output. */
  write: string;
  /** Path of what is read inside that output; '' is the output itself, `../x` a file beside it. */
  within: string;
  /**
   * Set where the producer's component lists what it makes beside the named path (`alsoMakes`): index into that list. The list is made from
   * the config as the producer ran (its manifest), since an earlier trial may have named its outputs otherwise.
   */
  also?: number;
}

/** What a job takes from an earlier job without naming a path: k-sigma's stats. */
export interface Need {
  as: string;
  job: string;
}

export type PathKind = 'file' | 'directory' | 'dataset' | 'recipe' | 'model' | 'video-directory';

/** A path outside the plan that a job reads. */
export interface ReadPath {
  at: string;
  /** Absolute. */
  path: string;
  kind: PathKind;
  /** Of a folder: what in it is fingerprinted; absent: everything. */
  content?: string[];
  /** Its place is part of the job's key as well. */
  placed?: boolean;
  /** Content hash, or null when the path is not there (an optional one) or has not been fingerprinted yet. */
  fingerprint: string | null;
}

/** A path that the config names for something that the job makes. */
export interface WritePath {
  at: string;
  /** Absolute path under which the result is also published (a sweep's trials do not). */
  named: string;
  kind: 'file' | 'directory';
}

/** Where the config names no path for something that the job makes. */
export interface UnnamedWrite {
  at: string;
  /** Name inside the job's own directory. */
  name: string;
  kind: 'file' | 'directory';
}

/** A value to be written over a config that is read when the job runs: from `local`, `--set` or an iteration update. */
export interface Setting {
  /** Dotted config key. */
  at: string;
  value: Json;
}

/** An op argument set from outside (`--set`, sweeps); applied after any refinement. */
export interface OpOverride {
  op: string;
  arg: string;
  value: Json;
}

export interface Resources {
  /** What a worker must offer: `cpu`, `gpu`, `gpu-h100`, … */
  tag: string;
  gpus: number;
}

/** How a job's run lives on when what carries it dies; times in milliseconds. */
export interface Durability {
  /** How often a checkpoint is made; null: as the trainer's own config says. */
  checkpointEvery: { steps: number } | { ms: number } | null;
  /** How many checkpoints are kept; null: as many as the trainer makes. */
  keepCheckpoints: number | null;
  /** How long a host may be away before its job is claimed anew. */
  hostGraceMs: number;
  /** A program without a new log line or step for so long is stalled. */
  stallAfterMs: number;
  /** Restarts of a program one after another without progress. */
  maxRestarts: number;
  /** A job whose host is away waits for it: its checkpoints cannot be read from another. */
  stickToHost: boolean;
}

export interface PlanJob {
  /** `<pipeline>.<n>-<name>`: unique in the plan, the same in every iteration. */
  id: string;
  pipeline: string;
  stage: StageName;
  /** Position in the pipeline, from 1. */
  n: number;
  hook: string;
  /** `meta_name`, or `anonymous_meta_name` as the original has it. */
  metaName: string;
  /** `extra_configs.type`, for hooks that choose by it. */
  type: string | null;
  /** Component and activity type, such as `train.easyanimate`. */
  component: string;
  componentVersion: number;
  resources: Resources;
  /** Claims a host before it runs (it holds devices or a detached program). */
  claims: boolean;
  /** False: run again even where a result with this key exists. */
  cache: boolean;
  /** Whose result of the job is taken; absent: the one that all trials share. */
  run?: string;
  /** What happens when it fails for good. */
  onFailure: 'fail' | 'wait';
  /** Of jobs that claim a host; absent in plans of version 0.1: the defaults (`durabilityOf`). */
  durability?: Durability;
  config: { dj_configs: JsonObject | null; extra_configs: JsonObject | null };
  inputs: InputBinding[];
  edges: PathEdge[];
  needs: Need[];
  reads: ReadPath[];
  writes: WritePath[];
  unnamed?: UnnamedWrite[];
  /** Names of the results, in order; results beyond them are `res_<i>`. */
  outputs: string[];
  overrides: OpOverride[];
  /** Only where `dj_configs` or `extra_configs` as a whole is an input or an edge; `config` then holds what is expected. */
  settings?: Setting[];
  /** Separately visible parts, such as one a VBench dimension; null where the component has none. */
  parts: string[] | null;
  /** Content hash of what the job is; null until fingerprints of what it reads are known. */
  key: string | null;
}

export interface PlanStage {
  name: StageName;
  jobs: PlanJob[];
}

export interface PlanPipeline {
  name: string;
  stages: PlanStage[];
}

export const TARGET_OPS = ['==', '>=', '<=', '>', '<'] as const;
export interface Target {
  /** Context key `<pipeline>.<meta_name>.<output>[.nested]`. */
  key: string;
  ref: ResultRef;
  op: (typeof TARGET_OPS)[number];
  value: number;
}

/** `iter_updater`: a result of the finished iteration set in the next one's config. */
export interface IterUpdate {
  from: string;
  ref: ResultRef;
  /** `<pipeline>.<meta_name>.(dj_configs|extra_configs).…` */
  to: string;
}

export interface Plan {
  version: 1;
  projectName: string;
  experimentName: string;
  /** Absolute. */
  workDir: string;
  /** Absolute: what relative paths are relative to. */
  baseDir: string;
  /** 0: no limit. */
  maxIterNum: number;
  iterTargets: Target[];
  iterTargetsMode: 'all' | 'any';
  iterUpdater: IterUpdate[];
  /** The iteration that this plan is for, from 1. */
  iteration: number;
  /** False: results are not published at the paths that the config names (a sweep's trials would overwrite each other). */
  publishNamed?: boolean;
  /** Who is shown what the trial logs, where the config says so. */
  trackers?: Tracker[];
  notify?: Notifier[];
  /** What the user should know: where relative paths start, what was ignored, what was rounded. */
  notes: string[];
  /** Every file that went into the plan. */
  sources: { path: string; sha256: string }[];
  pipelines: PlanPipeline[];
}

/** All jobs of a plan in the order in which they run. */
export function jobsOf(plan: Plan): PlanJob[] {
  return plan.pipelines.flatMap(pipeline => pipeline.stages.flatMap(stage => stage.jobs));
}
