import { randomUUID } from 'node:crypto';
import { Context } from '@temporalio/activity';
import { WorkflowFailedError, type WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JobRef, RungPlan, SweepResult, TrialReport } from '../../plan/protocol.ts';
import { replay } from '../../plan/sweep/replay.ts';
import type { SweepSpec } from '../../plan/sweep/types.ts';
import * as messages from '../../workflows/messages.ts';
import type { sandboxSweep } from '../../workflows/sweep.ts';
import { done, job } from '../support/skeletons.ts';
import { judgeBy, sweepControl } from '../support/sweep-activities.ts';
import { opened, sweepSpec } from '../support/sweeps.ts';
import { timeSkipping, withWorkers } from '../support/time-skipping.ts';

let environment: TestWorkflowEnvironment;
beforeAll(async () => {
  environment = await timeSkipping();
});
afterAll(() => environment.teardown());

/** Events after which a run of a sweep gives over to the next. */
const LONG_HISTORY = 3_000;
const NO_WORK = { steps: null, gpuSeconds: 0, reused: 0 };

type Handle = WorkflowHandleWithFirstExecutionRunId<typeof sandboxSweep>;

async function start(): Promise<Handle> {
  return await environment.client.workflow.start<typeof sandboxSweep>('sandboxSweep', {
    taskQueue: 'sandbox',
    workflowId: randomUUID(),
    args: [{ config: 'x.yaml', set: { k: 2 } }],
  });
}

const limited = (runCap: number, more: Partial<SweepSpec> = {}) =>
  sweepSpec({ budget: { runCap, maxHours: null, patience: null, maxFailures: null }, ...more });

/** A sweep with one job a trial, from start to what `work` makes of it. */
async function sweeping<T>(
  spec: SweepSpec,
  run: (ref: JobRef) => Promise<unknown>,
  work: (handle: Handle, control: ReturnType<typeof sweepControl>) => Promise<T>,
): Promise<T> {
  const control = sweepControl(opened(spec));
  const queues = { sandbox: control.activities as never, cpu: { 'test.job': run as never } };
  return await withWorkers(environment, queues, async () => await work(await start(), control));
}

/** Jobs that end when they are let, and what waits to be let. */
function gate() {
  const waiting = new Map<number, () => void>();
  let changed: () => void = () => {};
  return {
    async run(ref: JobRef) {
      const trial = Number(/trial-(\d+)$/.exec(ref.trial.id)?.[1]);
      const { cancelled, heartbeat } = Context.current();
      const beat = setInterval(() => heartbeat(trial), 50);
      try {
        const opened = new Promise<void>(resolve => waiting.set(trial, resolve));
        changed();
        await Promise.race([opened, cancelled]);
        return done(ref, { metrics: { score: trial } });
      } finally {
        clearInterval(beat);
        waiting.delete(trial);
      }
    },
    /** Resolves when these trials wait. */
    async holds(...trials: number[]) {
      while (!trials.every(trial => waiting.has(trial)))
        await new Promise<void>(resolve => {
          changed = resolve;
        });
      return waiting.size;
    },
    /** Lets trials end. */
    open(...trials: number[]) {
      for (const trial of trials) {
        waiting.get(trial)?.();
        waiting.delete(trial);
      }
    },
  };
}

describe('sandboxSweep', () => {
  it('runs its trials, each with its own values over those of the sweep, and returns the best', async () => {
    await sweeping(
      limited(5),
      judgeBy(trial => (trial === 4 ? 0 : trial)),
      async (handle, { compiled, decisions }) => {
        const result = (await handle.result()) as SweepResult;
        expect(result).toMatchObject({
          state: 'done',
          reason: '5 of 5 trials have ended',
          best: { trial: 4, objectives: [0] },
        });
        expect(result.counts).toEqual({ begun: 5, running: 0, waiting: 0, done: 5, failed: 0, stopped: 0 });
        const inputs = compiled.map(({ input }) => input);
        expect(inputs.map(input => input.sweep)).toEqual(
          expect.arrayContaining(
            [1, 2, 3, 4, 5].map(trial => ({ id: handle.workflowId, trial, metrics: ['judge.score'] })),
          ),
        );
        for (const input of inputs) expect(Object.keys(input.set ?? {})).toEqual(['k', 'train.extra_configs.lr']);
        expect(new Set(inputs.map(input => input.set?.['train.extra_configs.lr'])).size).toBe(5);
        expect(decisions.at(-1)).toMatchObject({ kind: 'close', state: 'done' });
        expect(replay(decisions)).toEqual(decisions);
      },
    );
  });

  it('has no more trials under way than may run at once, and more when it is told so', async () => {
    const { run, holds, open } = gate();
    await sweeping(limited(4, { concurrency: 2 }), run, async handle => {
      expect(await holds(1, 2)).toBe(2);
      await handle.executeUpdate(messages.setConcurrency, { args: [3] });
      expect(await holds(1, 2, 3)).toBe(3);
      open(2);
      expect(await holds(4)).toBe(3);
      open(1, 3, 4);
      expect(await handle.result()).toMatchObject({ state: 'done' });
    });
  });

  it('goes on when a trial fails, and says why it did', async () => {
    const run = async (ref: JobRef) => {
      if (ref.trial.id.endsWith('trial-1')) throw ApplicationFailure.nonRetryable('no such file', 'JobFailed');
      return await judgeBy(trial => trial)(ref);
    };
    await sweeping(limited(3, { concurrency: 1 }), run, async (handle, { decisions }) => {
      const result = (await handle.result()) as SweepResult;
      expect(result.counts).toMatchObject({ done: 2, failed: 1 });
      expect(decisions).toContainEqual(
        expect.objectContaining({
          kind: 'end',
          trial: 1,
          status: 'failed',
          why: expect.stringContaining('no such file'),
        }),
      );
    });
  });

  it.each(['stop', 'cancel'] as const)('passes a %s on to its trials, and ends when they have', async how => {
    const { run, holds } = gate();
    await sweeping(limited(9, { concurrency: 2 }), run, async (handle, { decisions }) => {
      await holds(1, 2);
      if (how === 'stop') await handle.signal(messages.stop);
      else await handle.cancel();
      const end = await handle.result().catch((error: unknown) => error);
      if (how === 'stop') expect(end).toMatchObject({ state: 'stopped', counts: { begun: 2, stopped: 2 } });
      else expect((end as WorkflowFailedError).cause).toBeInstanceOf(CancelledFailure);
      expect(decisions.at(-1)).toMatchObject({ kind: 'close', state: 'stopped' });
      for (const trial of [1, 2]) {
        const { status } = await environment.client.workflow
          .getHandle(`${handle.workflowId}.trial-${trial}`)
          .describe();
        expect(status.name).not.toBe('RUNNING');
      }
    });
  });

  it('has trials wait at rungs, without a place among those that run, and promotes the best of them to their end', async () => {
    const rungs: RungPlan = { metric: 'judge.loss', goal: 'minimize', steps: [1, 3], waits: true };
    const earlyTerminate = { type: 'asha', eta: 3, r: 1, R: 9, metric: null } as const;
    const trained: string[] = [];
    const run = async (ref: JobRef) => {
      const trial = Number(/trial-(\d+)$/.exec(ref.trial.id)?.[1]);
      const { steps, passed } = ref.rungs!;
      const step = steps[passed] ?? 9;
      trained.push(`${trial} to ${step}`);
      if (step === 9) return done(ref, { metrics: { score: trial } });
      const rung = { trial, kind: 'rung', rung: passed, step, value: trial } as const;
      throw ApplicationFailure.create({ type: 'Held', details: [{ checkpoint: `checkpoint-${step}`, step, rung }] });
    };
    const control = sweepControl(opened(limited(9, { earlyTerminate, concurrency: 2 }), rungs), [
      job('p.1-judge', { metaName: 'judge', rungs }),
    ]);
    const queues = { sandbox: control.activities as never, cpu: { 'test.job': run as never } };
    await withWorkers(environment, queues, async () => {
      const result = (await (await start()).result()) as SweepResult;
      expect(result.best).toMatchObject({
        trial: 1,
        rungs: [
          { step: 1, value: 1 },
          { step: 3, value: 1 },
        ],
      });
      expect(result.counts).toMatchObject({ begun: 9, done: 1, stopped: 8 });
    });
    const count = (step: number) => trained.filter(each => each.endsWith(` to ${step}`)).length;
    expect([count(1), count(3), count(9)]).toEqual([9, 3, 1]);
    expect(replay(control.decisions)).toEqual(control.decisions);
  });

  it('takes a point of the user, and refuses one that names nothing', async () => {
    const { run, holds, open } = gate();
    await sweeping(limited(1, { concurrency: 1 }), run, async (handle, { compiled }) => {
      await holds(1);
      const wrong = handle.executeUpdate(messages.enqueueTrial, { args: [{ nothing: 1 }] });
      await expect(wrong).rejects.toThrow();
      await handle.executeUpdate(messages.enqueueTrial, { args: [{ 'train.extra_configs.lr': 0.25 }] });
      open(1);
      await holds(2);
      open(2);
      await handle.result();
      expect(compiled.map(({ input }) => input.set?.['train.extra_configs.lr'])).toContain(0.25);
    });
  });

  it('refuses to be steered to what makes no sense, saying what would', async () => {
    const { run, holds, open } = gate();
    await sweeping(limited(1), run, async handle => {
      await holds(1);
      const refusal = async (sent: Promise<unknown>) =>
        ((await sent.catch((error: unknown) => error)) as Error & { cause: Error }).cause.message;
      expect(await refusal(handle.executeUpdate(messages.setConcurrency, { args: [0] }))).toContain(
        'at least 1, got 0',
      );
      expect(await refusal(handle.executeUpdate(messages.stopTrial, { args: [{ trial: 7 }] }))).toBe(
        'there is no trial 7: 1 were begun',
      );
      expect(await refusal(handle.executeUpdate(messages.setBudget, { args: [{ runCap: 0 }] }))).toContain('runCap');
      open(1);
      await handle.result();
    });
  });

  it('fails at once with what the sampler says', async () => {
    const control = sweepControl(opened(limited(3, { sampler: 'tpe' })));
    const failing = {
      ...control.activities,
      suggestPoints: async () => {
        throw ApplicationFailure.nonRetryable('no sampler of this name', 'ConfigError');
      },
    };
    await withWorkers(environment, { sandbox: failing as never }, async () => {
      const error = (await (await start()).result().catch((thrown: unknown) => thrown)) as WorkflowFailedError;
      expect(error).toBeInstanceOf(WorkflowFailedError);
      expect((error.cause as Error).message).toBe('sampler tpe: no sampler of this name');
    });
  });

  it('takes what is asked of it while its file is still being read', async () => {
    const control = sweepControl(opened(limited(3, { concurrency: 1 })));
    let read: (value: unknown) => void = () => {};
    const isRead = new Promise(resolve => {
      read = resolve;
    });
    const slow = {
      ...control.activities,
      openSweep: async () => {
        await isRead;
        return await control.activities.openSweep();
      },
    };
    const queues = { sandbox: slow as never, cpu: { 'test.job': judgeBy(trial => trial) as never } };
    await withWorkers(environment, queues, async () => {
      const handle = await start();
      const update = handle.executeUpdate(messages.setBudget, { args: [{ runCap: 2 }] });
      read(null);
      await update;
      expect((await handle.result()).counts.begun).toBe(2);
    });
  });

  it('continues as new when its history is long, though a trial ends each time that it gets ready to', async () => {
    const { run, holds, open } = gate();
    const control = sweepControl(opened(limited(6, { concurrency: 2 })));
    const held = [1, 2, 3, 4, 5, 6];
    let handle: Handle | undefined;
    let isLong = false;
    const counted = async () => (await handle!.query(messages.leaderboard)).counts.done;
    const busy = {
      ...control.activities,
      recordDecisions: async (args: Parameters<typeof control.activities.recordDecisions>[0]) => {
        if (isLong && held.length > 2) {
          const trial = held.shift()!;
          const before = await counted();
          await holds(trial);
          open(trial);
          while ((await counted()) === before);
        }
        return await control.activities.recordDecisions(args);
      },
    };
    const queues = { sandbox: busy as never, cpu: { 'test.job': run as never } };
    await withWorkers(environment, queues, async () => {
      handle = await start();
      await holds(1, 2);
      const nobody: TrialReport = {
        trial: 0,
        kind: 'end',
        end: { status: 'done', why: null, metrics: {}, ...NO_WORK },
      };
      await Promise.all(Array.from({ length: LONG_HISTORY }, () => handle!.signal(messages.trialReport, nobody)));
      isLong = true;
      await handle.executeUpdate(messages.setConcurrency, { args: [2] });
      await holds(3);
      const { runId } = await environment.client.workflow.getHandle(handle.workflowId).describe();
      expect(runId).not.toBe(handle.firstExecutionRunId);
      isLong = false;
      for (const trial of held) {
        await holds(trial);
        open(trial);
      }
      const result = (await handle.result()) as SweepResult;
      expect(result).toMatchObject({ state: 'done', counts: { begun: 6, done: 6 } });
      expect(replay(control.decisions)).toEqual(control.decisions);
    });
  }, 300_000);

  it('shows where it stands to who asks', async () => {
    const { run, holds, open } = gate();
    await sweeping(limited(2, { concurrency: 1 }), run, async handle => {
      await holds(1);
      const before = await handle.query(messages.leaderboard);
      expect(before).toMatchObject({
        state: 'running',
        counts: { begun: 1, running: 1 },
        trials: [{ trial: 1, status: 'running' }],
      });
      open(1);
      await holds(2);
      open(2);
      await handle.result();
      const after = await handle.query(messages.leaderboard);
      expect(after).toMatchObject({
        state: 'done',
        message: '2 of 2 trials have ended',
        trials: [{ trial: 1 }, { trial: 2 }],
      });
      expect((await handle.query(messages.decisions)).at(-1)).toMatchObject({ kind: 'close' });
    });
  });
});
