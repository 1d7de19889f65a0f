import { randomUUID } from 'node:crypto';
import { Context } from '@temporalio/activity';
import type { WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { temporal } from '@temporalio/proto';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { CompileArgs, IterationEnd, JobRef, JobState, TrialSkeleton } from '../../plan/protocol.ts';
import * as messages from '../../workflows/messages.ts';
import type { sandboxTrial } from '../../workflows/trial.ts';
import { cannotSave, done, job, skeleton } from './skeletons.ts';
import { type ControlWorker, withWorkers } from './time-skipping.ts';

type History = temporal.api.history.v1.IHistory;
type Queues = Record<string, Record<string, (...args: never[]) => unknown>>;
type Trial = WorkflowHandle<typeof sandboxTrial>;

/** A trial's life with activities that are played, for histories of every branch of the workflow. */
interface Scenario {
  plan: TrialSkeleton | ((args: CompileArgs) => TrialSkeleton);
  end?: (iteration: number) => IterationEnd;
  queues: () => Queues;
  /** What a user does meanwhile. */
  act?: (trial: Trial) => Promise<void>;
}

const claim = { hostQueue: 'host-a', host: 'a', epoch: 1, devices: ['GPU-1'] };
const training = skeleton([job('p.1-train', { tag: 'gpu', claims: true })]);
const noTargets: IterationEnd = { targetsMet: null, targets: [], iterValues: {} };
const finishes = async (ref: JobRef) => done(ref, { metrics: { loss: 0.5 }, results: { path: '/w/out' } });
const broken = async (ref: JobRef) => {
  const details = { job: ref.job, why: 'loss is NaN', logTail: ['step 3 loss nan'], log: '/w/log.txt' };
  throw ApplicationFailure.nonRetryable('loss is NaN', 'JobFailed', details);
};
/** A host on which a job runs until it is asked to save its state; the next claim of it finishes. */
function saving() {
  const asked = new Set<number>();
  return {
    'test.job': async (ref: JobRef) => {
      const epoch = ref.claim?.epoch ?? 0;
      if (epoch > 1) return done(ref);
      while (!asked.has(epoch)) {
        Context.current().heartbeat();
        await Context.current().sleep(20);
      }
      throw ApplicationFailure.nonRetryable('held', 'Held', { checkpoint: 'checkpoint-40', step: 40 });
    },
    holdJob: async (ref: JobRef) => {
      asked.add(ref.claim?.epoch ?? 0);
      return { asked: true, message: 'it saves a checkpoint' };
    },
    reapJob: async () => {},
  };
}
/** Each claim is a new epoch. */
function claims() {
  let epoch = 0;
  return async () => ({ claim: { ...claim, epoch: ++epoch } });
}
/** Runs until it is cancelled. */
const endless = async () => {
  const context = Context.current();
  for (;;) {
    context.heartbeat();
    await context.sleep(20);
  }
};
const isIn = (state: string) => async (trial: Trial) => {
  while ((await trial.query(messages.progress)).state !== state) await new Promise(resolve => setTimeout(resolve, 20));
};
const jobIsRunning = async (trial: Trial, state: JobState = 'running') => {
  while ((await trial.query(messages.progress)).jobs[0]?.state !== state)
    await new Promise(resolve => setTimeout(resolve, 20));
};

export const SCENARIOS: Record<string, Scenario> = {
  'short-jobs': {
    plan: skeleton([job('p.1-look', { stage: 'probe' }), job('p.2-refine', { stage: 'refine' }), job('p.3-process')]),
    queues: () => ({ cpu: { 'test.job': finishes } }),
  },
  'claims-and-parts': {
    plan: skeleton([
      job('p.1-train', { tag: 'gpu', claims: true }),
      job('p.2-vbench', { tag: 'gpu', claims: true, parts: ['color', 'scene'], stage: 'evaluation' }),
      job('p.3-found', { tag: 'gpu', claims: true }),
    ]),
    queues: () => ({
      gpu: {
        claimJob: async (ref: JobRef) => (ref.job === 'p.3-found' ? { done: done(ref, { reused: true }) } : { claim }),
      },
      'host-a': { 'test.job': finishes, reapJob: async () => {} },
    }),
  },
  'failed-claimed-job': {
    plan: skeleton([job('p.1-train', { tag: 'gpu', claims: true })]),
    queues: () => ({
      gpu: { claimJob: async () => ({ claim }) },
      'host-a': { 'test.job': broken, reapJob: async () => {} },
    }),
  },
  'config-error': {
    plan: () => {
      throw ApplicationFailure.nonRetryable('x.yaml:1:1 hook: unknown', 'ConfigError');
    },
    queues: () => ({}),
  },
  'changed-and-retried': {
    plan: args => skeleton([job('p.1-a', { onFailure: 'wait', key: JSON.stringify(args.input.set ?? {}) })]),
    queues: () => {
      let runs = 0;
      return { cpu: { 'test.job': async (ref: JobRef) => (runs++ === 0 ? await broken(ref) : await finishes(ref)) } };
    },
    act: async trial => {
      await isIn('waiting')(trial);
      await trial.executeUpdate(messages.setConfig, { args: [{ 'a.extra_configs.lr': 0.1 }] });
      await trial.executeUpdate(messages.retryJob, { args: [{}] });
    },
  },
  skipped: {
    plan: skeleton([job('p.1-a', { onFailure: 'wait' }), job('p.2-b')]),
    queues: () => ({
      cpu: { 'test.job': async (ref: JobRef) => (ref.job === 'p.1-a' ? await broken(ref) : await finishes(ref)) },
    }),
    act: async trial => {
      await isIn('waiting')(trial);
      await trial.executeUpdate(messages.skipJob, { args: [{ job: 'p.1-a' }] });
    },
  },
  'paused-and-resumed': {
    plan: skeleton([job('p.1-a')]),
    queues: () => ({ cpu: { 'test.job': finishes } }),
    act: async trial => {
      await isIn('paused')(trial);
      await trial.signal(messages.resume);
    },
  },
  stopped: {
    plan: skeleton([job('p.1-train', { tag: 'gpu', claims: true })]),
    queues: () => ({
      gpu: { claimJob: async () => ({ claim }) },
      'host-a': { 'test.job': endless, holdJob: cannotSave, reapJob: async () => {} },
    }),
    act: async trial => {
      await jobIsRunning(trial);
      await trial.signal(messages.stop);
    },
  },
  'held-and-resumed': {
    plan: training,
    queues: () => ({ gpu: { claimJob: claims() }, 'host-a': saving() }),
    act: async trial => {
      await jobIsRunning(trial);
      await trial.signal(messages.pause);
      await isIn('paused')(trial);
      await trial.signal(messages.resume);
    },
  },
  'held-and-stopped': {
    plan: training,
    queues: () => ({ gpu: { claimJob: claims() }, 'host-a': saving() }),
    act: async trial => {
      await jobIsRunning(trial);
      await trial.signal(messages.stop);
    },
  },
  'paused-between-parts': {
    plan: skeleton([job('p.1-vbench', { tag: 'gpu', claims: true, parts: ['color', 'scene'] })]),
    queues: () => {
      let paused = false;
      const whenPaused = async (ref: JobRef) => {
        while (!paused) await Context.current().sleep(20);
        return done(ref);
      };
      const holdJob = async () => {
        paused = true;
        return await cannotSave();
      };
      return { gpu: { claimJob: claims() }, 'host-a': { 'test.job': whenPaused, holdJob, reapJob: async () => {} } };
    },
    act: async trial => {
      await jobIsRunning(trial);
      await trial.signal(messages.pause);
      await isIn('paused')(trial);
      await trial.signal(messages.resume);
    },
  },
  'host-away': {
    plan: skeleton([job('p.1-train', { tag: 'gpu', claims: true, hostGraceMs: 5_000 })]),
    queues: () => {
      let claimed = 0;
      const claimJob = async () => ({ claim: { ...claim, hostQueue: claimed++ === 0 ? 'host-gone' : 'host-a' } });
      return { gpu: { claimJob }, 'host-a': { 'test.job': finishes, reapJob: async () => {} } };
    },
  },
  'paused-while-claiming': {
    plan: training,
    queues: () => ({
      gpu: {
        claimJob: async () => {
          throw ApplicationFailure.create({ message: 'all taken', type: 'Busy' });
        },
      },
    }),
    act: async trial => {
      await jobIsRunning(trial, 'claiming');
      await trial.signal(messages.pause);
      await isIn('paused')(trial);
      await trial.signal(messages.stop);
    },
  },
  cancelled: {
    plan: skeleton([job('p.1-a')]),
    queues: () => ({ cpu: { 'test.job': endless } }),
    act: async trial => {
      await jobIsRunning(trial);
      await trial.cancel();
    },
  },
  iterations: {
    plan: args => skeleton([job('p.1-a')], { iteration: args.iteration, maxIterNum: 0 }),
    end: iteration => ({
      targetsMet: iteration === 3,
      targets: [],
      iterValues: { 'p.a.dj_configs.dataset_path': `/d/${iteration}` },
    }),
    queues: () => ({ cpu: { 'test.job': finishes } }),
  },
};

/** Lives a scenario through and returns its history. */
export async function historyOf(
  environment: TestWorkflowEnvironment,
  name: string,
  worker?: ControlWorker,
): Promise<History> {
  const { plan, end = () => noTargets, queues, act } = SCENARIOS[name]!;
  let iteration = 0;
  const control = {
    compileTrial: async (args: CompileArgs) => (typeof plan === 'function' ? plan(args) : plan),
    finishIteration: async () => end(++iteration),
    tagStatus: async () => ({ served: true, message: 'busy' }),
    awaitWorker: async () => {},
  };
  return await withWorkers(
    environment,
    { sandbox: control, ...queues() },
    async () => {
      const args: Parameters<typeof environment.client.workflow.start<typeof sandboxTrial>>[1] = {
        taskQueue: 'sandbox',
        workflowId: randomUUID(),
        args: [{ config: 'sandbox.yaml', baseDir: '/w' }],
      };
      const trial =
        name === 'paused-and-resumed'
          ? await environment.client.workflow.signalWithStart('sandboxTrial', { ...args, signal: messages.pause })
          : await environment.client.workflow.start<typeof sandboxTrial>('sandboxTrial', args);
      await act?.(trial as Trial);
      await trial.result().catch(() => {});
      return await trial.fetchHistory();
    },
    worker,
  );
}
