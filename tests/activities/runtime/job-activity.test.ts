import { mkdir, mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { MockActivityEnvironment } from '@temporalio/testing';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { Component } from '../../../activities/component.ts';
import { hostActivities } from '../../../activities/host/index.ts';
import { JobFailure } from '../../../activities/runtime/failure.ts';
import { jobActivity } from '../../../activities/runtime/job-activity.ts';
import { renewDevices } from '../../../activities/runtime/lease.ts';
import type { JobDone, JobRef } from '../../../plan/protocol.ts';
import { jobOnDisk, testComponent } from '../../support/job-on-disk.ts';

const before = process.env.DJ_SANDBOX_STATE;
beforeEach(async () => {
  process.env.DJ_SANDBOX_STATE = await mkdtemp(join(tmpdir(), 'state-'));
});
afterAll(() => {
  if (before === undefined) delete process.env.DJ_SANDBOX_STATE;
  else process.env.DJ_SANDBOX_STATE = before;
});

const gpu = { resources: { tag: 'gpu', gpus: 1 }, claims: true };
/** The server that knows every attempt. */
const client = { activity: { heartbeat: async () => {} } } as unknown as Client;
const host = hostActivities({ offered: ['GPU-a', 'GPU-b'] }, client);
const inActivity = <T>(work: (ref: JobRef) => Promise<T>, ref: JobRef): Promise<T> =>
  new MockActivityEnvironment().run(work, ref);
const runWith = (component: Component, ref: JobRef): Promise<JobDone> =>
  inActivity(jobActivity(component, {} as Client, []), ref);

async function claimed(ref: JobRef): Promise<JobRef> {
  const result = await inActivity(host.claimJob, ref);
  if (!('claim' in result)) throw new Error('the job was done');
  return { ...ref, claim: result.claim };
}

describe('the devices of a claimed job', () => {
  it('are free once it is done', async () => {
    const { ref, dir } = await jobOnDisk(gpu);
    await runWith(testComponent(), await claimed(ref));
    expect(await renewDevices(dir)).toBe(0);
  });

  it('stay its own between a passing failure and the next attempt', async () => {
    const { ref, dir } = await jobOnDisk(gpu);
    const failing = testComponent({ run: () => Promise.reject(new Error('odd')) });
    await expect(runWith(failing, await claimed(ref))).rejects.toMatchObject({ nonRetryable: false });
    expect(await renewDevices(dir)).toBe(1);
  });

  it('are freed by the trial where it failed for good, unless another trial has claimed the job since', async () => {
    const { ref, dir } = await jobOnDisk(gpu);
    const claim = await claimed(ref);
    const failing = testComponent({ run: () => Promise.reject(new JobFailure('loss is NaN')) });
    await expect(runWith(failing, claim)).rejects.toMatchObject({ type: 'JobFailed', message: 'loss is NaN' });
    await inActivity(host.reapJob, claim);
    expect(await renewDevices(dir)).toBe(0);
    await claimed({ ...ref, trial: { id: 'other', runId: 'x' } });
    await inActivity(host.reapJob, claim);
    expect(await renewDevices(dir)).toBe(1);
  });

  it('that went to another while no worker lived are claimed again instead of used by two', async () => {
    const { ref } = await jobOnDisk(gpu);
    const claim = await claimed(ref);
    await inActivity(host.reapJob, claim);
    let ran = false;
    const component = testComponent({
      run: async () => {
        ran = true;
        return { results: [] };
      },
    });
    await expect(runWith(component, claim)).rejects.toMatchObject({ type: 'ClaimLost', nonRetryable: true });
    expect(ran).toBe(false);
  });
});

describe('a claim', () => {
  it('waits while another trial runs the job, and then finds it done', async () => {
    const { ref } = await jobOnDisk(gpu);
    const first = await claimed(ref);
    const other = { ...ref, trial: { id: 'other', runId: 'x' } };
    await expect(inActivity(host.claimJob, other)).rejects.toMatchObject({ type: 'Busy', nonRetryable: false });
    await runWith(testComponent(), first);
    expect(await inActivity(host.claimJob, other)).toMatchObject({ done: { reused: true } });
  });

  it('that this host can never serve is left to others with that tag, and says so', async () => {
    const { ref } = await jobOnDisk({ ...gpu, resources: { tag: 'gpu', gpus: 4 } });
    await expect(inActivity(host.claimJob, ref)).rejects.toMatchObject({
      type: 'Busy',
      message: expect.stringContaining('needs 4 GPUs at once'),
    });
  });

  it('that cannot make its folder keeps no devices', async () => {
    const { ref, workDir, dir } = await jobOnDisk(gpu);
    await mkdir(join(workDir, 'jobs'));
    await writeFile(dir, 'a file is in the way');
    await expect(inActivity(host.claimJob, ref)).rejects.toThrow();
    expect(await renewDevices(dir)).toBe(0);
  });

  it('of a plan that is gone fails the trial instead of being tried for ever', async () => {
    const { ref } = await jobOnDisk(gpu);
    const gone = { ...ref, plan: { ...ref.plan, path: `${ref.plan.path}.gone` } };
    await expect(inActivity(host.claimJob, gone)).rejects.toMatchObject({ type: 'JobFailed', nonRetryable: true });
  });
});

it('an unexpected error counts in the job folder, for this run of the trial', async () => {
  const { ref, dir } = await jobOnDisk();
  const failing = testComponent({ run: () => Promise.reject(new Error('odd')) });
  await expect(runWith(failing, ref)).rejects.toThrow('odd');
  expect(await readdir(dir)).toContain('job.json');
  expect(JSON.parse(await readFile(join(dir, 'job.json'), 'utf8'))).toEqual({ run: 'run-of-t', unexpected: 1 });
});
