import { randomUUID } from 'node:crypto';
import { Context } from '@temporalio/activity';
import { WorkflowFailedError, type WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type {
  CompileArgs,
  IterationEnd,
  JobFailureDetails,
  JobRef,
  TrialResult,
  TrialSkeleton,
} from '../../plan/protocol.ts';
import * as messages from '../../workflows/messages.ts';
import type { sandboxTrial } from '../../workflows/trial.ts';
import { cannotSave, done, job, skeleton } from '../support/skeletons.ts';
import { timeSkipping, withWorkers } from '../support/time-skipping.ts';

let environment: TestWorkflowEnvironment;
beforeAll(async () => {
  environment = await timeSkipping();
});
afterAll(() => environment.teardown());

const noTargets: IterationEnd = { targetsMet: null, targets: [], iterValues: {} };

/** Activities of the control worker around one skeleton. */
function controlOf(
  plan: TrialSkeleton | ((args: CompileArgs) => TrialSkeleton),
  end: () => IterationEnd = () => noTargets,
) {
  const compiled: CompileArgs[] = [];
  return {
    compiled,
    activities: {
      compileTrial: async (args: CompileArgs) => {
        compiled.push(args);
        return typeof plan === 'function' ? plan(args) : plan;
      },
      finishIteration: async () => end(),
      tagStatus: async (tag: string) => ({ served: false, message: `no worker serves tag ${tag}` }),
      awaitWorker: async () => {},
    },
  };
}

async function start(): Promise<WorkflowHandleWithFirstExecutionRunId<typeof sandboxTrial>> {
  return await environment.client.workflow.start<typeof sandboxTrial>('sandboxTrial', {
    taskQueue: 'sandbox',
    workflowId: randomUUID(),
    args: [{ config: 'x.yaml' }],
  });
}

async function failureOf(handle: { result(): Promise<unknown> }): Promise<ApplicationFailure> {
  const error = await handle.result().catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(WorkflowFailedError);
  return (error as WorkflowFailedError).cause as ApplicationFailure;
}

/** A promise and the function that resolves it. */
function event<T = void>() {
  let resolve!: (value: T) => void;
  const happened = new Promise<T>(set => {
    resolve = set;
  });
  return { happened, resolve };
}

describe('sandboxTrial', () => {
  it('runs jobs one after the other in list order and returns their metrics', async () => {
    const order: string[] = [];
    const run = async (ref: JobRef) => {
      order.push(`${ref.job} starts`);
      await new Promise(resolve => setImmediate(resolve));
      order.push(`${ref.job} ends`);
      return done(ref, { metrics: { score: order.length }, reused: ref.job === 'p.2-b' });
    };
    const { activities } = controlOf(skeleton([job('p.1-a'), job('p.2-b'), job('p.3-c')]));
    const result = await withWorkers(environment, { sandbox: activities, cpu: { 'test.job': run } }, async () => {
      const handle = await start();
      return (await handle.result()) as TrialResult;
    });
    expect(order).toEqual(['p.1-a', 'p.2-b', 'p.3-c'].flatMap(id => [`${id} starts`, `${id} ends`]));
    expect(result).toMatchObject({
      state: 'done',
      jobs: { run: 2, reused: 1, skipped: 0 },
      metrics: { 'a.score': 2, 'c.score': 6 },
    });
  });

  it('claims a host first and then runs the parts and the gathering run on that host', async () => {
    const calls: string[] = [];
    const claim = { hostQueue: 'host-a', host: 'a', epoch: 1, devices: ['cpu:0'] };
    const { activities } = controlOf(
      skeleton([job('p.1-vbench', { tag: 'gpu', claims: true, parts: ['color', 'scene'] })]),
    );
    const onHost = {
      'test.job': async (ref: JobRef) => {
        calls.push(`${ref.part ?? 'gather'} with epoch ${ref.claim?.epoch}`);
        return done(ref);
      },
      reapJob: async () => {},
    };
    await withWorkers(
      environment,
      { sandbox: activities, gpu: { claimJob: async () => ({ claim }) }, 'host-a': onHost },
      async () => (await start()).result(),
    );
    expect(calls).toEqual(['color with epoch 1', 'scene with epoch 1', 'gather with epoch 1']);
  });

  it('runs nothing when the claim finds the job done', async () => {
    const { activities } = controlOf(skeleton([job('p.1-train', { tag: 'gpu', claims: true })]));
    const claimJob = async (ref: JobRef) => ({ done: done(ref, { reused: true }) });
    const result = await withWorkers(environment, { sandbox: activities, gpu: { claimJob } }, async () =>
      (await start()).result(),
    );
    expect(result).toMatchObject({ state: 'done', jobs: { run: 0, reused: 1 } });
  });

  it('fails with the job, the reason and the last lines of its log', async () => {
    const details: JobFailureDetails = {
      job: 'p.1-a',
      why: 'the trainer exited with 1',
      logTail: ['Traceback', 'boom'],
      log: '/l',
    };
    const { activities } = controlOf(skeleton([job('p.1-a'), job('p.2-b')]));
    const run = async () => {
      throw ApplicationFailure.nonRetryable(details.why, 'JobFailed', details);
    };
    const failure = await withWorkers(environment, { sandbox: activities, cpu: { 'test.job': run } }, async () =>
      failureOf(await start()),
    );
    expect(failure.message).toBe('job p.1-a (test.job) failed: the trainer exited with 1');
    expect(failure.type).toBe('JobFailed');
    expect(failure.details?.[0]).toEqual(details);
  });

  it('does not try a config error again', async () => {
    let tries = 0;
    const { activities } = controlOf(() => {
      tries += 1;
      throw ApplicationFailure.nonRetryable('x.yaml:1:1 hook: unknown', 'ConfigError');
    });
    const failure = await withWorkers(environment, { sandbox: activities }, async () => failureOf(await start()));
    expect(tries).toBe(1);
    expect(failure.cause?.message).toContain('x.yaml:1:1 hook: unknown');
  });

  it('tries a job again when its worker is lost', async () => {
    let attempts = 0;
    const { activities } = controlOf(skeleton([job('p.1-a')]));
    const run = async (ref: JobRef) => {
      attempts += 1;
      if (attempts === 1) throw ApplicationFailure.retryable('the worker was stopped', 'WorkerShutdown');
      return done(ref);
    };
    await withWorkers(environment, { sandbox: activities, cpu: { 'test.job': run } }, async () =>
      (await start()).result(),
    );
    expect(attempts).toBe(2);
  });

  it('says which tag has no worker, and goes on when one comes', async () => {
    const { activities } = controlOf(skeleton([job('p.1-a', { tag: 'gpu-h100' })]));
    const asked = event<string>();
    const came = event();
    const control = {
      ...activities,
      awaitWorker: async (tag: string) => {
        asked.resolve(tag);
        await came.happened;
      },
    };
    await withWorkers(environment, { sandbox: control }, async () => {
      const handle = await start();
      const finished = handle.result();
      expect(await asked.happened).toBe('gpu-h100');
      expect((await handle.query(messages.progress)).waitingFor).toBe('no worker serves tag gpu-h100');
      await withWorkers(environment, { 'gpu-h100': { 'test.job': async (ref: JobRef) => done(ref) } }, async () => {
        came.resolve();
        await finished;
      });
      expect((await handle.query(messages.progress)).waitingFor).toBeNull();
    });
  });

  it('pauses before the next job and goes on when it is resumed', async () => {
    const started = event();
    const goOn = event();
    const ran: string[] = [];
    const { activities } = controlOf(skeleton([job('p.1-a'), job('p.2-b')]));
    const run = async (ref: JobRef) => {
      ran.push(ref.job);
      started.resolve();
      await goOn.happened;
      return done(ref);
    };
    await withWorkers(environment, { sandbox: activities, cpu: { 'test.job': run } }, async () => {
      const handle = await start();
      await started.happened;
      await handle.signal(messages.pause);
      goOn.resolve();
      await until(async () => (await handle.query(messages.progress)).state === 'paused');
      expect(ran).toEqual(['p.1-a']);
      await handle.signal(messages.resume);
      await handle.result();
      expect(ran).toEqual(['p.1-a', 'p.2-b']);
    });
  });

  it('stops: cancels the running job, frees its host and ends as stopped with its results kept', async () => {
    const started = event();
    const reaped = event();
    const claim = { hostQueue: 'host-b', host: 'b', epoch: 1, devices: [] };
    const { activities } = controlOf(skeleton([job('p.1-train', { tag: 'gpu', claims: true }), job('p.2-b')]));
    const train = async () => {
      started.resolve();
      const context = Context.current();
      for (;;) {
        context.heartbeat();
        await context.sleep(50);
      }
    };
    const queues = {
      sandbox: activities,
      gpu: { claimJob: async () => ({ claim }) },
      'host-b': { 'test.job': train, holdJob: cannotSave, reapJob: async () => reaped.resolve() },
    };
    await withWorkers(environment, queues, async () => {
      const handle = await start();
      await started.happened;
      await handle.signal(messages.stop);
      expect(await handle.result()).toMatchObject({ state: 'stopped', jobs: { run: 0 } });
      await reaped.happened;
    });
  });

  it("ends as cancelled on Temporal's own cancel", async () => {
    const started = event();
    const { activities } = controlOf(skeleton([job('p.1-a')]));
    const run = async () => {
      started.resolve();
      const context = Context.current();
      for (;;) {
        context.heartbeat();
        await context.sleep(50);
      }
    };
    await withWorkers(environment, { sandbox: activities, cpu: { 'test.job': run } }, async () => {
      const handle = await start();
      await started.happened;
      await handle.cancel();
      const error = (await handle.result().catch((thrown: unknown) => thrown)) as WorkflowFailedError;
      expect(error.cause).toBeInstanceOf(CancelledFailure);
    });
  });

  it('waits after a failure with on_failure: wait, takes changed config and tries again', async () => {
    let lr = 1;
    const { activities, compiled } = controlOf(args =>
      skeleton([job('p.1-a', { onFailure: 'wait', key: `key-${JSON.stringify(args.input.set ?? {})}` })]),
    );
    const run = async (ref: JobRef) => {
      if (lr === 1)
        throw ApplicationFailure.nonRetryable('loss is NaN', 'JobFailed', {
          job: ref.job,
          why: 'loss is NaN',
          logTail: [],
          log: null,
        });
      return done(ref);
    };
    await withWorkers(environment, { sandbox: activities, cpu: { 'test.job': run } }, async () => {
      const handle = await start();
      await until(async () => (await handle.query(messages.progress)).state === 'waiting');
      expect((await handle.query(messages.progress)).jobs[0]?.error?.why).toBe('loss is NaN');
      await expect(handle.executeUpdate(messages.retryJob, { args: [{ job: 'nope' }] })).rejects.toThrow();
      const { changed } = await handle.executeUpdate(messages.setConfig, { args: [{ 'a.extra_configs.lr': 0.1 }] });
      expect(changed).toEqual(['p.1-a']);
      lr = 0.1;
      await handle.executeUpdate(messages.retryJob, { args: [{}] });
      expect(await handle.result()).toMatchObject({ state: 'done' });
      expect(compiled.at(-1)?.input.set).toEqual({ 'a.extra_configs.lr': 0.1 });
    });
  });

  it('skips a failed job when told to', async () => {
    const { activities } = controlOf(skeleton([job('p.1-a', { onFailure: 'wait' }), job('p.2-b')]));
    const run = async (ref: JobRef) => {
      if (ref.job === 'p.1-a') throw ApplicationFailure.nonRetryable('bad', 'JobFailed');
      return done(ref);
    };
    await withWorkers(environment, { sandbox: activities, cpu: { 'test.job': run } }, async () => {
      const handle = await start();
      await until(async () => (await handle.query(messages.progress)).state === 'waiting');
      await handle.executeUpdate(messages.skipJob, { args: [{ job: 'p.1-a' }] });
      expect(await handle.result()).toMatchObject({ state: 'done', jobs: { run: 1, skipped: 1 } });
    });
  });

  it('iterates until the targets are met and hands results to the next iteration', async () => {
    let iteration = 0;
    const { activities, compiled } = controlOf(
      args => skeleton([job('p.1-a')], { iteration: args.iteration, maxIterNum: 0 }),
      () => {
        iteration += 1;
        return {
          targetsMet: iteration === 3,
          targets: [],
          iterValues: { 'p.a.dj_configs.dataset_path': `/d/${iteration}` },
        };
      },
    );
    const result = await withWorkers(
      environment,
      { sandbox: activities, cpu: { 'test.job': async (ref: JobRef) => done(ref) } },
      async () => (await start()).result(),
    );
    expect(result).toMatchObject({ iterations: 3, targetsMet: true });
    expect(compiled.map(args => args.iterValues)).toEqual([
      {},
      { 'p.a.dj_configs.dataset_path': '/d/1' },
      { 'p.a.dj_configs.dataset_path': '/d/2' },
    ]);
  });

  it('keeps a changed config that was accepted while the trial still compiled', async () => {
    const first = event();
    const goOn = event();
    const { activities, compiled } = controlOf(skeleton([job('p.1-a')]));
    const control = {
      ...activities,
      compileTrial: async (args: CompileArgs) => {
        if (compiled.length === 0) {
          compiled.push(args);
          first.resolve();
          await goOn.happened;
          return skeleton([job('p.1-a', { key: 'old' })]);
        }
        compiled.push(args);
        return skeleton([job('p.1-a', { key: `key-${JSON.stringify(args.input.set)}` })]);
      },
    };
    const run = async (ref: JobRef) => done(ref);
    await withWorkers(environment, { sandbox: control, cpu: { 'test.job': run } }, async () => {
      const handle = await start();
      await first.happened;
      await handle.executeUpdate(messages.setConfig, { args: [{ 'a.extra_configs.lr': 0.1 }] });
      goOn.resolve();
      await handle.result();
      expect((await handle.query(messages.progress)).jobs[0]?.key).toBe('key-{"a.extra_configs.lr":0.1}');
    });
  });

  it('keeps both of two changes that are compiled at once', async () => {
    const both = event();
    const { activities } = controlOf(skeleton([job('p.1-a', { onFailure: 'wait' })]));
    let compiling = 0;
    const control = {
      ...activities,
      compileTrial: async (args: CompileArgs) => {
        if (args.changed) {
          compiling += 1;
          if (compiling === 2) both.resolve();
          await both.happened;
        }
        return skeleton([job('p.1-a', { onFailure: 'wait', key: `key-${JSON.stringify(args.input.set ?? {})}` })]);
      },
    };
    let fails = true;
    const run = async (ref: JobRef) => {
      if (fails) throw ApplicationFailure.nonRetryable('bad', 'JobFailed');
      return done(ref);
    };
    await withWorkers(environment, { sandbox: control, cpu: { 'test.job': run } }, async () => {
      const handle = await start();
      await until(async () => (await handle.query(messages.progress)).state === 'waiting');
      const asked: Record<string, number>[] = [{ x: 1 }, { y: 2 }];
      await Promise.all(asked.map(changes => handle.executeUpdate(messages.setConfig, { args: [changes] })));
      const { key } = (await handle.query(messages.progress)).jobs[0]!;
      expect(JSON.parse(key.slice('key-'.length))).toEqual({ x: 1, y: 2 });
      fails = false;
      await handle.executeUpdate(messages.retryJob, { args: [{}] });
      await handle.result();
    });
  });

  it('refuses a change of the job that runs, of which jobs there are, and of work_dir, and goes on with the old plan', async () => {
    const started = event();
    const goOn = event();
    const plans: string[] = [];
    const { activities } = controlOf(({ input: { set = {} }, changed }) => {
      const plan = { path: changed ? '/changed' : '/first', sha256: 'x' };
      if (set.work_dir) return skeleton([job('p.1-a'), job('p.2-b')], { plan, workDir: '/other' });
      if (set.type) return skeleton([job('p.1-other'), job('p.2-b')], { plan });
      return skeleton([job('p.1-a', { key: `key-${set.a ?? 'old'}` }), job('p.2-b', { key: `key-${set.b ?? 'b'}` })], {
        plan,
      });
    });
    const run = async (ref: JobRef) => {
      plans.push(`${ref.job} ${ref.plan.path}`);
      started.resolve();
      await goOn.happened;
      return done(ref);
    };
    await withWorkers(environment, { sandbox: activities, cpu: { 'test.job': run } }, async () => {
      const handle = await start();
      await started.happened;
      const refusal = async (changes: Record<string, string>) =>
        (
          (await handle
            .executeUpdate(messages.setConfig, { args: [changes] })
            .catch((thrown: Error) => thrown)) as Error
        ).cause;
      expect(await refusal({ a: 'new' })).toMatchObject({ message: expect.stringContaining('p.1-a (running)') });
      expect(await refusal({ type: 'x' })).toMatchObject({ message: expect.stringContaining('which jobs') });
      expect(await refusal({ work_dir: '/other' })).toMatchObject({ message: expect.stringContaining('work_dir') });
      expect(await handle.executeUpdate(messages.setConfig, { args: [{ b: 'new' }] })).toEqual({ changed: ['p.2-b'] });
      goOn.resolve();
      await handle.result();
      expect(plans).toEqual(['p.1-a /first', 'p.2-b /changed']);
    });
  });

  it.each([
    [[], 'got null'],
    [[{ confg: 'x.yaml' }], 'unknown input key "confg"'],
  ])('with input %j fails with a sentence instead of hanging', async (args, says) => {
    const { activities } = controlOf(skeleton([]));
    const failure = await withWorkers(environment, { sandbox: activities }, async () =>
      failureOf(
        await environment.client.workflow.start('sandboxTrial', {
          taskQueue: 'sandbox',
          workflowId: randomUUID(),
          args: args.length === 0 ? [null] : args,
        }),
      ),
    );
    expect(failure).toMatchObject({ type: 'ConfigError', message: expect.stringContaining(says) });
  });

  it('takes names of 2,000 characters: search attributes and summaries stay within what the server allows', async () => {
    const long = '名'.repeat(2_000);
    const { activities } = controlOf(skeleton([job('p.1-a', { title: long, metaName: long })], { project: long }));
    await withWorkers(
      environment,
      { sandbox: activities, cpu: { 'test.job': async (ref: JobRef) => done(ref) } },
      async () => {
        const handle = await start();
        await handle.result();
        const { events = [] } = await handle.fetchHistory();
        for (const event of events ?? []) {
          const summary = event.userMetadata?.summary?.data;
          expect(summary?.length ?? 0).toBeLessThanOrEqual(400);
          const fields = event.upsertWorkflowSearchAttributesEventAttributes?.searchAttributes?.indexedFields ?? {};
          for (const { data } of Object.values(fields)) expect(data?.length ?? 0).toBeLessThan(1_000);
        }
      },
    );
  });

  it.each([
    'before it began',
    'while it compiles',
    'while all hosts are busy',
    'while it is paused',
    'while a failed job waits',
    'between parts',
  ])('stops %s', async when => {
    const reached = event();
    const reaped = event();
    const hold = async () => {
      reached.resolve();
      const context = Context.current();
      for (;;) {
        context.heartbeat();
        await context.sleep(50);
      }
    };
    const claim = { hostQueue: 'host-s', host: 's', epoch: 1, devices: [] };
    const claims = when === 'while all hosts are busy' || when === 'between parts';
    const plan = skeleton([
      job('p.1-a', { onFailure: 'wait', claims, tag: claims ? 'gpu' : 'cpu', parts: claims ? ['x', 'y'] : null }),
    ]);
    const { activities } = controlOf(plan);
    const control = when === 'while it compiles' ? { ...activities, compileTrial: hold } : activities;
    const claimJob = async () => {
      if (when === 'between parts') return { claim };
      reached.resolve();
      throw ApplicationFailure.create({ message: 'all taken', type: 'Busy' });
    };
    const run = async (ref: JobRef) => {
      if (ref.part === 'y') await hold();
      if (when === 'while a failed job waits') throw ApplicationFailure.nonRetryable('bad', 'JobFailed');
      return done(ref);
    };
    const queues = {
      sandbox: control,
      cpu: { 'test.job': run },
      gpu: { claimJob },
      'host-s': { 'test.job': run, holdJob: cannotSave, reapJob: async () => reaped.resolve() },
    };
    await withWorkers(environment, queues, async () => {
      const signal = when === 'before it began' ? 'stop' : when === 'while it is paused' ? 'pause' : null;
      const options = { taskQueue: 'sandbox', workflowId: randomUUID(), args: [{ config: 'x.yaml' }] };
      const handle = signal
        ? await environment.client.workflow.signalWithStart('sandboxTrial', { ...options, signal })
        : await environment.client.workflow.start('sandboxTrial', options);
      const state = { 'while it is paused': 'paused', 'while a failed job waits': 'waiting' }[when];
      if (state) await until(async () => (await handle.query(messages.progress)).state === state);
      else if (when !== 'before it began') await reached.happened;
      await handle.signal(messages.stop);
      expect(await handle.result()).toMatchObject({ state: 'stopped', jobs: { run: 0 } });
      if (when === 'between parts') await reaped.happened;
    });
  });

  it('tells why the job failed even where its devices could not be freed', async () => {
    const claim = { hostQueue: 'host-f', host: 'f', epoch: 1, devices: [] };
    const { activities } = controlOf(skeleton([job('p.1-a', { claims: true, tag: 'gpu' })]));
    const onHost = {
      'test.job': async () => {
        throw ApplicationFailure.nonRetryable('the loss is NaN', 'JobFailed');
      },
      reapJob: async () => {
        throw ApplicationFailure.nonRetryable('the plan is gone', 'JobFailed');
      },
    };
    const failure = await withWorkers(
      environment,
      { sandbox: activities, gpu: { claimJob: async () => ({ claim }) }, 'host-f': onHost },
      async () => failureOf(await start()),
    );
    expect(failure.message).toContain('the loss is NaN');
  });

  it('claims again where the claim was lost while no worker ran on its host', async () => {
    const epochs: number[] = [];
    const { activities } = controlOf(skeleton([job('p.1-a', { claims: true, tag: 'gpu' })]));
    let epoch = 0;
    const claimJob = async () => {
      epoch += 1;
      return { claim: { hostQueue: 'host-l', host: 'l', epoch, devices: [] } };
    };
    const onHost = {
      'test.job': async (ref: JobRef) => {
        epochs.push(ref.claim?.epoch ?? 0);
        if (ref.claim?.epoch === 1) throw ApplicationFailure.nonRetryable('taken by another', 'ClaimLost');
        return done(ref);
      },
      reapJob: async () => {},
    };
    const result = await withWorkers(
      environment,
      { sandbox: activities, gpu: { claimJob }, 'host-l': onHost },
      async () => (await start()).result(),
    );
    expect(result).toMatchObject({ state: 'done' });
    expect(epochs).toEqual([1, 2]);
  });

  it('leaves a single part to the run that gathers it', async () => {
    const calls: (string | undefined)[] = [];
    const { activities } = controlOf(skeleton([job('p.1-vbench', { parts: ['color'] })]));
    const run = async (ref: JobRef) => {
      calls.push(ref.part);
      return done(ref);
    };
    await withWorkers(environment, { sandbox: activities, cpu: { 'test.job': run } }, async () =>
      (await start()).result(),
    );
    expect(calls).toEqual([undefined]);
  });

  it('adds the results of jobs that share a meta_name, as a probe and its refinement do', async () => {
    const { activities } = controlOf(skeleton([job('p.1-look'), job('p.2-look')]));
    const run = async (ref: JobRef) =>
      done(ref, { results: ref.job === 'p.1-look' ? { data: 1, both: 1 } : { recipe: 2, both: 2 } });
    await withWorkers(environment, { sandbox: activities, cpu: { 'test.job': run } }, async () => {
      const handle = await start();
      await handle.result();
      expect(await handle.query(messages.context)).toEqual({ p: { look: { data: 1, both: 1, recipe: 2 } } });
    });
  });

  it('goes on after continue-as-new with the iteration, changed config, pause and counts of the run before', async () => {
    const { activities, compiled } = controlOf(args =>
      skeleton([job('p.1-a')], { iteration: args.iteration, maxIterNum: 5 }),
    );
    const run = async (ref: JobRef) => done(ref);
    await withWorkers(environment, { sandbox: activities, cpu: { 'test.job': run } }, async () => {
      const counts = { run: 8, reused: 1, skipped: 2 };
      const carried = { iteration: 5, iterValues: { v: 1 }, set: { a: 2 }, paused: true, counts };
      const handle = await environment.client.workflow.start('sandboxTrial', {
        taskQueue: 'sandbox',
        workflowId: randomUUID(),
        args: [{ config: 'x.yaml', set: { a: 1, b: 1 } }, carried],
      });
      await until(async () => (await handle.query(messages.progress)).state === 'paused');
      await handle.signal(messages.resume);
      expect(await handle.result()).toMatchObject({ iterations: 5, jobs: { run: 9, reused: 1, skipped: 2 } });
      expect(compiled).toMatchObject([{ iteration: 5, iterValues: { v: 1 }, input: { set: { a: 2, b: 1 } } }]);
    });
  });

  it('answers context and metrics queries by the names of the config', async () => {
    const { activities } = controlOf(skeleton([job('p.1-a')]));
    const run = async (ref: JobRef) => done(ref, { results: { path: '/d.jsonl' }, metrics: { 'text_len.mean': 3 } });
    await withWorkers(environment, { sandbox: activities, cpu: { 'test.job': run } }, async () => {
      const handle = await start();
      await handle.result();
      expect(await handle.query(messages.context)).toEqual({ p: { a: { path: '/d.jsonl' } } });
      expect(await handle.query(messages.metrics)).toEqual({ 'a.text_len.mean': 3 });
    });
  });
});

/** Waits for a state that only a query tells. */
async function until(check: () => Promise<boolean>): Promise<void> {
  while (!(await check())) await new Promise(resolve => setTimeout(resolve, 20));
}
