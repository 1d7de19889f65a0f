// What travels between client, workflows and activities: references and summaries; large things stay on disk.
import type { Json, JsonObject, StageName } from './plan.ts';

/** Task queue of workflows and of the control activities. Jobs run on queues named by their tag. */
export const CONTROL_QUEUE = 'sandbox';

/** Input of workflow type `sandboxTrial`. */
export interface TrialInput {
  /** Path of a sandbox config, or the config itself. */
  config: string | JsonObject;
  /** `path → value`: see docs/configs.md, *Setting values from outside*. */
  set?: Record<string, Json>;
  /** What relative paths are relative to; default: the control worker's folder. */
  baseDir?: string;
  /** Overrides the config's `work_dir`. */
  workDir?: string;
  /**
   * Job id → whose result of that job is taken, in the first iteration, where it is not the one that all trials share: another trial's
   * run, or a new name to have the job run again. `dj-sandbox resume-from` fills it in.
   */
  runs?: Record<string, string>;
}

/** A plan on disk; the hash makes a changed file an error instead of a surprise. */
export interface PlanRef {
  path: string;
  sha256: string;
}

/** What the workflow knows of a job. */
export interface SkeletonJob {
  id: string;
  pipeline: string;
  stage: StageName;
  hook: string;
  metaName: string;
  /** Activity type. */
  activity: string;
  /** Summary that the Web UI shows. */
  title: string;
  key: string;
  tag: string;
  claims: boolean;
  parts: string[] | null;
  onFailure: 'fail' | 'wait';
  /** How long its host may be away before it is claimed anew, in milliseconds; absent in histories of version 0.1. */
  hostGraceMs?: number;
  /** While its host is away it waits for that host and is claimed on no other (on the queue of the claim's host, not of the tag). */
  stickToHost?: boolean;
}

/** A plan as the trial workflow walks it. */
export interface TrialSkeleton {
  project: string;
  experiment: string;
  workDir: string;
  /** `<work_dir>/trials/<trial>`. */
  trialDir: string;
  plan: PlanRef;
  iteration: number;
  maxIterNum: number;
  jobs: SkeletonJob[];
  notes: string[];
}

/** Which run of which trial something is done for. */
export interface TrialRef {
  id: string;
  runId: string;
}

export interface CompileArgs {
  input: TrialInput;
  trial: TrialRef;
  /** From 1. */
  iteration: number;
  /** `iter_updater` target → value, from the iteration before. */
  iterValues?: Record<string, Json>;
  /** Compiled to see what a change would do: the plan is written beside the one that the trial runs by. */
  changed?: boolean;
}

/** Input of every job activity. */
export interface JobRef {
  plan: PlanRef;
  job: string;
  trial: TrialRef;
  /** Set when the job was claimed first. */
  claim?: Claim;
  /** Set when only this part of the job is to be run. */
  part?: string;
}

/** One holder's right to run a job on one host. */
export interface Claim {
  /** Queue that only that host polls. */
  hostQueue: string;
  host: string;
  epoch: number;
  devices: string[];
}

/** What a job activity returns. Bounded: at most 128 metrics and 4 KiB a result. */
export interface JobDone {
  job: string;
  key: string;
  /** The result was there before: nothing was run. */
  reused: boolean;
  seconds: number;
  /** By the plan's output names. Paths are absolute. */
  results: Record<string, Json>;
  /** Watcher names without `<meta_name>.`. */
  metrics: Record<string, number>;
  notes: string[];
}

export type ClaimResult = { claim: Claim } | { done: JobDone };

export interface IterationArgs {
  plan: PlanRef;
  trial: TrialRef;
  /** Jobs that were skipped by hand: they have no results. */
  skipped: string[];
}

export interface IterationEnd {
  /** Null where the config has no targets. */
  targetsMet: boolean | null;
  targets: { target: string; value: Json; met: boolean }[];
  /** `iter_updater` target → value, for the next iteration. */
  iterValues: Record<string, Json>;
}

/** Whether any worker takes jobs of a tag. */
export interface TagStatus {
  served: boolean;
  /** One sentence: what is missing, when it was last seen, what to start. */
  message: string;
}

/** Activities of the control worker (queue `sandbox`). */
export interface ControlActivities {
  compileTrial(args: CompileArgs): Promise<TrialSkeleton>;
  finishIteration(args: IterationArgs): Promise<IterationEnd>;
  tagStatus(tag: string): Promise<TagStatus>;
  /** Returns when a worker serves the tag. */
  awaitWorker(tag: string): Promise<void>;
}

/** Activities that host workers offer besides the components. */
export interface HostActivities {
  /** On queue `<tag>`: leases the devices, or throws a retryable `Busy`. */
  claimJob(ref: JobRef): Promise<ClaimResult>;
  /** On the host's queue: ends what still runs for the claim and frees its devices; safe to repeat. */
  reapJob(ref: JobRef): Promise<void>;
  /** On the host's queue: asks what runs for the claim to save a checkpoint and to end; the job's activity then fails as `Held`. */
  holdJob(ref: JobRef): Promise<HoldAnswer>;
}

/** What came of asking a job to give its host back. */
export interface HoldAnswer {
  asked: boolean;
  /** A clause: when it ends, or why it was not asked. */
  message: string;
}

/** Where a job was when it gave its host back: details of failure `Held`. */
export interface HeldDetails {
  /** Name of the checkpoint from which it goes on; null: none was complete. */
  checkpoint: string | null;
  step: number | null;
}

/** Types of ApplicationFailure. */
export const FAILURES = {
  /** The config, or where its results are to be, is wrong; the message has a line a problem. */
  config: 'ConfigError',
  /** A job failed for good; details: JobFailureDetails. */
  job: 'JobFailed',
  /** All devices of a host are taken: try again. */
  busy: 'Busy',
  /** What was claimed is another's by now: claim again. */
  claimLost: 'ClaimLost',
  /** The job saved its state and gave its host back, as a pause or stop wanted; details: HeldDetails. */
  held: 'Held',
} as const;

export interface JobFailureDetails {
  job: string;
  why: string;
  logTail: string[];
  log: string | null;
}

export type TrialState = 'compiling' | 'running' | 'paused' | 'waiting' | 'done' | 'failed' | 'stopped';
export type JobState = 'pending' | 'claiming' | 'running' | 'held' | 'done' | 'reused' | 'failed' | 'skipped';

/** One job in answer to query `progress`. */
export interface JobStatus {
  id: string;
  stage: StageName;
  title: string;
  activity: string;
  tag: string;
  key: string;
  state: JobState;
  parts: { name: string; state: JobState }[] | null;
  /** Milliseconds since the epoch. */
  startedAt: number | null;
  finishedAt: number | null;
  host: string | null;
  metrics: Record<string, number>;
  error: JobFailureDetails | null;
  /** Where it was when it gave its host back; null while it runs and where it never did. */
  held: HeldDetails | null;
}

/** Answer to query `progress`. */
export interface TrialProgress {
  state: TrialState;
  project: string;
  experiment: string;
  workDir: string;
  trialDir: string;
  plan: PlanRef | null;
  /** Values set from outside, by the trial's input and by `setConfig`. */
  set: Record<string, Json>;
  iteration: number;
  maxIterNum: number;
  jobs: JobStatus[];
  /** What it waits for, in one sentence: a missing worker, a user's decision. */
  waitingFor: string | null;
  notes: string[];
}

/** Result of workflow type `sandboxTrial`. */
export interface TrialResult {
  state: 'done' | 'stopped';
  iterations: number;
  targetsMet: boolean | null;
  trialDir: string;
  jobs: { run: number; reused: number; skipped: number };
  /** `<meta_name>.<metric>` of the last iteration, at most 256. */
  metrics: Record<string, number>;
}
