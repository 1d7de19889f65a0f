import { randomUUID } from 'node:crypto';
import { Context } from '@temporalio/activity';
import type { WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Claim, HoldAnswer, JobRef, TrialProgress, TrialSkeleton } from '../../plan/protocol.ts';
import * as messages from '../../workflows/messages.ts';
import type { sandboxTrial } from '../../workflows/trial.ts';
import { cannotSave, done, job, skeleton } from '../support/skeletons.ts';
import { timeSkipping, withWorkers } from '../support/time-skipping.ts';

let environment: TestWorkflowEnvironment;
beforeAll(async () => {
  environment = await timeSkipping();
});
afterAll(() => environment.teardown());

const training = skeleton([job('p.1-train', { tag: 'gpu', claims: true }), job('p.2-infer')]);

/** A host whose trainer runs until it is asked to save its state or cancelled; further claims of the job finish. */
function host(answer: HoldAnswer = { asked: true, message: 'it saves a checkpoint' }, saves = answer.asked) {
  let epochs = 0;
  let held = 0;
  const calls: string[] = [];
  const claimJob = async (): Promise<{ claim: Claim }> => {
    epochs += 1;
    calls.push('claim');
    return { claim: { hostQueue: 'host-a', host: 'a', epoch: epochs, devices: ['GPU-1'] } };
  };
  const train = async (ref: JobRef) => {
    const epoch = ref.claim?.epoch ?? 0;
    calls.push(`train ${epoch}`);
    if (epoch > 1) return done(ref);
    while (!(saves && held > 0)) {
      Context.current().heartbeat();
      await Context.current().sleep(20);
    }
    throw ApplicationFailure.nonRetryable('held', 'Held', { checkpoint: 'checkpoint-40', step: 40 });
  };
  const holdJob = async () => {
    held += 1;
    calls.push('hold');
    return answer;
  };
  const reapJob = async () => {
    calls.push('reap');
  };
  return { calls, queues: { gpu: { claimJob }, 'host-a': { 'test.job': train, holdJob, reapJob } } };
}

type Handle = Awaited<ReturnType<typeof start>>;

async function start() {
  return await environment.client.workflow.start<typeof sandboxTrial>('sandboxTrial', {
    taskQueue: 'sandbox',
    workflowId: randomUUID(),
    args: [{ config: 'x.yaml' }],
  });
}

async function until(handle: Handle, wanted: (progress: TrialProgress) => boolean): Promise<TrialProgress> {
  for (;;) {
    const progress = await handle.query(messages.progress);
    if (wanted(progress)) return progress;
    await new Promise(resolve => setTimeout(resolve, 20));
  }
}
const trains = ({ jobs }: TrialProgress) => jobs[0]?.state === 'running';
const isIn = (state: string) => (progress: TrialProgress) => progress.state === state;

/** A trial with its workers, while `work` does something to it. */
async function trial(
  { queues }: { queues: Record<string, Record<string, (...args: never[]) => unknown>> },
  work: (handle: Handle) => Promise<void>,
  plan: TrialSkeleton = training,
) {
  const control = {
    compileTrial: async () => plan,
    finishIteration: async () => ({ targetsMet: null, targets: [], iterValues: {} }),
    tagStatus: async (tag: string) => ({ served: false, message: `no worker serves tag ${tag}` }),
    awaitWorker: async () => {},
  };
  const cpu = { 'test.job': async (ref: JobRef) => done(ref) };
  await withWorkers(environment, { sandbox: control, cpu, ...queues }, async () => work(await start()));
}

describe('pause', () => {
  it('has the running trainer save a checkpoint, frees its host and shows where it stands; resume claims anew', async () => {
    const machine = host();
    await trial(machine, async handle => {
      await until(handle, trains);
      await handle.signal(messages.pause);
      const paused = await until(handle, isIn('paused'));
      expect(paused.jobs[0]).toMatchObject({ state: 'held', held: { checkpoint: 'checkpoint-40', step: 40 } });
      expect(paused.waitingFor).toBeNull();
      const { raw } = await handle.describe();
      expect(raw.pendingActivities ?? []).toEqual([]);
      expect(machine.calls).toEqual(['claim', 'train 1', 'hold', 'reap']);
      await handle.signal(messages.resume);
      expect(await handle.result()).toMatchObject({ state: 'done', jobs: { run: 2 } });
      expect(machine.calls.slice(4)).toEqual(['claim', 'train 2']);
      expect((await handle.query(messages.progress)).jobs[0]).toMatchObject({ state: 'done', held: null });
    });
  });

  it('waits for the end of a job that cannot be held, and says so', async () => {
    const machine = host(await cannotSave());
    await trial(machine, async handle => {
      await until(handle, trains);
      await handle.signal(messages.pause);
      const { waitingFor } = await until(handle, progress => /has ended/.test(progress.waitingFor ?? ''));
      expect(waitingFor).toBe('pauses when p.1-train has ended: its program saves no checkpoints');
      await handle.signal(messages.resume);
      await until(handle, progress => progress.waitingFor === null);
      await handle.signal(messages.stop);
      expect(await handle.result()).toMatchObject({ state: 'stopped' });
    });
  });

  it('waits for the end of a job without a host of its own, and says so', async () => {
    let finish = () => {};
    const ended = new Promise<void>(resolve => {
      finish = resolve;
    });
    const run = async (ref: JobRef) => {
      await ended;
      return done(ref);
    };
    const two = skeleton([job('p.1-look'), job('p.2-filter')]);
    await trial(
      { queues: { cpu: { 'test.job': run } } },
      async handle => {
        await until(handle, trains);
        await handle.signal(messages.pause);
        expect((await handle.query(messages.progress)).waitingFor).toMatch(/^pauses when p\.1-look has ended/);
        finish();
        const paused = await until(handle, isIn('paused'));
        expect(paused.jobs.map(({ state }) => state)).toEqual(['done', 'pending']);
        await handle.signal(messages.resume);
        await handle.result();
      },
      two,
    );
  });

  it('while all hosts are busy gives up its place at once', async () => {
    const claimJob = async () => {
      throw ApplicationFailure.create({ message: 'all taken', type: 'Busy' });
    };
    await trial({ queues: { gpu: { claimJob } } }, async handle => {
      await until(handle, ({ jobs }) => jobs[0]?.state === 'claiming');
      await handle.signal(messages.pause);
      expect((await until(handle, isIn('paused'))).jobs[0]?.state).toBe('pending');
      await handle.signal(messages.stop);
      expect(await handle.result()).toMatchObject({ state: 'stopped' });
    });
  });

  it('keeps a held job what it is: a change that would make its checkpoint worthless is refused', async () => {
    const plans = (key: string) => skeleton([job('p.1-train', { tag: 'gpu', claims: true, key })]);
    const control = {
      compileTrial: async ({ changed }: { changed?: boolean }) => plans(changed ? 'new' : 'old'),
      finishIteration: async () => ({ targetsMet: null, targets: [], iterValues: {} }),
    };
    await trial({ queues: { ...host().queues, sandbox: control } }, async handle => {
      await until(handle, trains);
      await handle.signal(messages.pause);
      await until(handle, isIn('paused'));
      const refused = handle.executeUpdate(messages.setConfig, { args: [{ lr: 1 }] });
      await expect(refused).rejects.toMatchObject({ cause: { message: expect.stringContaining('p.1-train (held)') } });
      await handle.signal(messages.resume);
      await handle.result();
    });
  });
});

describe('stop', () => {
  it('has the running trainer save a checkpoint, then ends as stopped', async () => {
    const machine = host();
    await trial(machine, async handle => {
      await until(handle, trains);
      await handle.signal(messages.stop);
      expect(await handle.result()).toMatchObject({ state: 'stopped', jobs: { run: 0 } });
      expect(machine.calls).toEqual(['claim', 'train 1', 'hold', 'reap']);
      const { jobs } = await handle.query(messages.progress);
      expect(jobs[0]).toMatchObject({ state: 'held', held: { step: 40 } });
    });
  });

  it('waits for a checkpoint no longer than a minute', async () => {
    const { calls, queues } = host({ asked: true, message: 'it ends after its next checkpoint' }, false);
    // An attempt that waits to be tried again: time is skipped only while no activity runs.
    const train = async () => {
      throw ApplicationFailure.create({ message: 'the worker was stopped', nextRetryDelay: '1 hour' });
    };
    const hosts = { ...queues, 'host-a': { ...queues['host-a'], 'test.job': train } };
    await trial({ queues: hosts }, async handle => {
      await until(handle, trains);
      await handle.signal(messages.stop);
      expect(await handle.result()).toMatchObject({ state: 'stopped' });
      expect(calls).toEqual(['claim', 'hold', 'reap']);
      const { events = [] } = await handle.fetchHistory();
      const fired = events?.map(event => event.timerFiredEventAttributes?.timerId).filter(Boolean);
      const timers = events?.flatMap(({ timerStartedEventAttributes: timer }) =>
        timer && fired?.includes(timer.timerId) ? [Number(timer.startToFireTimeout?.seconds)] : [],
      );
      expect(timers).toEqual([60]);
    });
  });

  it('said twice does not wait', async () => {
    const machine = host({ asked: true, message: 'it ends after its next checkpoint' }, false);
    await trial(machine, async handle => {
      await until(handle, trains);
      await handle.signal(messages.stop);
      await handle.signal(messages.stop);
      expect(await handle.result()).toMatchObject({ state: 'stopped' });
      const { events = [] } = await handle.fetchHistory();
      expect(events?.some(event => event.timerFiredEventAttributes)).toBe(false);
    });
  });
});

describe("Temporal's own cancel", () => {
  it('waits for no checkpoint', async () => {
    const machine = host();
    await trial(machine, async handle => {
      await until(handle, trains);
      await handle.cancel();
      const error = (await handle.result().catch((thrown: unknown) => thrown)) as WorkflowFailedError;
      expect(error.cause).toBeInstanceOf(CancelledFailure);
      expect(machine.calls).toEqual(['claim', 'train 1', 'reap']);
    });
  });
});

it('a job that sticks to its host is claimed again there only, after a pause', async () => {
  const { queues, calls } = host();
  const own = { ...queues['host-a'], claimJob: queues.gpu.claimJob };
  let claims = 0;
  const elsewhere = {
    claimJob: async () => {
      claims += 1;
      return await queues.gpu.claimJob();
    },
  };
  const plan = skeleton([job('p.1-train', { tag: 'gpu', claims: true, hostGraceMs: 60_000, stickToHost: true })]);
  await trial(
    { queues: { gpu: elsewhere, 'host-a': own } },
    async handle => {
      await until(handle, trains);
      await handle.signal(messages.pause);
      await until(handle, isIn('paused'));
      await handle.signal(messages.resume);
      await handle.result();
      expect(calls.filter(call => call === 'claim')).toHaveLength(2);
      expect(claims).toBe(1);
    },
    plan,
  );
});
