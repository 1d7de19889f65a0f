import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { beforeEach, describe, expect, it } from 'vitest';
import { Cancelled, DetachedError, ProgramStopped, WorkerShutdown } from '../../../activities/runtime/end-reason.ts';
import { JobFailure } from '../../../activities/runtime/failure.ts';
import { type FailedRun, toTemporal } from '../../../activities/runtime/failure-to-temporal.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'failure-'));
});

function run(more: Partial<FailedRun> = {}): FailedRun {
  return { job: 'p.1-a', run: 'run-1', dir, log: null, signal: new AbortController().signal, ...more };
}

async function told(error: unknown, more: Partial<FailedRun> = {}): Promise<ApplicationFailure> {
  const failure = await toTemporal(error, run(more));
  expect(failure).toBeInstanceOf(ApplicationFailure);
  return failure as ApplicationFailure;
}

function errno(code: string, message: string): Error {
  return Object.assign(new Error(`${code}: ${message}`), { code });
}

describe('what a job threw', () => {
  it('is one clear sentence and final where the disk is full while publishing', async () => {
    const failure = await told(errno('ENOSPC', "no space left on device, write '/w/jobs/k/manifest.json.tmp'"));
    expect(failure).toMatchObject({ type: 'JobFailed', nonRetryable: true });
    expect(failure.message).toMatch(/^the disk is full \(ENOSPC: .*manifest\.json\.tmp'\): free space, then start/);
  });

  it.each(['EDQUOT', 'EROFS', 'EACCES', 'EPERM', 'ENAMETOOLONG'])('is final with advice where it is %s', async code => {
    expect(await told(errno(code, "mkdir '/x'"))).toMatchObject({
      nonRetryable: true,
      message: expect.stringMatching(/^the|^permission|^a name/),
    });
  });

  it('is final with the last lines of the log where the job failed', async () => {
    const log = join(dir, 'log.txt');
    await writeFile(log, 'one\ntwo\n');
    const failure = await told(new JobFailure('the dataset is empty'), { log });
    expect(failure.nonRetryable).toBe(true);
    expect(failure.details?.[0]).toEqual({ job: 'p.1-a', why: 'the dataset is empty', logTail: ['one', 'two'], log });
  });

  it('is told in at most 4,000 characters, however long it was', async () => {
    const failure = await told(new JobFailure('x'.repeat(3_000_000)));
    expect(JSON.stringify([failure.message, failure.details]).length).toBeLessThan(10_000);
    expect((await told(new Error('y'.repeat(3_000_000)))).message.length).toBeLessThan(5_000);
  });

  it('is tried again four times where nobody expected it, and is final the fifth time', async () => {
    for (let count = 1; count < 5; count += 1)
      expect(await told(new Error('odd'))).toMatchObject({ nonRetryable: false, message: 'odd' });
    expect(await told(new Error('odd'))).toMatchObject({ nonRetryable: true, message: 'odd (failed 5 times)' });
  });

  it('is counted anew in another run of a trial, and when the job is tried again after it failed for good', async () => {
    for (let count = 1; count < 5; count += 1) await told(new Error('odd'));
    expect((await told(new Error('odd'), { run: 'run-2' })).nonRetryable).toBe(false);
    for (let count = 2; count < 5; count += 1) await told(new Error('odd'), { run: 'run-2' });
    expect((await told(new Error('odd'), { run: 'run-2' })).nonRetryable).toBe(true);
    expect((await told(new Error('odd'), { run: 'run-2' })).nonRetryable).toBe(false);
  });

  it('is tried again by the next worker, and not counted, where this one shuts down', async () => {
    const signal = AbortSignal.abort(new WorkerShutdown());
    for (let count = 1; count < 10; count += 1)
      expect(await told(new DetachedError(dir), { signal })).toMatchObject({ nonRetryable: false });
    expect((await told(new Error('odd'))).nonRetryable).toBe(false);
  });

  it('is tried again, and not counted, where someone else ended the program', async () => {
    for (let count = 1; count < 10; count += 1)
      expect(await told(new ProgramStopped('the program was ended'))).toMatchObject({ nonRetryable: false });
  });

  it('is a cancellation where the job was cancelled, whatever broke on the way', async () => {
    const signal = AbortSignal.abort(new Cancelled());
    expect(await toTemporal(new Error('broken pipe'), run({ signal }))).toBeInstanceOf(CancelledFailure);
  });
});
