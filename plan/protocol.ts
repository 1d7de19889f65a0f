// What travels between client, workflows and activities: references and summaries; large things stay on disk.
import type { Json, JsonObject, StageName } from './plan.ts';
import type { Gathered, Step } from './study/memory.ts';
import type { JudgedStage, OperatorRow, PartFound, StudySpec, Winner } from './study/types.ts';
import type { Decision, Point, Space, SweepSpec, SweepTrial } from './sweep/types.ts';

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
  /** False: every job runs again, and nobody else takes its result. */
  cache?: boolean;
  /** Set by a sweep for its trials: results are not published at the paths that the config names, and rungs are told. */
  sweep?: SweepMembership;
}

/** What a trial knows of the sweep that it belongs to. */
export interface SweepMembership {
  /** Workflow id of the sweep. */
  id: string;
  /** From 1. */
  trial: number;
  /** `<meta_name>.<metric>` that are told at the end of the trial, however many others there are. */
  metrics?: string[];
  /** Absent: nothing is told while it runs. */
  rungs?: RungPlan;
}

/** Where a training tells the sweep how it goes. The training itself, its length and its learning-rate schedule do not depend on it. */
export interface RungPlan {
  /** Metric of the training log: `<meta_name>.<key>`, or `<key>` of the first training. */
  metric: string;
  goal: 'minimize' | 'maximize';
  /** Steps, ascending. */
  steps: number[];
  /** The trial saves a checkpoint at each rung, gives its host back and waits for `promote` or `stop`; false: it tells and goes on. */
  waits: boolean;
}

/** Signal `trialReport` to a sweep; the same one may come more than once. */
export type TrialReport = { trial: number } & (
  | {
      kind: 'rung';
      /** Index into the plan's steps. */
      rung: number;
      step: number;
      /** Mean of the metric over the last tenth of the steps so far (at least one, at most ten); null: the log has no such metric, or no finite value of it. */
      value: number | null;
      /** What the log has instead, where it has no such metric. */
      known?: string[];
    }
  | { kind: 'end'; end: TrialEnd }
);

/** How a sweep's trial ended. */
export interface TrialEnd {
  status: 'done' | 'failed' | 'stopped';
  why: string | null;
  /** `<meta_name>.<metric>`. */
  metrics: Record<string, number>;
  steps: number | null;
  /** Seconds for which it held GPUs, times their number. */
  gpuSeconds: number;
  reused: number;
}

/** Signal `promote` to a trial that waits at a rung. */
export interface Promotion {
  /** Index of the rung that it waits at. */
  rung: number;
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
  /** The training whose metric decides at rungs. */
  rungs?: RungPlan;
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
  /** Set for every job of a sweep's trial: a job of a sweep that is gone ends. */
  sweep?: Pick<SweepMembership, 'id' | 'trial' | 'metrics'>;
  /** Set for the training that tells a sweep how it goes. */
  rungs?: RungPlan & {
    /** Rungs that the trial was promoted from, so that it does not wait at them again. */
    passed: number;
  };
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

/** Activities of the control worker that sweeps use. */
export interface SweepActivities {
  openSweep(args: { input: SweepInput; sweep: TrialRef }): Promise<SweepOpened>;
  /** Compiles what a user steers a sweep to: points of their own for `space`, or `parameters` of a sweep file; answers with the space. */
  checkSteering(args: SteeringArgs): Promise<{ space: Space }>;
  /** Asks a sampler that does not run in the workflow. `settled` and `tail` together are the ledger so far. */
  suggestPoints(args: SuggestArgs): Promise<{ point: Point; reason: string }[]>;
  /** Appends to decisions.jsonl; safe to repeat. */
  recordDecisions(args: { ledger: LedgerRef; decisions: Decision[] }): Promise<LedgerRef>;
  /** Of trials of a sweep, how those ended that have; null where a trial was never started. */
  trialEnds(args: { ids: string[] }): Promise<Record<string, TrialEnd | null>>;
  /** Whether a sweep goes on. */
  sweepIsOpen(id: string): Promise<boolean>;
}

export interface SteeringArgs {
  input: SweepInput;
  /** Of the sweep as it is; absent: of its file. */
  sampler?: string;
  space?: Space;
  /** Another space. */
  parameters?: JsonObject;
  /** Each has a value for every parameter. */
  points?: Point[];
}

export interface SuggestArgs {
  settled: LedgerRef;
  tail: Decision[];
  /** Number of the first point that is asked for. */
  next: number;
  count: number;
  /** Where a sampler of the user's own is imported from; default: the control worker's folder. */
  baseDir?: string;
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
  /** It has reached a rung of its sweep at which it waits. */
  rung?: Extract<TrialReport, { kind: 'rung' }>;
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
  /** The sweep that the trial belongs to was ended from outside. */
  sweepEnded: 'SweepEnded',
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
  /** GPUs that it holds there. */
  devices?: string[];
  metrics: Record<string, number>;
  error: JobFailureDetails | null;
  /** Where it was when it gave its host back; null while it runs and where it never did. */
  held: HeldDetails | null;
  /** What its program told last of how it goes, where that is long. */
  report?: JobReport;
}

/** A long program's word to its trial on how it goes, a few times in all; heartbeats tell more often. */
export interface JobReport {
  job: string;
  step: number;
  total: number;
  unit: string;
  /** Means of as many stretches of the steps so far, at most 24; empty where its log tells no loss. */
  loss: number[];
  /** Milliseconds since the epoch, estimated. */
  endsAt: number;
  /** Of the last complete one. */
  checkpoint: string | null;
  at: number;
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
  /** Seconds for which it held GPUs, times their number. */
  gpuSeconds?: number;
  /** Of the training that a sweep judges, else of the first one; null: it has not trained. */
  steps?: number | null;
  /** Why it was stopped, where nobody asked the trial itself to stop. */
  why?: string;
  /** `<meta_name>.<metric>` of the last iteration, at most 256: those that a sweep judges, those of evaluations, then the others. */
  metrics: Record<string, number>;
}

/** Input of workflow type `sandboxSweep`. */
export interface SweepInput {
  /** Path of a sandbox config, or the config itself. */
  config: string | JsonObject;
  /** Path of a sweep file, or what is in one; default: the config's `hpo_config`. */
  sweep?: string | JsonObject;
  concurrency?: number;
  seed?: number;
  /** As of a trial; holds for all trials of the sweep. */
  set?: Record<string, Json>;
  baseDir?: string;
  workDir?: string;
  cache?: boolean;
}

/** What the control worker found the sweep to be. */
export interface SweepOpened {
  spec: SweepSpec;
  project: string;
  experiment: string;
  workDir: string;
  /** `<work_dir>/sweeps/<sweep>`: decisions.jsonl is there. */
  dir: string;
  /** Which rungs trials stop or tell at. */
  rungs: RungPlan | null;
  notes: string[];
}

export type SweepState = 'opening' | 'running' | 'paused' | 'ending' | 'done' | 'failed' | 'stopped';

/** Answer to query `standing`. */
export interface SweepStanding {
  board: Leaderboard;
  /** The last 100. */
  decisions: Decision[];
}

/** Answer to query `leaderboard`: bounded; `decisions.jsonl` has all of it. */
export interface Leaderboard {
  sweep: string;
  state: SweepState;
  project: string;
  experiment: string;
  workDir: string;
  dir: string;
  spec: Omit<SweepSpec, 'space'> & { parameters: string[] };
  counts: { begun: number; running: number; waiting: number; done: number; failed: number; stopped: number };
  /** The best first, at most 100: finished trials by objective, then what runs or waits by its furthest rung. */
  trials: SweepTrial[];
  /** What it waits for, or why it ended. */
  message: string | null;
  /** How much of decisions.jsonl is settled. */
  ledger: LedgerRef;
  startedAt: number;
  finishedAt: number | null;
  notes: string[];
}

/** A prefix of decisions.jsonl: what lies beyond it in the file does not count. */
export interface LedgerRef {
  path: string;
  bytes: number;
  /** Lines. */
  lines: number;
  /** Hash over all lines: SHA-256 of the one before (hex, '' at first) and the line with its line break, a link for each line. */
  sha256: string;
}

/** Result of workflow type `sandboxSweep`. */
export interface SweepResult {
  state: 'done' | 'stopped';
  reason: string;
  best: SweepTrial | null;
  counts: Leaderboard['counts'];
  ledger: LedgerRef;
}

/** Input of workflow type `sandboxPoolStudy`. */
export interface StudyInput {
  /** Path of a sandbox config that trains and evaluates on one dataset, or the config itself. */
  config: string | JsonObject;
  /** Path of a study file, or what is in one. */
  study: string | JsonObject;
  /** Ops of the recipe; over the file's own. */
  ops?: string[];
  concurrency?: number;
  /** As of a trial; holds for all trials of the study. */
  set?: Record<string, Json>;
  baseDir?: string;
  workDir?: string;
  cache?: boolean;
}

/** What the control worker found the study to be. */
export interface StudyOpened {
  spec: StudySpec;
  project: string;
  experiment: string;
  workDir: string;
  /** `<work_dir>/studies/<study>`: its pools, table and recipe. */
  dir: string;
  notes: string[];
}

export type StudyState = SweepState;

/** Answer to query `table`: bounded by the number of points; `study.json` has the same once the study has ended. */
export interface StudyTable {
  study: string;
  state: StudyState;
  project: string;
  experiment: string;
  workDir: string;
  dir: string;
  spec: Pick<StudySpec, 'metric' | 'test' | 'alpha' | 'seeds' | 'concurrency'>;
  counts: { begun: number; running: number; waiting: number; done: number; failed: number; stopped: number };
  /** Samples of the analysed dataset; null: not known yet. */
  total: number | null;
  parts: PartFound[];
  stages: JudgedStage[];
  operators: OperatorRow[];
  winner: Winner | null;
  /** What it waits for, or why it ended. */
  message: string | null;
  startedAt: number;
  finishedAt: number | null;
  notes: string[];
}

/** Activities of the control worker that pool studies use. */
export interface StudyActivities {
  openStudy(args: { input: StudyInput; study: TrialRef }): Promise<StudyOpened>;
  /** Puts what a trial made for a step where the study keeps its pools; safe to repeat. */
  gatherPools(args: GatherArgs): Promise<Gathered>;
  /** Writes study.json, table.md and recipe.yaml into the study's folder; safe to repeat. */
  writeStudy(args: { spec: StudySpec; table: StudyTable }): Promise<StudyFiles>;
}

export interface GatherArgs {
  /** Workflow id of the trial. */
  trial: string;
  step: Step;
  opened: Pick<StudyOpened, 'dir' | 'workDir'>;
  ops: StudySpec['ops'];
  samples: number | null;
}

/** Absolute paths. */
export interface StudyFiles {
  table: string;
  /** The whole table as JSON. */
  study: string;
  /** The recipe with the winner's limits; null: nothing won. */
  recipe: string | null;
}

/** Result of workflow type `sandboxPoolStudy`. */
export interface StudyResult {
  state: 'done' | 'stopped';
  reason: string;
  winner: Winner | null;
  counts: StudyTable['counts'];
  files: StudyFiles | null;
}
