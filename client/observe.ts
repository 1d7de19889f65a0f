// What the server and the trial's workflow know of a trial now, as one snapshot.
import { defaultPayloadConverter, WorkflowFailedError, WorkflowNotFoundError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { temporal } from '@temporalio/proto';
import type { Progress } from '../activities/runtime/progress.ts';
import {
  CONTROL_QUEUE,
  FAILURES,
  type JobFailureDetails,
  type TrialProgress,
  type TrialResult,
} from '../plan/protocol.ts';
import type { Server } from './connect.ts';
import { isOpen, type RunningActivity, type Snapshot, type TrialFailure } from './snapshot.ts';
import { type Described, known, queryTrial, reason } from './trials.ts';

const STARTED_STATE = 2;
const ASK_QUERY_MS = 2_500;
const RPC_MS = 2_500;

/**
 * One look at a trial. `last` is what was seen before: it stays where nothing newer is to be had. `described`: what the server has just said of it.
 * @throws CommandFailure when there is no such trial.
 */
export async function observe(
  server: Server,
  id: string,
  last: Snapshot | null = null,
  described?: Described,
): Promise<Snapshot> {
  const handle = server.client.workflow.getHandle(id);
  const [description, progress] = await known(server, id, () =>
    Promise.all([described ?? handle.describe(), queryTrial<TrialProgress>(server, id, 'progress', ASK_QUERY_MS)]),
  );
  const { name: status } = description.status;
  const closed = !isOpen(status);
  const end = closed ? await endOf<TrialResult>(server, id, status) : { result: null, failure: null };
  return {
    id,
    runId: description.runId,
    ui: server.ui && `${server.ui}/${encodeURIComponent(id)}`,
    status,
    startedAt: last?.startedAt ?? description.startTime.getTime(),
    closedAt: closed ? (description.closeTime?.getTime() ?? Date.now()) : null,
    progress: progress ?? last?.progress ?? null,
    activities: (description.raw.pendingActivities ?? []).map(runningActivity),
    ...end,
    waitingFor: progress ? null : await controlWorker(server),
    trouble: null,
    now: Date.now(),
  };
}

/** A look that survives a server that is away: then the last one, with what is the matter. */
export async function observeOrWait(server: Server, id: string, last: Snapshot): Promise<Snapshot> {
  return await orLast(server, last, () => observe(server, id, last));
}

/** What `look` sees; where the server is away, the last that was seen, with what is the matter. */
export async function orLast<T extends { trouble: string | null; now: number }>(
  server: Server,
  last: T,
  look: () => Promise<T>,
): Promise<T> {
  try {
    return await look();
  } catch (error) {
    if (error instanceof Error && error.cause instanceof WorkflowNotFoundError) throw error;
    const trouble = `the server at ${server.address} does not answer (${reason(error)}): trying again`;
    return { ...last, trouble, now: Date.now() };
  }
}

type PendingActivity = temporal.api.workflow.v1.IPendingActivityInfo;

/** A pending activity, with what it last told of its progress. */
export function runningActivity(info: PendingActivity): RunningActivity {
  const payload = info.heartbeatDetails?.payloads?.[0];
  return {
    type: info.activityType?.name ?? '',
    attempt: info.attempt ?? 1,
    started: info.state === STARTED_STATE,
    progress: payload ? progressOf(payload) : null,
    lastFailure: info.lastFailure?.message ?? null,
  };
}

/** Heartbeat details of our own activities; those of others may be anything. */
export function progressOf(payload: temporal.api.common.v1.IPayload): Progress | null {
  try {
    const value = defaultPayloadConverter.fromPayload<Progress>(payload);
    return typeof value === 'object' && value !== null && typeof value.job === 'string' ? value : null;
  } catch {
    return null;
  }
}

/** What a closed trial or sweep returned, or why it did not end well. */
export async function endOf<Result>(
  server: Server,
  id: string,
  status: string,
): Promise<{ result: Result | null; failure: TrialFailure | null }> {
  const handle = server.client.workflow.getHandle(id);
  try {
    const deadline = Date.now() + RPC_MS;
    const result = await server.client.connection.withDeadline(deadline, () => handle.result());
    return { result: result as Result, failure: null };
  } catch (error) {
    return { result: null, failure: trialFailure(error, status) };
  }
}

function trialFailure(error: unknown, status: string): TrialFailure {
  const cause = error instanceof WorkflowFailedError ? innermostApplication(error.cause) : null;
  if (!cause) return { message: sentenceOf(status, error), job: null };
  const details: unknown = cause.details?.[0];
  if (cause.type === FAILURES.job) return { message: cause.message, job: details as JobFailureDetails };
  return { message: [cause.message, ...textsIn(details)].join('\n'), job: null };
}

function sentenceOf(status: string, error: unknown): string {
  if (status === 'TERMINATED') return 'it was terminated from outside';
  if (status === 'CANCELLED') return 'it was cancelled from outside';
  return reason(error);
}

function innermostApplication(error: Error | undefined): ApplicationFailure | null {
  let found: ApplicationFailure | null = null;
  for (let current: unknown = error; current instanceof Error; current = current.cause)
    if (current instanceof ApplicationFailure) found = current;
  return found;
}

/** Diagnostics of a config, whether handed over as one text or several. */
function textsIn(details: unknown): string[] {
  if (typeof details === 'string') return [details];
  return Array.isArray(details) ? details.filter(item => typeof item === 'string') : [];
}

/** What to say when a trial's or sweep's workflow does not answer. */
export async function controlWorker(server: Server): Promise<string> {
  const start = 'start one with `dj-sandbox worker --control` or `npm run dev`';
  const request = {
    namespace: server.namespace,
    taskQueue: { name: CONTROL_QUEUE },
    taskQueueType: 1,
  };
  const { pollers } = await server.client.connection.withDeadline(Date.now() + RPC_MS, () =>
    server.client.workflowService.describeTaskQueue(request),
  );
  if ((pollers ?? []).length === 0) return `no control worker (queue ${CONTROL_QUEUE}) runs: ${start}`;
  return `no control worker (queue ${CONTROL_QUEUE}) answers within ${ASK_QUERY_MS / 1000} s; if none runs, ${start}`;
}
