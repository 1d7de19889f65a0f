import { randomUUID } from 'node:crypto';
import { Context } from '@temporalio/activity';
import { ApplicationFailure, defaultPayloadConverter } from '@temporalio/common';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JobRef, RungPlan, SweepMembership, TrialProgress, TrialReport } from '../../plan/protocol.ts';
import * as messages from '../../workflows/messages.ts';
import type { sandboxTrial } from '../../workflows/trial.ts';
import { cannotSave, done, job, skeleton } from '../support/skeletons.ts';
import { timeSkipping, withWorkers, workflowBundle } from '../support/time-skipping.ts';

let environment: TestWorkflowEnvironment;
beforeAll(async () => {
  environment = await timeSkipping();
});
afterAll(() => environment.teardown());

const rungs: RungPlan = { metric: 'loss', goal: 'minimize', steps: [20, 60], waits: true };
const training = skeleton([job('p.1-train', { tag: 'gpu', claims: true, rungs }), job('p.2-infer')]);

/** Two GPUs of a host whose trainer stops at each rung that it has not been promoted from. */
function machine(more: { train?: (ref: JobRef) => Promise<never> } = {}) {
  const seen: JobRef[] = [];
  const asked: string[] = [];
  let epoch = 0;
  const claim = () => ({ hostQueue: 'host-a', host: 'a', epoch: ++epoch, devices: ['GPU-1', 'GPU-2'] });
  const train = async (ref: JobRef) => {
    seen.push(ref);
    if (more.train) return await more.train(ref);
    const { steps, passed } = ref.rungs!;
    const step = steps[passed];
    if (step === undefined) return done(ref, { metrics: { steps: 100, last_loss: 0.1 } });
    const rung = { trial: ref.sweep!.trial, kind: 'rung' as const, rung: passed, step, value: 1 / step };
    throw ApplicationFailure.nonRetryable('held', 'Held', { checkpoint: `checkpoint-${step}`, step, rung });
  };
  const queues = {
    gpu: { claimJob: async () => ({ claim: claim() }) },
    'host-a': { 'test.job': train, holdJob: cannotSave, reapJob: async () => {} },
    cpu: { 'test.job': async (ref: JobRef) => done(ref) },
  };
  return { seen, asked, queues };
}

type Machine = ReturnType<typeof machine>;

/** A trial of a sweep that is played by a paused trial: what it was told is read in its history. */
async function ofSweep(
  { queues, asked }: Machine,
  work: (context: {
    trial: Awaited<ReturnType<typeof startTrial>>;
    told: () => Promise<TrialReport[]>;
    sweep: string;
  }) => Promise<void>,
  { open = async (): Promise<boolean> => true, exists = true, onFailure = 'fail' as 'fail' | 'wait' } = {},
): Promise<void> {
  const sweep = `sweep-${randomUUID()}`;
  const { client } = environment;
  const control = {
    compileTrial: async () => ({ ...training, jobs: training.jobs.map(each => ({ ...each, onFailure })) }),
    finishIteration: async () => ({ targetsMet: null, targets: [], iterValues: {} }),
    tagStatus: async () => ({ served: true, message: 'busy' }),
    awaitWorker: async () => {},
    sweepIsOpen: async (id: string) => {
      asked.push(id);
      return await open();
    },
  };
  const told = async () => {
    const history = await client.workflow.getHandle(sweep).fetchHistory();
    return (history.events ?? []).flatMap(({ workflowExecutionSignaledEventAttributes: signal }) =>
      signal?.signalName === 'trialReport'
        ? [defaultPayloadConverter.fromPayload<TrialReport>(signal.input!.payloads![0]!)]
        : [],
    );
  };
  await withWorkers(environment, { sandbox: control, ...queues }, async () => {
    const played = { taskQueue: 'sandbox', workflowId: sweep, args: [{ config: 'x.yaml' }], signal: messages.pause };
    if (exists) await client.workflow.signalWithStart('sandboxTrial', played);
    const trial = await startTrial({ id: sweep, trial: 7, rungs: { ...rungs, metric: 'train.loss' } });
    try {
      await work({ trial, told, sweep });
    } finally {
      await trial.terminate().catch(() => {});
      await client.workflow
        .getHandle(sweep)
        .terminate()
        .catch(() => {});
    }
  });
}

async function startTrial(sweep: SweepMembership) {
  return await environment.client.workflow.start<typeof sandboxTrial>('sandboxTrial', {
    taskQueue: 'sandbox',
    workflowId: randomUUID(),
    args: [{ config: 'x.yaml', sweep }],
  });
}

type Trial = Awaited<ReturnType<typeof startTrial>>;

async function until(trial: Trial, wanted: (progress: TrialProgress) => boolean): Promise<TrialProgress> {
  for (;;) {
    const progress = await trial.query(messages.progress);
    if (wanted(progress)) return progress;
    await new Promise(resolve => setTimeout(resolve, 20));
  }
}
const waitsAt = (rung: number) => (progress: TrialProgress) =>
  progress.state === 'waiting' && (progress.waitingFor ?? '').includes(`rung ${rung} `);

describe('a trial of a sweep', () => {
  it('waits at each rung with its host given back, goes on when it is promoted, and tells the sweep of rungs and end', async () => {
    const host = machine();
    await ofSweep(host, async ({ trial, told, sweep }) => {
      const waiting = await until(trial, waitsAt(1));
      expect(waiting.waitingFor).toBe('p.1-train waits at rung 1 (step 20) for its sweep to promote or stop it');
      expect(waiting.jobs[0]).toMatchObject({
        state: 'held',
        held: { checkpoint: 'checkpoint-20', rung: { rung: 0 } },
      });
      expect((await trial.describe()).raw.pendingActivities ?? []).toEqual([]);
      await trial.signal(messages.promote, { rung: 0 });
      await until(trial, waitsAt(2));
      await trial.signal(messages.promote, { rung: 1 });
      expect(await trial.result()).toMatchObject({ state: 'done', steps: 100, metrics: { 'train.last_loss': 0.1 } });
      expect(host.seen.map(ref => ref.rungs?.passed)).toEqual([0, 1, 2]);
      expect(host.seen[0]).toMatchObject({
        sweep: { id: sweep, trial: 7 },
        rungs: { metric: 'loss', steps: [20, 60] },
      });
      expect(await told()).toEqual([
        { trial: 7, kind: 'rung', rung: 0, step: 20, value: 1 / 20 },
        { trial: 7, kind: 'rung', rung: 1, step: 60, value: 1 / 60 },
        {
          trial: 7,
          kind: 'end',
          end: expect.objectContaining({ status: 'done', why: null, steps: 100, metrics: expect.anything() }),
        },
      ]);
      await Worker.runReplayHistory({ workflowBundle: await workflowBundle() }, await trial.fetchHistory());
    });
  });

  it('does not wait at a rung that it was promoted from while it still trained', async () => {
    let reach = () => {};
    const reached = new Promise<void>(resolve => {
      reach = resolve;
    });
    const held = { trial: 7, kind: 'rung' as const, rung: 0, step: 20, value: 1 };
    const train = async (ref: JobRef): Promise<never> => {
      if (ref.rungs?.passed === 1) return done(ref) as never;
      await reached;
      throw ApplicationFailure.nonRetryable('held', 'Held', { checkpoint: 'checkpoint-20', step: 20, rung: held });
    };
    await ofSweep(machine({ train }), async ({ trial }) => {
      await until(trial, progress => progress.jobs[0]?.state === 'running');
      await trial.signal(messages.promote, { rung: 0 });
      reach();
      expect(await trial.result()).toMatchObject({ state: 'done' });
    });
  });

  it('that is paused at a rung goes on only when it is both promoted and resumed', async () => {
    const host = machine();
    await ofSweep(host, async ({ trial }) => {
      await until(trial, waitsAt(1));
      await trial.signal(messages.pause);
      const paused = await until(trial, progress => progress.state === 'paused');
      expect(paused.waitingFor).toContain('waits at rung 1');
      await trial.signal(messages.promote, { rung: 1 });
      const still = await until(trial, progress => progress.waitingFor === null);
      expect(still.state).toBe('paused');
      await trial.signal(messages.resume);
      expect(await trial.result()).toMatchObject({ state: 'done' });
      expect(host.seen.map(ref => ref.rungs?.passed)).toEqual([0, 2]);
    });
  });

  it('that is stopped or cancelled at a rung tells the sweep how far it came', async () => {
    for (const end of ['stop', 'cancel'] as const) {
      await ofSweep(machine(), async ({ trial, told }) => {
        await until(trial, waitsAt(1));
        if (end === 'stop') await trial.signal(messages.stop);
        else await trial.cancel();
        await trial.result().catch(() => {});
        const why = end === 'stop' ? 'it was stopped' : 'it was cancelled';
        expect((await told()).at(-1)).toMatchObject({
          trial: 7,
          kind: 'end',
          end: { status: 'stopped', why, steps: 20 },
        });
      });
    }
  });

  it('that fails tells the sweep why', async () => {
    const train = async (ref: JobRef): Promise<never> => {
      const details = { job: ref.job, why: 'loss is NaN', logTail: [], log: null };
      throw ApplicationFailure.nonRetryable('loss is NaN', 'JobFailed', details);
    };
    await ofSweep(machine({ train }), async ({ trial, told }) => {
      await expect(trial.result()).rejects.toThrow();
      const why = 'job p.1-train (test.job) failed: loss is NaN';
      expect(await told()).toMatchObject([{ kind: 'end', end: { status: 'failed', why } }]);
    });
  });

  it('counts the seconds for which it held GPUs, times their number', async () => {
    const train = async (ref: JobRef): Promise<never> => {
      await Context.current().sleep(1_500);
      return done(ref) as never;
    };
    await ofSweep(machine({ train }), async ({ trial }) => {
      expect((await trial.result()).gpuSeconds).toBeGreaterThanOrEqual(3);
    });
  });
});

describe('a trial whose sweep is gone', () => {
  it('when it comes to a rung ends as stopped and says so', async () => {
    await ofSweep(
      machine(),
      async ({ trial, sweep }) => {
        expect(await trial.result()).toMatchObject({ state: 'stopped', why: `its sweep ${sweep} has ended` });
        expect((await trial.query(messages.progress)).notes).toContain(`stopped: its sweep ${sweep} has ended`);
      },
      { exists: false, open: async () => false },
    );
  });

  it('while it waits at a rung notices within minutes', async () => {
    const host = machine();
    let open = true;
    await ofSweep(
      host,
      async ({ trial, sweep }) => {
        await until(trial, waitsAt(1));
        open = false;
        expect(await trial.result()).toMatchObject({
          state: 'stopped',
          why: `its sweep ${sweep} has ended`,
          steps: 20,
        });
        expect(host.asked).toEqual([sweep]);
      },
      { open: async () => open },
    );
  });

  it('while it is paused, or a failed job waits for a decision, notices within minutes', async () => {
    const train = async (ref: JobRef): Promise<never> => {
      const details = { job: ref.job, why: 'loss is NaN', logTail: [], log: null };
      throw ApplicationFailure.nonRetryable('loss is NaN', 'JobFailed', details);
    };
    for (const paused of [true, false]) {
      let open = true;
      await ofSweep(
        machine({ train }),
        async ({ trial, sweep }) => {
          if (paused) await trial.signal(messages.pause);
          await until(trial, progress => progress.state === (paused ? 'paused' : 'waiting'));
          open = false;
          expect(await trial.result()).toMatchObject({ state: 'stopped', why: `its sweep ${sweep} has ended` });
        },
        { open: async () => open, onFailure: 'wait' },
      );
    }
  });

  it('while a job runs ends as stopped, as the job says', async () => {
    const train = async (): Promise<never> => {
      throw ApplicationFailure.nonRetryable('its sweep s was terminated', 'SweepEnded');
    };
    await ofSweep(machine({ train }), async ({ trial }) => {
      expect(await trial.result()).toMatchObject({ state: 'stopped', why: 'its sweep s was terminated' });
    });
  });
});

it('a trial of no sweep is told nothing of rungs', async () => {
  const host = machine({ train: async ref => done(ref) as never });
  const control = {
    compileTrial: async () => skeleton([job('p.1-train', { tag: 'gpu', claims: true })]),
    finishIteration: async () => ({ targetsMet: null, targets: [], iterValues: {} }),
  };
  await withWorkers(environment, { sandbox: control, ...host.queues }, async () => {
    const args = {
      taskQueue: 'sandbox',
      workflowId: randomUUID(),
      args: [{ config: 'x.yaml' }] as [{ config: string }],
    };
    await environment.client.workflow.execute<typeof sandboxTrial>('sandboxTrial', args);
    expect(Object.keys(host.seen[0]!).sort()).toEqual(['claim', 'job', 'plan', 'trial']);
  });
});
