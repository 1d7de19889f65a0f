import type { Leaderboard, SweepResult } from '../../plan/protocol.ts';
import type { Decision, SweepTrial } from '../../plan/sweep/types.ts';
import type { RunningActivity } from '../snapshot.ts';

/** A trial of a sweep that runs just now. */
export interface RunningTrial {
  trial: SweepTrial;
  /** What its running job does, or its claim while it waits for a host; null where the server does not tell. */
  activity: RunningActivity | null;
}

/** Everything that is known of a sweep at one moment. */
export interface SweepSnapshot {
  id: string;
  /** Its page in the Web UI, where there is one. */
  ui: string | null;
  /** The workflow's own status: RUNNING, COMPLETED, FAILED, … */
  status: string;
  /** Milliseconds since the epoch. */
  startedAt: number;
  closedAt: number | null;
  /** Null while no control worker answers, and before the sweep's file is read. */
  board: Leaderboard | null;
  /** The newest. */
  decisions: Decision[];
  /** Some of the trials that run. */
  running: RunningTrial[];
  /** What a sweep that ended by itself or by hand returned. */
  result: SweepResult | null;
  /** Why the sweep failed. */
  failure: string | null;
  /** What the client itself found out that it waits for: a control worker. */
  waitingFor: string | null;
  /** The server does not answer: what is tried. */
  trouble: string | null;
  /** Milliseconds since the epoch. */
  now: number;
}

/** The sweep's state in one word, also where no worker can be asked. */
export function sweepStateOf({ status, result, board }: SweepSnapshot): string {
  if (status === 'COMPLETED') return result?.state ?? 'done';
  if (status === 'FAILED' || status === 'TIMED_OUT') return 'failed';
  if (status === 'CANCELLED' || status === 'TERMINATED') return 'stopped';
  return board?.state ?? 'opening';
}

/** The best trial so far: the first of those that are done with an objective. */
export function bestOf(trials: readonly SweepTrial[]): SweepTrial | null {
  return trials.find(({ status, objectives }) => status === 'done' && (objectives[0] ?? null) !== null) ?? null;
}
