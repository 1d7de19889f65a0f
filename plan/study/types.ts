// A pool study as data: what its file says, the points that it tries, what came of them. Everything here is JSON.
import type { JsonObject } from '../plan.ts';

/** Parts of a dataset that is sorted by a stat, in the order of data_pool_construction. */
export const ENDS = ['low', 'middle', 'high'] as const;
export type End = (typeof ENDS)[number];

export const TESTS = ['pooled', 'welch', 'paired'] as const;
export type TestName = (typeof TESTS)[number];

/** An op of the recipe that writes stats. */
export interface StudiedOp {
  op: string;
  /** Position in the recipe's `process`, from 0. */
  index: number;
  /** Stats keys that it may write. */
  stats: string[];
}

/** A study file, with what holds where it says nothing. */
export interface StudySpec {
  name: string | null;
  description: string | null;
  recipe: {
    /** Absolute. */
    path: string;
    /** With the studied ops only: what the dataset is analysed by. */
    analysis: JsonObject;
  };
  ops: StudiedOp[];
  /** Where a trial's config takes its dataset, as in `set`. */
  dataset: string;
  /** Where it takes its seed; null: nowhere, and there is one seed. */
  seed: string | null;
  seeds: number[];
  metric: { name: string; goal: 'minimize' | 'maximize' };
  /** Two; null: thirds. */
  splitRatios: (number | string)[] | null;
  /** Samples of each pool; null: those of the smallest one. */
  samples: number | null;
  /** A combination with fewer is left out; null: a quarter of a pool's. */
  minSamples: number | null;
  /** Seed of sampling and shuffling. */
  sampleSeed: number;
  /** How many of the best are combined; 0: none. */
  combine: number;
  repeat: number[];
  test: TestName;
  /** What an adjusted p-value must be below for a difference to count as more than noise. */
  alpha: number;
  concurrency: number;
  /** Where the winner's recipe is also written, absolute. */
  exportRecipe: string | null;
}

/** A pool of one stat: the samples at one end of it. */
export interface Part {
  op: string;
  stat: string;
  end: End;
}

/** A pool of one stat with its size and where it begins and ends. */
export interface PartFound extends Part {
  /** Before sampling. */
  rows: number;
  /** Smallest and largest value of the stat in it. */
  from: number;
  to: number;
}

export type StageKind = 'single' | 'combined' | 'repeated';

/** Something that is trained on, with what came of each seed. */
export interface StudyPoint {
  /** Also its file's name without ending: `whole`, `<op>.<stat>.<end>`, `top_0_1`, `<other>_x4`. */
  id: string;
  /** None: the whole data. Several: samples that are in all of them. */
  parts: Part[];
  /** How often each sample comes. */
  times: number;
  /** Samples that a trial trains on. */
  samples: number;
  /** By seed; null: it has not ended, or failed. */
  scores: (number | null)[];
  /** Trials that failed or were stopped, and why the last one did. */
  failed: number;
  why: string | null;
}

/** Points that are compared with one another: the first with each of the others. */
export interface Stage {
  kind: StageKind;
  /** Samples of its pools, before repetition. */
  samples: number;
  points: StudyPoint[];
}

export type Verdict = 'better' | 'worse' | 'noise' | 'unjudged';

/** A point beside the first one of its stage. */
export interface Comparison {
  /** How much better its mean is, whatever the metric's goal; below 0: worse. */
  gain: number;
  /** Two-sided; null: not to be had. */
  p: number | null;
  /** By Holm, over the points of the stage. */
  adjusted: number | null;
  verdict: Verdict;
}

export interface JudgedPoint extends StudyPoint {
  /** Trials with an objective. */
  n: number;
  mean: number | null;
  /** Sample deviation over seeds; null: fewer than two. */
  deviation: number | null;
  /** Null for the first point, and where one of the two has no objective. */
  comparison: Comparison | null;
}

export interface JudgedStage {
  kind: StageKind;
  samples: number;
  points: JudgedPoint[];
}

/** Which end of a stat helps. */
export interface OperatorRow {
  op: string;
  stat: string;
  ends: { end: End; gain: number | null; verdict: Verdict; adjusted: number | null }[];
  /** The end with the best mean; null: none has one. */
  best: End | null;
  /** That of the best end. */
  verdict: Verdict;
}

export interface Winner {
  id: string;
  parts: Part[];
  times: number;
  samples: number;
  mean: number;
  gain: number;
  adjusted: number | null;
  /** Its difference to the baseline is more than noise. */
  proven: boolean;
}
