import { Context } from '@temporalio/activity';
import type { Client, WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { temporal } from '@temporalio/proto';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { JobRef, RungPlan, SweepOpened } from '../../plan/protocol.ts';
import * as messages from '../../workflows/messages.ts';
import type { sandboxSweep } from '../../workflows/sweep.ts';
import { done, job } from './skeletons.ts';
import { sweepControl } from './sweep-activities.ts';
import { opened, sweepSpec } from './sweeps.ts';
import { type ControlWorker, withWorkers } from './time-skipping.ts';

type History = temporal.api.history.v1.IHistory;
type Handle = WorkflowHandle<typeof sandboxSweep>;

/** A sweep's life with activities that are played. */
interface SweepScenario {
  opened: SweepOpened;
  run: (ref: JobRef) => Promise<unknown>;
  /** What a user does meanwhile. */
  act?: (sweep: Handle, client: Client) => Promise<void>;
}

const rungs: RungPlan = { metric: 'judge.loss', goal: 'minimize', steps: [1, 3], waits: true };
const limited = (runCap: number) => ({ budget: { runCap, maxHours: 24, patience: null, maxFailures: null } });
const trialOf = (ref: JobRef) => Number(/trial-(\d+)$/.exec(ref.trial.id)?.[1]);
const judged = async (ref: JobRef) => {
  if (trialOf(ref) === 2) throw ApplicationFailure.nonRetryable('no such file', 'JobFailed');
  return done(ref, { metrics: { score: trialOf(ref) } });
};
/** Runs until it is cancelled. */
const endless = async () => {
  const context = Context.current();
  for (;;) {
    context.heartbeat();
    await context.sleep(20);
  }
};
/** Trains to the next rung, or to the end after the last. */
const toNextRung = async (ref: JobRef) => {
  const { steps, passed } = ref.rungs!;
  const step = steps[passed];
  if (step === undefined) return done(ref, { metrics: { score: trialOf(ref) } });
  const rung = { trial: trialOf(ref), kind: 'rung', rung: passed, step, value: trialOf(ref) } as const;
  throw ApplicationFailure.create({ type: 'Held', details: [{ checkpoint: `checkpoint-${step}`, step, rung }] });
};

/** Waits until the first trial's job runs. */
const isRunning = async (sweep: Handle, client: Client) => {
  const trial = client.workflow.getHandle(`${sweep.workflowId}.trial-1`);
  for (;;) {
    const progress = await trial.query(messages.progress).catch(() => null);
    if (progress?.jobs[0]?.state === 'running') return;
    await new Promise(resolve => setTimeout(resolve, 20));
  }
};

export const SWEEP_SCENARIOS: Record<string, SweepScenario> = {
  sweep: {
    opened: opened(sweepSpec({ concurrency: 2, ...limited(4) })),
    run: judged,
    act: async sweep => {
      await sweep.executeUpdate(messages.setConcurrency, { args: [3] });
      await sweep.executeUpdate(messages.enqueueTrial, { args: [{ 'train.extra_configs.lr': 0.5 }] });
    },
  },
  'sweep-with-rungs': {
    opened: opened(
      sweepSpec({
        sampler: 'tpe',
        earlyTerminate: { type: 'asha', eta: 3, r: 1, R: 9, metric: null },
        concurrency: 1,
        ...limited(4),
      }),
      rungs,
    ),
    run: toNextRung,
  },
  'sweep-stopped': {
    opened: opened(sweepSpec({ concurrency: 1 })),
    run: endless,
    act: async (sweep, client) => {
      await isRunning(sweep, client);
      await sweep.signal(messages.pause);
      await sweep.signal(messages.resume);
      await sweep.signal(messages.stop);
    },
  },
};

/** Lives a scenario through and returns the histories of the sweep and of its first trial, by name. */
export async function sweepHistoriesOf(
  environment: TestWorkflowEnvironment,
  name: string,
  worker?: ControlWorker,
): Promise<Record<string, History>> {
  const scenario = SWEEP_SCENARIOS[name]!;
  const { rungs } = scenario.opened;
  const { activities } = sweepControl(structuredClone(scenario.opened), [
    job('p.1-judge', { metaName: 'judge', ...(rungs && { rungs }) }),
  ]);
  const queues = { sandbox: activities as never, cpu: { 'test.job': scenario.run as never } };
  return await withWorkers(
    environment,
    queues,
    async () => {
      const { workflow } = environment.client;
      const sweep = await workflow.start<typeof sandboxSweep>('sandboxSweep', {
        taskQueue: 'sandbox',
        workflowId: name,
        args: [{ config: 'sandbox.yaml', baseDir: '/w' }],
      });
      await scenario.act?.(sweep, environment.client);
      await sweep.result().catch(() => {});
      const trial = workflow.getHandle(`${sweep.workflowId}.trial-1`);
      await trial.result().catch(() => {});
      return { [name]: await sweep.fetchHistory(), [`${name}-trial`]: await trial.fetchHistory() };
    },
    worker,
  );
}
