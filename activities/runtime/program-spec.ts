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
