// What the report of a sweep is made of: plain JSON, as its files in a work_dir tell it.
import type { RungPlan } from '../../plan/protocol.ts';
import type { Decision, SweepSpec, SweepTrial } from '../../plan/sweep/types.ts';
import type { Curves } from './curves.ts';
import type { ReportHead } from './report.ts';
import type { TrialWork } from './trial-work.ts';

/** A sweep as its report tells it. */
export interface SweepModel extends ReportHead {
  kind: 'sweep';
  project: string;
  experiment: string;
  /** `running`: its ledger has no end. */
  state: 'running' | 'done' | 'failed' | 'stopped';
  /** Why it ended. */
  reason: string | null;
  /** Milliseconds since the epoch. */
  startedAt: number;
  endedAt: number | null;
  /** When it ended; of one that has not: now where a server says that it runs, else the last that its files tell of. */
  until: number;
  spec: SweepSpec;
  rungs: RungPlan | null;
  ledger: Ledger;
  /** In the order of the leaderboard. */
  trials: ReportedTrial[];
  curves: Curves;
  importances: Importance[];
}

/** decisions.jsonl. */
export interface Ledger {
  /** Relative to the work_dir. */
  file: string;
  decisions: LedgerLine[];
}

/** A decision, and the line of the file that has it, from 0. */
export type LedgerLine = Decision & { line: number };

/** A trial, where the ledger tells of it, and what its own files tell. */
export interface ReportedTrial extends SweepTrial {
  id: string;
  lines: {
    suggest: number;
    end: number | null;
    /** As `rungs`. */
    rungs: number[];
  };
  work: TrialWork;
}

/** How much each parameter mattered for one number that trials told. */
export interface Importance {
  /** Of what: `quality.score`, or `train.loss at step 20`. */
  of: string;
  /** Trials with such a number, and how many of the best were compared with all. */
  trials: number;
  best: number;
  /** The largest share first; empty where it could not be asked. */
  shares: Share[];
  /** Who judged: `PED-ANOVA of Optuna 5.0.0`. */
  by: string | null;
  /** Why there is none. */
  lacking: string | null;
}

export interface Share {
  parameter: string;
  share: number;
  /** Nine of ten resamples of the trials lie between. */
  low: number;
  high: number;
}
