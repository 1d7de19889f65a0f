import type { TrialProgress } from '../../plan/protocol.ts';

/** One activity of a job. */
export interface Attempted {
  job: string;
  /** Activity type: the component, `claimJob`, …. */
  activity: string;
  part: string | null;
  /** The attempt that ended, or runs. */
  attempt: number;
  ended: 'done' | 'failed' | 'timed out' | 'cancelled' | null;
  /** Why it failed, else why the attempt before did; null: neither. */
  why: string | null;
}

/** What a server told of a trial. */
export interface Told {
  snapshot: { progress: TrialProgress | null };
  attempted: Attempted[];
}
