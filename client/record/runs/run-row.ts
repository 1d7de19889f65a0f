import type { Kind } from '../../trials.ts';

/** A number that a run is judged by. */
export interface Objective {
  /** `<meta_name>.<metric>`, or the context key of a target. */
  name: string;
  value: number;
  /** Null: it has no better side. */
  goal: 'minimize' | 'maximize' | null;
}

/** A trial, sweep or study as a list shows it. */
export interface RunRow {
  /** Its id; of one that cannot be a file's name the name of its folder. */
  id: string;
  kind: Kind;
  /** The sweep or study that it belongs to. */
  parent: string | null;
  /** `running`, `waiting`, `done`, `failed`, `stopped`, …; `unfinished`: it has not ended as far as its files tell, and nothing runs for it. */
  state: string;
  project: string;
  experiment: string;
  /** Where it stands; '' where nothing runs. */
  stage: string;
  job: string;
  /** Jobs of a trial, trials of a sweep or study, that have ended; null: not known. */
  progress: { done: number; total: number } | null;
  /** Of a sweep that of its best trial. */
  objective: Objective | null;
  /** Milliseconds since the epoch. */
  startedAt: number;
  /** Null: it goes on, or nothing tells when it ended. */
  closedAt: number | null;
  /** Where its files are; null: not in a work_dir that was looked at. */
  workDir: string | null;
}
