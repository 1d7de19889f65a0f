import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import type { ApplicationFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { hostActivities } from '../../../activities/host/index.ts';
import { jobActivity } from '../../../activities/runtime/job-activity.ts';
import { readManifest } from '../../../activities/runtime/job-dir.ts';
import { newestWhole } from '../../../activities/runtime/whole-checkpoints.ts';
import type { HeldDetails, JobDone, JobRef, RungPlan, TrialReport } from '../../../plan/protocol.ts';
import { jobOnDisk, testComponent } from '../../support/job-on-disk.ts';
import { until } from './trainers.ts';

vi.mock('../../../activities/runtime/sweep-watch.ts', async original => {
  const { watchSweep } = await original<typeof import('../../../activities/runtime/sweep-watch.ts')>();
  return {
    watchSweep: (...[client, sweep, folder]: Parameters<typeof watchSweep>) =>
      watchSweep(client, sweep, folder, { lookMs: 50, savingMs: 10_000 }),
  };
});

const before = process.env.DJ_SANDBOX_STATE;
const clean: (() => Promise<unknown>)[] = [];
beforeEach(() => {
  clean.length = 0;
});
afterEach(async () => {
  for (const each of clean) await each();
  if (before === undefined) delete process.env.DJ_SANDBOX_STATE;
  else process.env.DJ_SANDBOX_STATE = before;
});

const STEPS = 30;
const plan: RungPlan = { metric: 'loss', goal: 'minimize', steps: [4, 10], waits: true };

/** A server with one sweep that takes reports. */
function server() {
  const told: TrialReport[] = [];
  const state = { sweep: 'RUNNING', refuses: 0 };
  const handle = {
    signal: async (_: string, report: TrialReport) => {
      if (state.refuses-- > 0) throw new WorkflowNotFoundError('no such sweep', 'sweep', undefined);
      told.push(report);
    },
    describe: async () => ({ status: { name: state.sweep } }),
  };
  const client = {
    activity: { heartbeat: async () => {} },
    connection: { withDeadline: (_: unknown, call: () => unknown) => call() },
    workflow: { getHandle: () => handle },
  } as unknown as Client;
  return { told, state, client };
}

/** The fixture trainer as a component; a job of it that two trials share. */
async function job({ seconds = 0.01, checkpoints = true, onRequest = true, every = 0 } = {}) {
  const component = testComponent({
    run: async run => {
      const trainer = resolve('tests/fixtures/trainers/checkpointing.py');
      const end = await run.program({
        argv: ['python3', trainer, run.out, String(STEPS), String(every)],
        cwd: run.out,
        env: { FIXTURE_STEP_SECONDS: String(seconds) },
        patterns: [{ kind: 'metrics', pattern: '\\| (?<step>[0-9]+)/(?<total>[0-9]+) .*step_loss=(?<loss>[^\\]]+)' }],
        ...(checkpoints && { checkpoints: { dir: run.out, canStopOnRequest: onRequest, keep: 1 } }),
        restarts: { max: 1, stallAfterMs: 60_000 },
      });
      return {
        results: [{ value: (await readFile(join(run.out, 'weights.bin'))).toString('hex') }],
        notes: [end.metrics],
      };
    },
  });
  const made = await jobOnDisk({ claims: true, resources: { tag: 'gpu', gpus: 1 } });
  process.env.DJ_SANDBOX_STATE = join(made.workDir, 'state');
  onTestFinished(() => rm(made.workDir, { recursive: true, force: true, maxRetries: 50, retryDelay: 20 }));
  const { client, ...known } = server();
  const host = hostActivities({ offered: ['GPU-a', 'GPU-b'] }, client);
  const run = jobActivity(component, client, [component]);
  const inActivity = <T>(work: (ref: JobRef) => Promise<T>, ref: JobRef): Promise<T> =>
    new MockActivityEnvironment().run(work, ref);
  const claim = async (ref: JobRef) => await inActivity(host.claimJob, ref);
  /** Claims the job for a trial and runs it; what it is done with, or where it was held. */
  const attempt = async (trial: number, passed: number, rungs: RungPlan = plan): Promise<JobDone | HeldDetails> => {
    const ref: JobRef = {
      ...made.ref,
      trial: { id: `trial-${trial}`, runId: `run-${trial}` },
      sweep: { id: 'sweep', trial },
      rungs: { ...rungs, passed },
    };
    const claimed = await claim(ref);
    if ('done' in claimed) return claimed.done;
    const mine = { ...ref, claim: claimed.claim };
    clean.push(() => inActivity(host.reapJob, mine));
    try {
      return await inActivity(run, mine);
    } catch (error) {
      const failure = error as ApplicationFailure;
      if (failure.type === 'Held') return failure.details![0] as HeldDetails;
      throw error;
    }
  };
  return { ...made, ...known, attempt };
}

/** What an undisturbed training ends with. */
function undisturbed(): string {
  let state = Buffer.from('the beginning');
  for (let step = 1; step <= STEPS; step += 1) state = createHash('sha256').update(state).update(String(step)).digest();
  return state.toString('hex');
}

const linesOf = async (dir: string) =>
  (await readFile(join(dir, 'metrics.jsonl'), 'utf8').catch(() => ''))
    .split('\n')
    .filter(Boolean)
    .map(line => JSON.parse(line) as { step?: number; from?: number });
const range = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, i) => first + i);
const rungOf = (trial: number, rung: number) => ({
  trial,
  kind: 'rung',
  rung,
  step: plan.steps[rung],
  value: Number((1 / plan.steps[rung]!).toPrecision(3)),
});

describe('a training that waits at rungs', () => {
  it('gives its host back at each with a checkpoint, tells what it came to, and ends with the bytes of an undisturbed one', async () => {
    const { attempt, dir } = await job();
    for (const [passed, step] of plan.steps.entries()) {
      const held = await attempt(1, passed);
      expect(held).toEqual({ checkpoint: `checkpoint-${step}`, step, rung: rungOf(1, passed) });
      expect(existsSync(join(dir, `epoch-${passed + 1}`, 'claim.json'))).toBe(false);
    }
    expect(await attempt(1, 2)).toMatchObject({ reused: false, results: { score: undisturbed() } });
    const lines = await linesOf(join(dir, 'epoch-3'));
    expect(lines.flatMap(({ step }) => step ?? [])).toEqual(range(1, STEPS));
    expect(lines.flatMap(({ from }) => from ?? [])).toEqual([4, 10]);
    expect((await readManifest(dir))?.epoch).toBe(3);
  });

  it("and is another trial's too: what one has trained the other finds, and nothing is trained twice", async () => {
    const { attempt, dir } = await job();
    expect(await attempt(1, 0)).toMatchObject({ step: 4, rung: rungOf(1, 0) });
    expect(await attempt(2, 0)).toEqual({ checkpoint: 'checkpoint-4', step: 4, rung: rungOf(2, 0) });
    expect(existsSync(join(dir, 'epoch-2', 'spec.json'))).toBe(false);
    expect(await attempt(1, 1)).toMatchObject({ step: 10, rung: rungOf(1, 1) });
    expect(await attempt(2, 1)).toEqual({ checkpoint: 'checkpoint-10', step: 10, rung: rungOf(2, 1) });
    expect(await attempt(2, 2)).toMatchObject({ reused: false, results: { score: undisturbed() } });
    expect(await attempt(1, 2)).toMatchObject({ reused: true, results: { score: undisturbed() } });
    const lines = await linesOf(join(dir, 'epoch-5'));
    expect(lines.flatMap(({ step }) => step ?? [])).toEqual(range(1, STEPS));
  });

  it('while it trains for one trial keeps the other waiting, and no longer than until it is held', async () => {
    const { attempt, dir } = await job({ seconds: 0.1 });
    const first = attempt(1, 0);
    await until(async () => (await linesOf(join(dir, 'epoch-1'))).length > 0);
    await expect(attempt(2, 0)).rejects.toMatchObject({
      type: 'Busy',
      message: expect.stringContaining('trial-1 runs this job'),
    });
    await first;
    expect(await attempt(2, 0)).toMatchObject({ rung: rungOf(2, 0) });
  });

  it('keeps its newest checkpoint where only one is to be kept', async () => {
    const { attempt, dir } = await job({ every: 3 });
    await attempt(1, 0);
    const names = async () =>
      (await readdir(join(dir, 'epoch-1', 'out'))).filter(name => name.startsWith('checkpoint-'));
    expect(await names()).toEqual(['checkpoint-4']);
    expect(await newestWhole(join(dir, 'epoch-1', 'out'))).toEqual({ name: 'checkpoint-4', step: 4 });
  });

  it('tells of a rung before which its worker died once it had been reached, without training on', async () => {
    const { attempt, dir } = await job();
    await attempt(1, 0);
    // As though nobody had heard of it: the same claim's next attempt, or a new one.
    expect(await attempt(1, 0)).toEqual({ checkpoint: 'checkpoint-4', step: 4, rung: rungOf(1, 0) });
    expect((await linesOf(join(dir, 'epoch-2'))).flatMap(({ step }) => step ?? [])).toEqual(range(1, 4));
  });

  it('whose log has no such metric says what it has', async () => {
    const { attempt } = await job();
    expect(await attempt(1, 0, { ...plan, metric: 'accuracy' })).toMatchObject({
      rung: { value: null, known: ['loss'] },
    });
  });
});

describe('a training that does not wait', () => {
  it('tells each rung once it has passed it, and goes on', async () => {
    const { attempt, told } = await job();
    expect(await attempt(1, 0, { ...plan, waits: false })).toMatchObject({ results: { score: undisturbed() } });
    expect(told).toEqual([rungOf(1, 0), rungOf(1, 1)]);
  });

  it('because it has no checkpoints tells its rungs too', async () => {
    const { attempt, told } = await job({ checkpoints: false });
    expect(await attempt(1, 0)).toMatchObject({ results: { score: undisturbed() } });
    expect(told).toEqual([rungOf(1, 0), rungOf(1, 1)]);
  });

  it('is not held up by a sweep that is not there', async () => {
    const { attempt, told, state } = await job();
    state.refuses = 1;
    expect(await attempt(1, 0, { ...plan, waits: false })).toMatchObject({ results: { score: undisturbed() } });
    expect(told).toEqual([rungOf(1, 1)]);
  });
});

describe('a job whose sweep was ended from outside', () => {
  const never = { ...plan, steps: [STEPS] };
  const ended = { type: 'SweepEnded', nonRetryable: true, message: 'its sweep sweep has ended' };

  it('saves a checkpoint, ends and says so', async () => {
    const { attempt, dir, state } = await job({ seconds: 0.5 });
    const run = attempt(1, 0, never);
    await until(async () => (await linesOf(join(dir, 'epoch-1'))).length > 0);
    state.sweep = 'TERMINATED';
    await expect(run).rejects.toMatchObject(ended);
    expect(await newestWhole(join(dir, 'epoch-1', 'out'))).not.toBeNull();
    expect(existsSync(join(dir, 'epoch-1', 'claim.json'))).toBe(false);
  });

  it('ends at once where it has no checkpoints', async () => {
    const { attempt, dir, state } = await job({ seconds: 60, checkpoints: false });
    const run = attempt(1, 0, never);
    await until(() => existsSync(join(dir, 'epoch-1', 'supervisor.json')));
    state.sweep = 'CANCELED';
    await expect(run).rejects.toMatchObject(ended);
  });
});
