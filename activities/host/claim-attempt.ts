import type { Info } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import { DEFAULT_PRIORITY, DEFAULT_WEIGHT, type Turn } from '../runtime/line.ts';

/** What the server says of one attempt to claim, and keeps from one to the next. */
export interface ClaimAttempt {
  turn: Turn;
  /** Seconds since the claim was first asked for, by the server's clock. */
  waited: number;
  /** Queues of the hosts that gather devices for it. */
  homes: string[];
  /** Keeps the homes for the next attempt; rejects where this one was given up meanwhile. */
  confirm: (homes: string[]) => Promise<unknown>;
}

/** Reads an attempt of `claimJob`: its turn is its workflow's priority and fairness, a trial without a fairness key is one of its own. */
export function attemptOf(info: Info, trial: string, client: Client): ClaimAttempt {
  const { priority, taskToken, heartbeatDetails, scheduledTimestampMs, currentAttemptScheduledTimestampMs } = info;
  const attempt: ClaimAttempt = {
    turn: {
      priority: priority?.priorityKey || DEFAULT_PRIORITY,
      key: priority?.fairnessKey || trial,
      weight: priority?.fairnessWeight || DEFAULT_WEIGHT,
    },
    waited: Math.max(0, currentAttemptScheduledTimestampMs - scheduledTimestampMs) / 1000,
    homes: homesIn(heartbeatDetails),
    confirm: homes => {
      attempt.homes = homes;
      // Unlike the context's heartbeat this one is answered.
      return client.activity.heartbeat(taskToken, { homes });
    },
  };
  return attempt;
}

/** A worker of another version may have made the attempt before. */
function homesIn(details: unknown): string[] {
  const { homes } = (typeof details === 'object' && details !== null ? details : {}) as { homes?: unknown };
  return Array.isArray(homes) ? homes.filter(home => typeof home === 'string') : [];
}
