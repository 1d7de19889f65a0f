import { randomUUID } from 'node:crypto';
import { Context } from '@temporalio/activity';
import { WorkflowFailedError, type WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JobRef, StudyResult } from '../../plan/protocol.ts';
import type { StudySpec } from '../../plan/study/types.ts';
import * as messages from '../../workflows/messages.ts';
import type { sandboxPoolStudy } from '../../workflows/pool-study.ts';
import { studyOpened, studySpec } from '../support/studies.ts';
import { judgePools, studyControl } from '../support/study-activities.ts';
import { timeSkipping, withWorkers, workflowBundle } from '../support/time-skipping.ts';

let environment: TestWorkflowEnvironment;
beforeAll(async () => {
  environment = await timeSkipping();
});
afterAll(() => environment.teardown());

type Handle = WorkflowHandleWithFirstExecutionRunId<typeof sandboxPoolStudy>;
type Control = ReturnType<typeof studyControl>;
type Run = (ref: JobRef) => Promise<unknown>;

/** Two stats, one seed: 2 × 3 pools and the whole data, then 3 combinations and the whole data, then a repetition. */
const small = (more: Partial<StudySpec> = {}) =>
  studySpec({ ops: studySpec().ops.slice(0, 2), seeds: [7], repeat: [2], concurrency: 4, ...more });

/** A study with one job a trial, from start to what `work` makes of it. */
async function studying<T>(
  spec: StudySpec,
  run: (control: Control) => Run,
  work: (handle: Handle, control: Control) => Promise<T>,
): Promise<T> {
  const control = studyControl(studyOpened(spec));
  const queues = { sandbox: control.activities as never, cpu: { 'test.job': run(control) as never } };
  return await withWorkers(environment, queues, async () => {
    const handle = await environment.client.workflow.start<typeof sandboxPoolStudy>('sandboxPoolStudy', {
      taskQueue: 'sandbox',
      workflowId: randomUUID(),
      args: [{ config: 'x.yaml', study: 'study.yaml', set: { k: 2 }, baseDir: '/w' }],
    });
    return await work(handle, control);
  });
}

/** `a.high` is best, `b.low` next; what is both is better still. */
const score = (pool: string, seed: number) =>
  ({ 'a_filter.a.high': 3, 'b_filter.b.low': 2, top_0: 3, top_1: 2, top_0_1: 5, top_0_1_x2: 4 })[pool] ?? seed / 1000;

/** Jobs of points that run until they are cancelled; `hold` resolves when so many do. */
function endless() {
  let [running, changed] = [0, () => {}];
  const run = (control: Control) => async (ref: JobRef) => {
    if (!control.triedBy(ref.trial.id)) return await judgePools(control, score)(ref);
    running += 1;
    changed();
    const context = Context.current();
    for (;;) {
      context.heartbeat();
      await context.sleep(20);
    }
  };
  // The time-skipping server loses a workflow that cancels an activity that has not begun.
  const hold = async (count: number) => {
    while (running < count)
      await new Promise<void>(resolve => {
        changed = resolve;
      });
  };
  return { run, hold };
}

/** Waits until the study has begun so many trials. */
async function hasBegun(handle: Handle, trials: number) {
  for (;;) {
    const table = await handle.query(messages.table).catch(() => null);
    if (table && table.counts.begun >= trials) return table;
    await new Promise(resolve => setTimeout(resolve, 20));
  }
}

describe('sandboxPoolStudy', () => {
  it('goes through all steps with ordinary trials, returns the winner, and its history replays', async () => {
    await studying(
      small(),
      control => judgePools(control, score),
      async (handle, { compiled, written, steps }) => {
        const result = (await handle.result()) as StudyResult;
        expect(result).toMatchObject({
          state: 'done',
          reason: 'top_0_1: the best, by no more than noise',
          winner: { id: 'top_0_1', times: 1, proven: false },
          counts: { begun: 5 + 7 + 4 + 1, failed: 0, running: 0 },
          files: { recipe: '/w/studies/s/recipe.yaml' },
        });
        expect(steps.map(({ step }) => step.step)).toEqual(['split', 'sample', 'combine', 'sample', 'repeat']);
        expect(steps[0]!.trial).toBe(`${handle.workflowId}.trial-1`);
        const inputs = compiled.map(({ input }) => input);
        for (const input of inputs) expect(input).toMatchObject({ baseDir: '/w', sweep: { metrics: ['judge.score'] } });
        const points = inputs.filter(({ config }) => config === 'x.yaml');
        expect(points).toHaveLength(12);
        expect(points.map(({ set }) => set)).toContainEqual({
          k: 2,
          'train.extra_configs.data': '/w/studies/s/pools/100/whole.jsonl',
          'train.extra_configs.seed': 7,
        });
        const data = inputs.filter(({ config }) => config !== 'x.yaml');
        expect(data.map(({ set }) => set)).toEqual(Array(5).fill({}));
        expect(written).toMatchObject([{ state: 'done', winner: { id: 'top_0_1' }, stages: [{}, {}, {}] }]);
        const table = await handle.query(messages.table);
        expect(table).toMatchObject({ state: 'done', message: result.reason });
        const history = await handle.fetchHistory();
        // Bounded by points and seeds (three events and a signal a trial, with the tasks that take them), and cut where the study continues as new.
        expect(history.events!.length).toBeLessThan(20 * result.counts.begun);
        const bundle = { workflowBundle: await workflowBundle() };
        await Worker.runReplayHistory(bundle, history, handle.workflowId);
      },
    );
  });

  it('goes on when trials of a point fail, and tells how many did and why', async () => {
    const run = (control: Control) => async (ref: JobRef) => {
      const tried = control.triedBy(ref.trial.id);
      if (tried?.pool === 'b_filter.b.high') throw ApplicationFailure.nonRetryable('no such file', 'JobFailed');
      return await judgePools(control, score)(ref);
    };
    await studying(small({ combine: 0, repeat: [] }), run, async (handle, { written }) => {
      expect(await handle.result()).toMatchObject({ state: 'done', counts: { failed: 1 } });
      const point = written[0]!.stages[0]!.points.find(({ id }) => id === 'b_filter.b.high')!;
      expect(point).toMatchObject({ failed: 1, n: 0, comparison: null, why: expect.stringContaining('no such file') });
    });
  });

  it('fails with a sentence where the data cannot be made into pools', async () => {
    const control = studyControl(studyOpened(small()));
    const failing = {
      ...control.activities,
      gatherPools: async () => {
        throw ApplicationFailure.nonRetryable('the middle pool of a is empty', 'ConfigError');
      },
    };
    const queues = { sandbox: failing as never, cpu: { 'test.job': judgePools(control, score) as never } };
    await withWorkers(environment, queues, async () => {
      const handle = environment.client.workflow.execute<typeof sandboxPoolStudy>('sandboxPoolStudy', {
        taskQueue: 'sandbox',
        workflowId: randomUUID(),
        args: [{ config: 'x.yaml', study: 'study.yaml' }],
      });
      const error = (await handle.catch((thrown: unknown) => thrown)) as WorkflowFailedError;
      expect(error).toBeInstanceOf(WorkflowFailedError);
      expect((error.cause as Error).message).toBe('the middle pool of a is empty');
    });
  });

  it.each(['stop', 'cancel'] as const)(
    'passes a %s on to its trials, writes what it has, and ends when they have',
    async how => {
      const { run, hold } = endless();
      await studying(small({ concurrency: 2 }), run, async (handle, { written }) => {
        await hold(2);
        if (how === 'stop') await handle.signal(messages.stop);
        else await handle.cancel();
        const end = await handle.result().catch((error: unknown) => error);
        if (how === 'stop') expect(end).toMatchObject({ state: 'stopped', counts: { begun: 4, done: 2, stopped: 2 } });
        else expect((end as WorkflowFailedError).cause).toBeInstanceOf(CancelledFailure);
        expect(written).toMatchObject([{ state: 'stopped' }]);
        for (const trial of [3, 4]) {
          const child = environment.client.workflow.getHandle(`${handle.workflowId}.trial-${trial}`);
          expect((await child.describe()).status.name).not.toBe('RUNNING');
        }
      });
    },
  );

  it('begins nothing while it is paused, changes how many run at once, and refuses what makes no sense', async () => {
    let open: () => void = () => {};
    const gate = new Promise<void>(resolve => {
      open = resolve;
    });
    const run = (control: Control) => async (ref: JobRef) => {
      const context = Context.current();
      const beat = setInterval(() => context.heartbeat(), 50);
      if (control.triedBy(ref.trial.id))
        await Promise.race([gate, context.cancelled]).finally(() => clearInterval(beat));
      clearInterval(beat);
      return await judgePools(control, score)(ref);
    };
    await studying(small({ concurrency: 1, combine: 0, repeat: [] }), run, async handle => {
      await hasBegun(handle, 3);
      const refusal = async (sent: Promise<unknown>) =>
        ((await sent.catch((error: unknown) => error)) as Error & { cause: Error }).cause.message;
      expect(await refusal(handle.executeUpdate(messages.setConcurrency, { args: [0] }))).toContain(
        'at least 1, got 0',
      );
      expect(await refusal(handle.executeUpdate(messages.stopTrial, { args: [{ trial: 99 }] }))).toBe(
        'there is no trial 99: 3 were begun',
      );
      await handle.executeUpdate(messages.setConcurrency, { args: [3] });
      expect((await hasBegun(handle, 5)).counts).toMatchObject({ begun: 5, running: 3 });
      await handle.signal(messages.pause);
      expect(await handle.query(messages.table)).toMatchObject({ state: 'paused' });
      open();
      await handle.signal(messages.resume);
      expect(await handle.result()).toMatchObject({ state: 'done', counts: { done: 9 } });
    });
  });
});
