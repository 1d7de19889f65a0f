import type { Context } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import { Cancelled, WorkerShutdown } from './end-reason.ts';
import { latestRun } from './latest-run.ts';

const STOPPED = 'the worker was stopped';

/**
 * Aborted when the activity is to end. With `Cancelled`: someone cancelled it, or ended its trial from outside; what it started must end.
 * With `WorkerShutdown`: its program is left running, for the next attempt to adopt.
 */
export function endSignal(context: Context, client: Client, leaving?: AbortSignal): AbortSignal {
  const controller = new AbortController();
  const leave = () => controller.abort(new WorkerShutdown(STOPPED));
  if (leaving?.aborted) leave();
  leaving?.addEventListener('abort', leave, { once: true, signal: controller.signal });
  context.cancelled.catch(async () => controller.abort(await whyToEnd(context, client)));
  return controller.signal;
}

async function whyToEnd({ cancellationDetails, info }: Context, client: Client): Promise<Error> {
  if (cancellationDetails?.cancelRequested) return new Cancelled();
  if (cancellationDetails?.paused) return new WorkerShutdown('the activity was paused: its program goes on for now');
  if (!cancellationDetails?.notFound) return new WorkerShutdown(STOPPED);
  if (await hasEnded(info.workflowExecution?.workflowId, client))
    return new Cancelled('the trial was ended from outside');
  return new WorkerShutdown('another attempt has the job');
}

/**
 * The server no longer knows the attempt: it was superseded, the trial was reset, or it has ended. Only when the *newest* run of the
 * trial has ended does nobody want the program any more; where that cannot be found out, its supervisor's deadline decides.
 */
async function hasEnded(workflowId: string | undefined, client: Client): Promise<boolean> {
  return workflowId !== undefined && (await latestRun(client, workflowId)) === 'closed';
}
