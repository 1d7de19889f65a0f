// All that a pool study knows, as JSON: it grows with the number of points and seeds, which are bounded, and with nothing else.
import type { StudyOpened } from '../protocol.ts';
import type { PartFound, Stage } from './types.ts';

/** Data that is made before the next points can be tried. `ids` name files of `<dir>/pools`. */
export type Step =
  /** Analyse, and cut by each stat. */
  | { step: 'split' }
  /** Bring to one size. */
  | { step: 'sample'; ids: string[]; samples: number }
  /** Intersect, the best first. */
  | { step: 'combine'; ids: string[] }
  /** Repeat one that was sampled. */
  | { step: 'repeat'; id: string; samples: number; times: number[] };

/** What was made of a step. */
export type Gathered =
  | { step: 'split'; total: number; parts: PartFound[] }
  | { step: 'sample' }
  | { step: 'combine'; sets: { id: string; ranks: number[]; rows: number }[] }
  | { step: 'repeat' };

/** A trial that has not ended. */
export interface OpenStudyTrial {
  trial: number;
  /** What it makes data for; else what it tries. */
  step: Step | null;
  at: { stage: number; point: number; seed: number } | null;
  stopping: boolean;
}

export type StudyAction =
  | { do: 'begin'; trial: number; step: Step | null; at: OpenStudyTrial['at'] }
  | { do: 'gather'; trial: number; step: Step }
  | { do: 'tell'; trial: number; signal: 'stop' | 'pause' | 'resume' }
  | { do: 'write'; ending: StudyEnding }
  | { do: 'close'; ending: StudyEnding };

export interface StudyEnding {
  state: 'done' | 'failed' | 'stopped';
  reason: string;
}

export interface StudyMemory {
  study: string;
  opened: StudyOpened;
  /** Milliseconds since the epoch. */
  startedAt: number;
  /** Trials begun; their numbers are 1 … begun. */
  begun: number;
  open: OpenStudyTrial[];
  counts: { done: number; failed: number; stopped: number };
  /** Data that is to be made next. */
  nextStep: Step | null;
  /** A step whose trial is done: its data is to be put into its place. */
  gather: { trial: number; step: Step } | null;
  /** Points and seeds that are to be tried next, in this order. */
  queue: NonNullable<OpenStudyTrial['at']>[];
  /** Samples of the analysed dataset; null: not known yet. */
  total: number | null;
  parts: PartFound[];
  stages: Stage[];
  /** By rank: the parts that were combined. */
  combined: PartFound[];
  paused: boolean;
  ending: StudyEnding | null;
  /** What was found is on disk. */
  written: boolean;
  orders: StudyAction[];
  notes: string[];
}

export function newStudyMemory(study: string, opened: StudyOpened, now: number): StudyMemory {
  return {
    study,
    opened,
    startedAt: now,
    begun: 0,
    open: [],
    counts: { done: 0, failed: 0, stopped: 0 },
    nextStep: { step: 'split' },
    gather: null,
    queue: [],
    total: null,
    parts: [],
    stages: [],
    combined: [],
    paused: false,
    ending: null,
    written: false,
    orders: [],
    notes: [],
  };
}
