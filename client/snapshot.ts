import type { Progress } from '../activities/runtime/progress.ts';
import type { JobFailureDetails, TrialProgress, TrialResult } from '../plan/protocol.ts';

/** A pending activity of a trial, as the server describes it. */
export interface RunningActivity {
  /** Activity type: a component's name, or one of the control activities. */
  type: string;
  attempt: number;
  /** It has been picked up by a worker. */
  started: boolean;
  progress: Progress | null;
  /** Why its last attempt ended, where there was one. */
  lastFailure: string | null;
}

/** Everything that is known of a trial at one moment. */
export interface Snapshot {
  id: string;
  runId: string;
  /** Its page in the Web UI, where there is one. */
  ui: string | null;
  /** The workflow's own status: RUNNING, COMPLETED, FAILED, … */
  status: string;
  /** Milliseconds since the epoch. */
  startedAt: number;
  closedAt: number | null;
  /** Null while no control worker answers. */
  progress: TrialProgress | null;
  activities: RunningActivity[];
  /** What a trial that ended well returned. */
  result: TrialResult | null;
  /** Why the trial failed. */
  failure: TrialFailure | null;
  /** What the client itself found out that it waits for: a control worker. */
  waitingFor: string | null;
  /** The server does not answer: what is tried. */
  trouble: string | null;
  /** Milliseconds since the epoch. */
  now: number;
}

export interface TrialFailure {
  message: string;
  /** Of a failed job. */
  job: JobFailureDetails | null;
}

/** Whether a workflow status means that the trial goes on. */
export function isOpen(status: string): boolean {
  return status === 'RUNNING' || status === 'CONTINUED_AS_NEW' || status === 'PAUSED';
}

/** The trial's state in one word, also where no worker can be asked. */
export function stateOf(snapshot: Snapshot): string {
  if (snapshot.status === 'COMPLETED') return snapshot.result?.state ?? 'done';
  if (snapshot.status === 'FAILED' || snapshot.status === 'TIMED_OUT') return 'failed';
  if (snapshot.status === 'CANCELLED' || snapshot.status === 'TERMINATED') return 'stopped';
  return snapshot.progress?.state ?? 'waiting';
}
