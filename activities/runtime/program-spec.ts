/**
 * What to parse in a program's log, as data: the supervisor (Python) applies it, so a pattern is in the subset of regular expressions
 * that TypeScript and Python share, with named groups written `(?<name>…)`.
 */
export interface LogPattern {
  /** Applied to each line; tqdm's carriage returns end a line too. */
  pattern: string;
  /** `metrics`: numeric groups become a line of metrics.jsonl. `checkpoint`: group `checkpoint` names one. `phase`: group `phase`. */
  kind: 'metrics' | 'checkpoint' | 'phase';
}

/** A program to run under the supervisor: detached from the worker, its own session, output in a log. */
export interface ProgramSpec {
  /** argv; never a shell line. */
  argv: string[];
  cwd: string;
  /** Added to the worker's environment. */
  env: Record<string, string>;
  patterns: LogPattern[];
  /** What a step is, for progress. */
  unit?: string;
  phase?: string;
  /** Total steps where they are known before the log says so. */
  total?: number;
  /** Ends the program as failed when the loss is NaN or infinite. */
  failOnNaN?: boolean;
  /** Numbers of a line that tells no step are of the step that the next such line tells. */
  stepFollows?: boolean;
  /** Where it keeps the contract of docs/checkpoints.md: it goes on from its newest complete checkpoint. */
  checkpoints?: Checkpoints;
  /** Without it a program runs once, however it ends. */
  restarts?: Restarts;
}

/** How a program saves where it is; see docs/checkpoints.md. */
export interface Checkpoints {
  /** Absolute path of the folder in which it makes `checkpoint-<step>`. */
  dir: string;
  /** Whose they are, such as the job's key: checkpoints that name another run are not its own. The program is told in DJ_CHECKPOINT_RUN. */
  run?: string;
  /** So many complete checkpoints stay, at least one; all of them where it is absent. */
  keep?: number;
  /** How often it is asked to save; else it knows itself. */
  every?: { steps: number } | { ms: number };
  /** It reads DJ_CONTROL_FILE: `{"stop": true}` makes it save and end. */
  canStopOnRequest: boolean;
  /** Name of the variable with the checkpoint's path; DJ_RESUME_FROM where it is absent. */
  resumeEnv?: string;
  /** Added to argv where there is a checkpoint to start from; `{checkpoint}` is its path. */
  resumeArgs?: string[];
  /** Of a program that writes no complete.json: the supervisor makes `dir`/checkpoint-<step> of what it finds. */
  seal?: Seal;
}

/** Checkpoints that a program saves in its own way: files or folders. */
export interface Seal {
  /** Absolute path of the folder that they are saved in. */
  from: string;
  /** Of their whole names, with the group `step`: the last step that is in one, counted as in the log. */
  pattern: string;
}

/** When a program that came to grief gets another segment. */
export interface Restarts {
  /** Restarts one after another without a further step or checkpoint. */
  max: number;
  /** Ended and started again when its log says nothing new for so long. */
  stallAfterMs: number;
}

/** How a program ended, from the supervisor's exit.json. */
export interface ProgramEnd {
  code: number | null;
  signal: string | null;
  /** Absolute path of its log. */
  log: string;
  /** Absolute path of metrics.jsonl: one JSON object a line `{t, offset, step?, total?, loss?, lr?, …}`. */
  metrics: string;
}
