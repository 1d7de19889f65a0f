import { randomUUID } from 'node:crypto';
import { Client } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { sweepIsOpen, trialEnds } from '../../../activities/control/trial-ends.ts';
import type { JobRef } from '../../../plan/protocol.ts';
import * as messages from '../../../workflows/messages.ts';
import { done, job, skeleton } from '../../support/skeletons.ts';
import { timeSkipping, withWorkers } from '../../support/time-skipping.ts';

let environment: TestWorkflowEnvironment;
beforeAll(async () => {
  environment = await timeSkipping();
});
afterAll(() => environment.teardown());

it('tells how each trial ended, and nothing of those that go on', async () => {
  // Not the environment's own client: that skips time while it waits for a result, and paused trials would time out.
  const client = new Client({ connection: environment.connection });
  const control = {
    compileTrial: async ({ input }: { input: { config: string } }) => {
      if (input.config === 'bad.yaml') throw ApplicationFailure.nonRetryable('bad.yaml:1:1: no', 'ConfigError');
      return skeleton([job('p.1-train')]);
    },
    finishIteration: async () => ({ targetsMet: null, targets: [], iterValues: {} }),
  };
  const cpu = { 'test.job': async (ref: JobRef) => done(ref, { metrics: { steps: 9 }, reused: true }) };
  const run = randomUUID();
  const id = (name: string) => `${run}.${name}`;
  const start = (name: string, config = 'x.yaml') =>
    client.workflow.start('sandboxTrial', { taskQueue: 'sandbox', workflowId: id(name), args: [{ config }] });
  const paused = (name: string) =>
    client.workflow.signalWithStart('sandboxTrial', {
      taskQueue: 'sandbox',
      workflowId: id(name),
      args: [{ config: 'x.yaml' }],
      signal: messages.pause,
    });
  await withWorkers(environment, { sandbox: control, cpu }, async () => {
    await (await start('done')).result();
    await (await start('failed', 'bad.yaml')).result().catch(() => {});
    const [open, stopped, cancelled, terminated] = await Promise.all(
      ['open', 'stopped', 'cancelled', 'terminated'].map(paused),
    );
    await stopped!.signal(messages.stop);
    await cancelled!.cancel();
    await Promise.allSettled([stopped!.result(), cancelled!.result()]);
    await terminated!.terminate('by hand');
    const names = ['done', 'failed', 'open', 'stopped', 'cancelled', 'terminated', 'absent'];
    const ends = await trialEnds(client, names.map(id));
    expect(Object.keys(ends)).toEqual(names.filter(name => name !== 'open').map(id));
    const none = { metrics: {}, steps: null, gpuSeconds: 0, reused: 0 };
    expect(names.map(name => ends[id(name)])).toEqual([
      { status: 'done', why: null, metrics: { 'train.steps': 9 }, steps: 9, gpuSeconds: 0, reused: 1 },
      { ...none, status: 'failed', why: 'bad.yaml:1:1: no' },
      undefined,
      { ...none, status: 'stopped', why: 'it was stopped' },
      { ...none, status: 'stopped', why: 'it was cancelled' },
      { ...none, status: 'stopped', why: 'it was terminated: by hand' },
      null,
    ]);
    expect(await sweepIsOpen(client, id('open'))).toBe(true);
    expect(await sweepIsOpen(client, id('terminated'))).toBe(false);
    expect(await sweepIsOpen(client, id('absent'))).toBe(false);
    await open!.terminate();
  });
});
