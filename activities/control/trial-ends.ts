import { type Client, WorkflowFailedError, WorkflowNotFoundError } from '@temporalio/client';
import { ActivityFailure } from '@temporalio/common';
import { clip } from '../../plan/clip.ts';
import type { TrialEnd, TrialResult } from '../../plan/protocol.ts';
import { endOf } from '../../plan/trial-end.ts';
import { isOpen, latestRun } from '../runtime/latest-run.ts';

const AT_ONCE = 16;
const WHY_CHARS = 1_000;

/** How those of these trials ended that have ended, by workflow id; null for those that were never started. Others are left out. */
export async function trialEnds(client: Client, ids: readonly string[]): Promise<Record<string, TrialEnd | null>> {
  const ends: Record<string, TrialEnd | null> = {};
  for (let first = 0; first < ids.length; first += AT_ONCE) {
    const some = ids.slice(first, first + AT_ONCE);
    const found = await Promise.all(some.map(id => trialEnd(client, id)));
    for (const [i, end] of found.entries()) if (end !== undefined) ends[some[i]!] = end;
  }
  return ends;
}

/** Whether a sweep goes on. Throws where the server does not say. */
export async function sweepIsOpen(client: Client, id: string): Promise<boolean> {
  const found = await latestRun(client, id);
  if (found === 'unknown') throw new Error(`the server did not say whether sweep ${id} goes on`);
  return found === 'open';
}

/** Of the newest run; undefined while that goes on. */
async function trialEnd(client: Client, id: string): Promise<TrialEnd | null | undefined> {
  const trial = client.workflow.getHandle(id);
  try {
    const { status } = await trial.describe();
    if (isOpen(status.name)) return undefined;
    return endOf((await trial.result()) as TrialResult);
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null;
    if (!(error instanceof WorkflowFailedError)) throw error;
    return endedBadly(error);
  }
}

function endedBadly({ cause, message }: WorkflowFailedError): TrialEnd {
  const inner = cause instanceof ActivityFailure ? (cause.cause ?? cause) : cause;
  const by: Record<string, { status: TrialEnd['status']; why: string }> = {
    CancelledFailure: { status: 'stopped', why: 'it was cancelled' },
    TerminatedFailure: { status: 'stopped', why: `it was terminated: ${cause?.message}` },
    TimeoutFailure: { status: 'failed', why: 'its time was over' },
  };
  const { status, why } = by[cause?.name ?? ''] ?? { status: 'failed', why: inner?.message ?? message };
  return { status, why: clip(why, WHY_CHARS), metrics: {}, steps: null, gpuSeconds: 0, reused: 0 };
}
