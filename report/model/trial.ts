import type { Manifest } from '../../plan/manifest.ts';
import type { Json, PlanJob } from '../../plan/plan.ts';
import type { Side } from '../../plan/range-argument.ts';
import type { JobExplained } from '../explain/explain-trial.ts';
import type { Origin } from '../figure.ts';
import type { ReportHead } from './report.ts';

/** A trial as its report tells it. */
export interface TrialModel extends ReportHead {
  kind: 'trial';
  project: string;
  experiment: string;
  /** Absolute: what the paths of its config are relative to. */
  baseDir: string;
  /** As the server says, else as the files tell. */
  state: string;
  iterations: number;
  /** Milliseconds since the epoch; null where nothing tells. */
  begunAt: number | null;
  endedAt: number | null;
  jobs: TrialJob[];
  processing: Processing[];
  recipes: RefinedRecipe[];
  curves: Curve[];
  videos: VideoWall;
  spans: Span[];
  lost: LostWork[];
  /** Clips that the page shows, by path. */
  clips: Record<string, Clip>;
  /** Files that went into the plan. */
  sources: { path: string; sha256: string }[];
}

/** A job of a trial. */
export interface TrialJob {
  job: PlanJob;
  iteration: number;
  key: string | null;
  manifest: Manifest | null;
  /** Relative to the work_dir. */
  manifestFile: string;
  explained: JobExplained;
  /** A training of this trial went into what it made. */
  trained: boolean;
}

/** What one processing of data did; `job` null: data that were analysed and not processed. */
export interface Processing {
  job: TrialJob | null;
  /** Analyses of the data as they went in and as they came out. */
  before: TrialJob | null;
  after: TrialJob | null;
  /** Samples that were left after each op, in their order. */
  ops: { name: string; kept: number; origin: Origin }[];
  histograms: Histogram[];
  examples: Examples | null;
  /** What could not be shown, and why. */
  notes: string[];
}

/** Counts of a stat of samples, before and after, in the same bins. */
export interface Histogram {
  stat: string;
  /** Edges of the bins of numbers; null where the values are words. */
  edges: number[] | null;
  /** What each bin is called. */
  bins: string[];
  before: number[];
  after: number[] | null;
  /** The files whose values were counted. */
  files: { before: string; after: string | null };
  /** Values that are no numbers: NaN, the infinities. */
  odd: number;
}

export interface Sample {
  text: string | null;
  /** Paths as the dataset names them, absolute where that is known. */
  clips: string[];
  /** The line that it is, of a dataset's file relative to the work_dir. */
  file: string;
  line: number;
  /** What dropped it: as its stats and the ops' limits tell, or as the only op that dropped any; null: it was kept, or that is not known. */
  droppedBy: { op: string; limit: Limit | null; value: Json } | null;
}

/** A bound that an op sets on a stat. */
export interface Limit {
  stat: string;
  side: Side;
  value: number;
  /** Of a sample with several values: one outside is enough (`all` must be inside), else all must be. */
  anyOutside: boolean;
}

export interface Examples {
  kept: Sample[];
  dropped: Sample[];
  counts: { kept: number; dropped: number };
  /** Whether the ops were found that dropped each. */
  attributed: boolean;
}

export interface RefinedRecipe {
  job: TrialJob;
  /** Relative to the work_dir. */
  file: string;
  changes: { op: string; arg: string; from: Json | undefined; to: Json | undefined; why: string; origin: Origin }[];
  diff: DiffLine[];
}

export interface DiffLine {
  kind: 'same' | 'old' | 'new';
  text: string;
}

/** What a program told of one metric while it ran. */
export interface Curve {
  metric: string;
  job: string;
  iteration: number;
  /** '' of a job's only program. */
  program: string;
  /** Relative to the work_dir. */
  file: string;
  /** `[step, value, line of the file]`, null where it was NaN or infinite; of very many, the lowest and highest of each stretch. */
  points: [number, number | null, number][];
  /** How many there were. */
  count: number;
  /** How many were NaN or infinite. */
  odd: number;
}

/** Videos side by side: a row a prompt and sample, a column a job. */
export interface VideoWall {
  columns: { job: string; label: string; iteration: number; base: boolean }[];
  rows: { prompt: string; sample: string | null; seed: Json | null; files: (string | null)[] }[];
  /** Rows that are not there, as there would be too many. */
  more: number;
}

/** A clip as the page shows it. */
export interface Clip {
  bytes: number | null;
  /** A small picture as a data: address. */
  poster: string | null;
  width: number | null;
  height: number | null;
  seconds: number | null;
  codec: string | null;
  /** Absolute path of one that browsers play, made for this report; null: it plays as it is. */
  converted: string | null;
  /** Why it cannot be shown. */
  problem: string | null;
}

/** Something that took its time; times in milliseconds since the epoch. */
export interface Span {
  /** The row of the timeline: a job. */
  row: string;
  from: number;
  to: number;
  how: 'done' | 'failed' | 'held' | 'running';
  devices: string[];
  host: string | null;
  /** For its tooltip and table: what it is, in lines. */
  told: string[];
  /** Where its times were read; empty where they are times of files. */
  of: Origin[];
}

/** Steps that were done and had to be done again, as segments.json tells. */
export interface LostWork {
  job: string;
  steps: number;
  /** Of the time that their segment took, the share of its steps. */
  seconds: number;
  why: string;
  /** segments.json, relative to the work_dir, and which of its segments, from 0. */
  file: string;
  segment: number;
}

/** A clip that the page is to show. */
export interface ClipWish {
  /** Absolute. */
  path: string;
  /** It is to be played: where browsers do not, another is made that they do. */
  play: boolean;
}
