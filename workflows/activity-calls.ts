// How the workflows call activities: options in one place, and what their failures mean.
import {
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  isCancellation,
  proxyActivities,
  TimeoutFailure,
} from '@temporalio/workflow';
import { clip } from '../plan/clip.ts';
import type {
  ControlActivities,
  HoldAnswer,
  HostActivities,
  JobDone,
  JobFailureDetails,
  JobRef,
  SkeletonJob,
  StudyActivities,
  SweepActivities,
} from '../plan/protocol.ts';
import { FAILURES } from '../plan/protocol.ts';

/** Long enough to be no limit: training has none by default. */
const NO_LIMIT = '3650 days';
/** How long a host may be away before its job is claimed anew. */
const HOST_GRACE = '30 minutes';

const retry = { initialInterval: '1s', backoffCoefficient: 1 };
const nonRetryableErrorTypes = [FAILURES.config, FAILURES.job, FAILURES.held, FAILURES.sweepEnded];
/** Lost workers and passing faults; without a limit a bug would be a trial that hangs and does not say why. */
const MANY_ATTEMPTS = 20;
/** The server refuses summaries over 400 bytes, and with them every further step of the workflow. */
const SUMMARY_CHARS = 100;

/** Control activities. Compiling fingerprints what the jobs read, which may take hours the first time. */
export function control(summary: string): ControlActivities & SweepActivities & StudyActivities {
  return proxyActivities<ControlActivities & SweepActivities & StudyActivities>({
    startToCloseTimeout: NO_LIMIT,
    heartbeatTimeout: '15s',
    retry: { ...retry, maximumAttempts: MANY_ATTEMPTS, nonRetryableErrorTypes },
    summary: clip(summary, SUMMARY_CHARS),
  });
}

/** Waits on the control queue for as long as it takes. */
export function waiting(summary: string): ControlActivities {
  return proxyActivities<ControlActivities>({
    startToCloseTimeout: NO_LIMIT,
    heartbeatTimeout: '15s',
    retry,
    summary: clip(summary, SUMMARY_CHARS),
  });
}

/** Activities that every host worker offers besides the components. */
export function host(taskQueue: string, summary: string, scheduleToStartTimeout: number | string): HostActivities {
  return proxyActivities<HostActivities>({
    taskQueue,
    scheduleToStartTimeout: scheduleToStartTimeout as number,
    startToCloseTimeout: '10 minutes',
    heartbeatTimeout: '15s',
    retry: { ...retry, nonRetryableErrorTypes },
    summary: clip(summary, SUMMARY_CHARS),
  });
}

/** Asks a host to hold a job; not taken back: it is answered at once, or came too late. */
export async function holdJob(ref: JobRef, taskQueue: string): Promise<HoldAnswer> {
  const { holdJob } = proxyActivities<HostActivities>({
    taskQueue,
    scheduleToStartTimeout: HOST_GRACE,
    startToCloseTimeout: '1 minute',
    heartbeatTimeout: '15s',
    cancellationType: 'ABANDON',
    retry: { ...retry, nonRetryableErrorTypes },
    summary: 'ask the job to save its state',
  });
  return await holdJob(ref);
}

/** Runs a job (or a part of it): the activity type is the component's name. */
export async function component(
  job: SkeletonJob,
  ref: JobRef,
  taskQueue: string,
  scheduleToStartTimeout: number | string = HOST_GRACE,
): Promise<JobDone> {
  const activities = proxyActivities<Record<string, (ref: JobRef) => Promise<JobDone>>>({
    taskQueue,
    scheduleToStartTimeout: scheduleToStartTimeout as number,
    startToCloseTimeout: NO_LIMIT,
    heartbeatTimeout: '15s',
    cancellationType: 'WAIT_CANCELLATION_COMPLETED',
    retry: { ...retry, nonRetryableErrorTypes },
    summary: clip(ref.part ?? titleOf(job), SUMMARY_CHARS),
  });
  return await activities[job.activity]!(ref);
}

/** A single part has no activity of its own: it is named here. */
function titleOf({ title, parts }: SkeletonJob): string {
  return parts?.length === 1 ? `${title}: ${parts[0]}` : title;
}

/** No worker took the activity in time. */
export function wasNotPickedUp(error: unknown): boolean {
  return (
    error instanceof ActivityFailure &&
    error.cause instanceof TimeoutFailure &&
    error.cause.timeoutType === 'SCHEDULE_TO_START'
  );
}

/** The host came back, but what had been claimed there is another's by now. */
export function lostItsClaim(error: unknown): boolean {
  return (
    error instanceof ActivityFailure &&
    error.cause instanceof ApplicationFailure &&
    error.cause.type === FAILURES.claimLost
  );
}

/** The sweep of the trial was ended from outside: what was said of it; null where it is something else. */
export function sweepEnded(error: unknown): string | null {
  const cause = error instanceof ActivityFailure ? error.cause : null;
  return cause instanceof ApplicationFailure && cause.type === FAILURES.sweepEnded ? cause.message : null;
}

/** A cancel that arrives while no worker lives comes back as a heartbeat timeout, which `isCancellation` misses. */
export function wasCancelled(error: unknown): boolean {
  if (isCancellation(error) || CancellationScope.current().consideredCancelled) return true;
  return error instanceof ActivityFailure && error.retryState === 'CANCEL_REQUESTED';
}

/** What to tell the user of a job that failed for good. */
export function failureOf(job: SkeletonJob, error: unknown): JobFailureDetails {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  if (cause instanceof ApplicationFailure && cause.type === FAILURES.job && cause.details?.[0]) {
    return cause.details[0] as JobFailureDetails;
  }
  return { job: job.id, why: failureSentence(error), logTail: [], log: null };
}

/** Why an activity failed. */
export function failureSentence(error: unknown): string {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  return cause instanceof Error ? cause.message : String(cause);
}
