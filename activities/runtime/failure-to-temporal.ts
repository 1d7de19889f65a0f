import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { FAILURES, type JobFailureDetails } from '../../plan/protocol.ts';
import { writeAtomically } from './atomic.ts';
import { WorkerShutdown } from './end-reason.ts';
import { JobFailure } from './failure.ts';
import { lastLines } from './last-lines.ts';

/** Unexpected errors of one job before it counts as failed: enough for a passing fault, few enough that a bug is not retried for days. */
const MAX_UNEXPECTED = 5;

const ERRNO: Record<string, string> = {
  ENOSPC: 'the disk is full: free space, then start the trial again (finished jobs are not run again)',
  EDQUOT: 'the disk quota is used up: free space, then start the trial again (finished jobs are not run again)',
  EROFS: 'the file system is read-only: choose a work_dir that can be written to',
  EACCES: 'permission denied: choose a path that the worker may use',
};

/** Where a failure happened. */
export interface FailedRun {
  job: string;
  dir: string | null;
  log: string | null;
  signal: AbortSignal;
}

/** Turns what a job threw into what Temporal should do: cancelled, tried again by another worker, tried again, or failed for good. */
export async function toTemporal(error: unknown, run: FailedRun): Promise<Error> {
  if (run.signal.aborted) {
    if (run.signal.reason instanceof WorkerShutdown)
      return ApplicationFailure.retryable('the worker was stopped', 'WorkerShutdown');
    return new CancelledFailure('cancelled');
  }
  if (error instanceof ApplicationFailure || error instanceof CancelledFailure) return error;
  const errno = ERRNO[(error as NodeJS.ErrnoException)?.code ?? ''];
  if (error instanceof JobFailure) return failed(error.message, run, error.logTail);
  const message = error instanceof Error ? error.message : String(error);
  if (errno) return failed(`${message}: ${errno}`, run, []);
  const count = await countUnexpected(run.dir);
  if (count >= MAX_UNEXPECTED) return failed(`${message} (failed ${count} times)`, run, []);
  return error instanceof Error ? error : new Error(message);
}

async function failed(why: string, run: FailedRun, tail: string[]): Promise<ApplicationFailure> {
  const log = run.log !== null && (await stat(run.log).catch(() => null)) ? run.log : null;
  const logTail = tail.length > 0 || log === null ? tail : await lastLines(log, 20);
  const details: JobFailureDetails = { job: run.job, why, logTail, log };
  return ApplicationFailure.nonRetryable(why, FAILURES.job, details);
}

async function countUnexpected(dir: string | null): Promise<number> {
  if (dir === null) return 1;
  const path = join(dir, 'job.json');
  const before = await readFile(path, 'utf8').then(
    text => (JSON.parse(text) as { unexpected: number }).unexpected,
    () => 0,
  );
  await writeAtomically(path, JSON.stringify({ unexpected: before + 1 })).catch(() => {});
  return before + 1;
}
