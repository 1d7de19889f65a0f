import { readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { clip } from '../../plan/clip.ts';
import { FAILURES, type HeldDetails, type JobFailureDetails } from '../../plan/protocol.ts';
import { writeAtomically } from './atomic.ts';
import { ProgramHeld, ProgramStopped, Superseded, WorkerShutdown } from './end-reason.ts';
import { fileSystemSentence } from './errno.ts';
import { JobFailure } from './failure.ts';
import { lastLines } from './last-lines.ts';

/** Unexpected errors of one job before it counts as failed: enough for a passing fault, few enough that a bug is not retried for days. */
const MAX_UNEXPECTED = 5;
/** A failure is in history several times, each time with its causes. */
const WHY_CHARS = 4_000;

/** Where a failure happened. */
export interface FailedRun {
  job: string;
  /** The trial's run: errors of an earlier one do not count. */
  run: string;
  dir: string | null;
  log: string | null;
  signal: AbortSignal;
}

/** Turns what a job threw into what Temporal should do: held, cancelled, tried again by another worker, tried again, or failed for good. */
export async function toTemporal(error: unknown, run: FailedRun): Promise<Error> {
  if (error instanceof ProgramHeld) return heldAt(error);
  if (run.signal.aborted) {
    // Not a cancellation: another worker goes on at once.
    if (run.signal.reason instanceof WorkerShutdown)
      return ApplicationFailure.retryable(run.signal.reason.message, 'WorkerShutdown');
    return new CancelledFailure('cancelled');
  }
  if (error instanceof ApplicationFailure || error instanceof CancelledFailure) return error;
  if (error instanceof Superseded) return ApplicationFailure.nonRetryable(error.message, FAILURES.claimLost);
  if (error instanceof JobFailure) return failed(error.message, run, error.logTail);
  const sentence = fileSystemSentence(error);
  if (sentence !== null) return failed(sentence, run, []);
  const message = error instanceof Error ? error.message : String(error);
  const told = clip(message, WHY_CHARS);
  if (error instanceof ProgramStopped) return ApplicationFailure.retryable(told, error.name);
  const count = await countUnexpected(run);
  if (count >= MAX_UNEXPECTED) return failed(`${message} (failed ${count} times)`, run, []);
  return ApplicationFailure.retryable(told, error instanceof Error ? error.name : 'Error');
}

function heldAt({ message, checkpoint, step, rung }: ProgramHeld): ApplicationFailure {
  const details: HeldDetails = { checkpoint, step, ...(rung && { rung }) };
  return ApplicationFailure.nonRetryable(message, FAILURES.held, details);
}

async function failed(reason: string, run: FailedRun, tail: string[]): Promise<ApplicationFailure> {
  const why = clip(reason, WHY_CHARS);
  const log = run.log !== null && (await stat(run.log).catch(() => null)) ? run.log : null;
  const logTail = tail.length > 0 || log === null ? tail : await lastLines(log, 20).catch(() => []);
  const details: JobFailureDetails = { job: run.job, why, logTail, log };
  return ApplicationFailure.nonRetryable(why, FAILURES.job, details);
}

/** Counts in job.json; from the beginning in another run of a trial, and after the job has failed for good. */
async function countUnexpected({ dir, run }: FailedRun): Promise<number> {
  // Only the plan's own file was at fault: it is there and is what it was, or the failure has said otherwise.
  if (dir === null) return 1;
  const path = join(dir, 'job.json');
  const before = await readFile(path, 'utf8').then(
    text => JSON.parse(text) as { run: string; unexpected: number },
    () => null,
  );
  const unexpected = before?.run === run ? before.unexpected + 1 : 1;
  if (unexpected >= MAX_UNEXPECTED) await rm(path, { force: true });
  else await writeAtomically(path, JSON.stringify({ run, unexpected })).catch(() => {});
  return unexpected;
}
