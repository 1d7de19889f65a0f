// What the report of a pool study is made of: plain JSON, as its files in a work_dir tell it.
import type { StudyTable } from '../../plan/protocol.ts';
import type { Limit } from '../../plan/study/limits.ts';
import type { Curves } from './curves.ts';
import type { ReportHead } from './report.ts';
import type { TrialWork } from './trial-work.ts';

/** A pool study as its report tells it. */
export interface StudyModel extends ReportHead {
  kind: 'study';
  project: string;
  experiment: string;
  /** Of study.json, which is written at the end, else as the server has it; null: neither is to be had. */
  table: StudyTable | null;
  /** Milliseconds since the epoch. As of a sweep: when it ended, now, or the last that its files tell of. */
  until: number;
  /** study.json, relative to the work_dir; null: the table is not from there. */
  file: string | null;
  /** What the winner's pools set in the recipe. */
  limits: Limit[];
  /** recipe.yaml, relative to the work_dir; null: there is none. */
  recipe: string | null;
  /** By number. */
  trials: StudyTrial[];
  /** How many samples pools have before they are brought to one size, by id; of combinations, as the job that made them tells. */
  rows: Record<string, { rows: number; file: string; path: string[] }>;
  curves: Curves;
}

export interface StudyTrial {
  id: string;
  trial: number;
  does: StudyDoes;
  /** As far as its files tell: all its jobs are done, or not. */
  status: 'done' | 'open';
  /** Milliseconds since the epoch. */
  startedAt: number | null;
  finishedAt: number | null;
  work: TrialWork;
}

/** What a trial of a study is for. */
export type StudyDoes =
  /** Data for the next points: `split`, `sample`, `combine`, `repeat`. */
  | { kind: 'data'; step: string }
  /** Trains on a pool: indexes into the table's stages, points and seeds; null where the table does not tell. */
  | { kind: 'point'; point: string; samples: number; at: { stage: number; point: number; seed: number } | null };
