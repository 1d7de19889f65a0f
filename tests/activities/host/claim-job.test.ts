import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { ApplicationFailure } from '@temporalio/common';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { ClaimAttempt } from '../../../activities/host/claim-attempt.ts';
import { claimJob, reapJob } from '../../../activities/host/claim-job.ts';
import { giveBack, holdClaim, keepClaim } from '../../../activities/runtime/claim.ts';
import { Superseded, WorkerShutdown } from '../../../activities/runtime/end-reason.ts';
import { startOf } from '../../../activities/runtime/host-clock.ts';
import { newestEpoch, readManifest } from '../../../activities/runtime/job-dir.ts';
import { renewDevices } from '../../../activities/runtime/lease.ts';
import { writePlan } from '../../../activities/runtime/plan-file.ts';
import { runProgram } from '../../../activities/runtime/program.ts';
import { runJob } from '../../../activities/runtime/run-job.ts';
import { listSupervised, noteProgram, stopAll } from '../../../activities/runtime/supervised.ts';
import { liveSupervisor } from '../../../activities/runtime/supervisor-files.ts';
import type { Claim, JobRef } from '../../../plan/protocol.ts';
import { jobOnDisk, services, testComponent } from '../../support/job-on-disk.ts';
import { until } from '../runtime/trainers.ts';

const clock = vi.hoisted(() => ({ ahead: 0 }));
vi.mock('../../../activities/runtime/host-clock.ts', async original => {
  const real = await original<typeof import('../../../activities/runtime/host-clock.ts')>();
  return { ...real, bootNow: () => real.bootNow() + clock.ahead };
});
/** So many seconds later. */
const forward = (seconds: number) => {
  clock.ahead += seconds;
};

const gpus = ['GPU-a', 'GPU-b'];
const claims = { claims: true, resources: { tag: 'gpu', gpus: 1 } };
const states: string[] = [];
let before: string | undefined;

beforeEach(() => {
  before = process.env.DJ_SANDBOX_STATE;
});
afterEach(async () => {
  clock.ahead = 0;
  for (const state of states.splice(0)) await stopAll({ state, reason: 'the test is over' });
  if (before === undefined) delete process.env.DJ_SANDBOX_STATE;
  else process.env.DJ_SANDBOX_STATE = before;
});

/** From now on this process is a worker of the host whose state folder this is. */
function onHost(workDir: string, name: string): void {
  const state = join(workDir, `state-${name}`);
  process.env.DJ_SANDBOX_STATE = state;
  if (!states.includes(state)) states.push(state);
}

async function job(more: Parameters<typeof jobOnDisk>[0] = {}) {
  const made = await jobOnDisk({ ...claims, ...more });
  onHost(made.workDir, 'one');
  onTestFinished(() => rm(made.workDir, { recursive: true, force: true }));
  return { ...made, other: { ...made.ref, trial: { id: 'other', runId: 'run-of-other' } } };
}

const attemptBy = (ref: JobRef, more: Partial<ClaimAttempt> = {}): ClaimAttempt => ({
  turn: { priority: 3, key: ref.trial.id, weight: 1 },
  waited: 0,
  homes: [],
  confirm: async () => {},
  ...more,
});
const ask = (ref: JobRef, more: Partial<ClaimAttempt> = {}) => claimJob(ref, { offered: gpus }, attemptBy(ref, more));

async function claimOf(ref: JobRef): Promise<Claim> {
  const claimed = await ask(ref);
  if ('done' in claimed) throw new Error('it is done');
  return claimed.claim;
}

/** Trains with the fixture trainer, as an activity would. */
function training(steps: number, { stepSeconds = 0.01, faults = '' } = {}) {
  return testComponent({
    run: async run => {
      const trainer = resolve('tests/fixtures/trainers/checkpointing.py');
      await run.program({
        argv: ['python3', trainer, run.out, String(steps), '5', faults],
        cwd: run.out,
        env: { FIXTURE_STEP_SECONDS: String(stepSeconds) },
        patterns: [{ kind: 'metrics', pattern: '\\| (?<step>[0-9]+)/(?<total>[0-9]+) ' }],
        checkpoints: { dir: run.out, canStopOnRequest: true },
      });
      return { results: [{ value: (await readFile(join(run.out, 'weights.bin'))).toString('hex') }] };
    },
  });
}

function attempt(
  component: ReturnType<typeof training>,
  ref: JobRef,
  claim: Claim,
  more: { graceMs?: number; away?: boolean } = {},
) {
  const worker = new AbortController();
  const renew = async () => {
    if (more.away) throw new Error('the server is out of reach');
  };
  const done = runJob(
    component,
    { ...ref, claim },
    services({
      signal: worker.signal,
      program: (spec, at) =>
        runProgram(spec, { ...at, signal: worker.signal, ...(more.graceMs && { graceMs: more.graceMs }), renew }),
      holdClaim: (dir, needed) => holdClaim({ ...ref, claim }, dir, needed),
    }),
  );
  done.catch(() => {});
  return { done, more, kill: () => worker.abort(new WorkerShutdown()) };
}

/** What an undisturbed training of so many steps gives. */
function weightsOf(steps: number): string {
  let state = Buffer.from('the beginning');
  for (let step = 1; step <= steps; step += 1) state = createHash('sha256').update(state).update(String(step)).digest();
  return state.toString('hex');
}

/** Steps by what a run's metrics say, from one of its segments on: those of earlier runs are carried over. */
const stepsIn = async (dir: string, segment = 1): Promise<number[]> => {
  const text = await readFile(join(dir, 'metrics.jsonl'), 'utf8').catch(() => '');
  const lines = text.split('\n').filter(Boolean);
  const parsed = lines.map(line => JSON.parse(line) as { step: number; segment: number });
  return parsed.filter(line => line.step > 0 && line.segment >= segment).map(line => line.step);
};
/** The supervisor that runs there, and its trainer. */
const trainingIn = (dir: string) =>
  until(async () => {
    const live = await liveSupervisor(dir);
    return live?.trainer ? { ...live, trainer: live.trainer } : null;
  });
const reached = (dir: string, step: number) => until(async () => ((await stepsIn(dir)).at(-1) ?? 0) >= step);
const whole = (dir: string, step: number) =>
  until(() => existsSync(join(dir, 'out', `checkpoint-${step}`, 'complete.json')));

describe('a claim that is made again', () => {
  it('is of the run that goes on under a live supervisor: no step is repeated, no metrics line doubled', async () => {
    const { ref, dir } = await job();
    const first = await claimOf(ref);
    const component = training(200);
    const { kill, done } = attempt(component, ref, first);
    await reached(join(dir, 'epoch-1'), 20);
    kill();
    await expect(done).rejects.toThrow('left running');
    const again = await claimOf(ref);
    expect(again).toEqual(first);
    expect((await attempt(component, ref, again).done).results).toEqual({ score: weightsOf(200) });
    expect(await stepsIn(join(dir, 'epoch-1'))).toEqual(Array.from({ length: 200 }, (_, i) => i + 1));
    expect((await readdir(dir)).filter(name => name.startsWith('epoch-'))).toEqual(['epoch-1']);
  });

  it('after trainer and supervisor were killed begins a new run at the newest complete checkpoint', async () => {
    const { ref, dir } = await job();
    const first = await claimOf(ref);
    const component = training(40, { stepSeconds: 0.03 });
    const { kill, done } = attempt(component, ref, first);
    await whole(join(dir, 'epoch-1'), 10);
    kill();
    await expect(done).rejects.toThrow('left running');
    const supervisor = await trainingIn(join(dir, 'epoch-1'));
    for (const { pid } of [supervisor, supervisor.trainer]) process.kill(pid, 'SIGKILL');
    await until(async () => (await startOf(supervisor.pid)) === null);
    const checkpoints = (await readdir(join(dir, 'epoch-1', 'out'))).filter(name => name.startsWith('checkpoint-'));
    const newest = Math.max(...checkpoints.map(name => Number(name.slice('checkpoint-'.length))));
    const again = await claimOf(ref);
    expect(again).toEqual({ ...first, epoch: 2 });
    expect((await attempt(component, ref, again).done).results).toEqual({ score: weightsOf(40) });
    expect((await stepsIn(join(dir, 'epoch-2'), 2))[0]).toBeGreaterThan(5);
    expect((await stepsIn(join(dir, 'epoch-2'), 2))[0]).toBeLessThanOrEqual(newest + 1);
    expect((await readManifest(dir))?.epoch).toBe(2);
  });

  it('ends the trainer that a killed supervisor left: two never train at once', async () => {
    const { ref, dir } = await job();
    const { kill, done } = attempt(training(5000), ref, await claimOf(ref));
    await reached(join(dir, 'epoch-1'), 5);
    kill();
    await expect(done).rejects.toThrow('left running');
    const { pid, trainer } = await trainingIn(join(dir, 'epoch-1'));
    process.kill(pid, 'SIGKILL');
    await until(async () => (await startOf(pid)) === null);
    expect(await startOf(trainer.pid)).toBe(trainer.start);
    expect((await claimOf(ref)).epoch).toBe(2);
    expect(await startOf(trainer.pid)).toBeNull();
  });

  it('on the next host takes over when the first was away: its trainer ends itself, and only the newest run publishes', async () => {
    const { ref, dir, workDir } = await job();
    const first = await claimOf(ref);
    const component = training(60, { stepSeconds: 0.05 });
    const lost = attempt(component, ref, first, { graceMs: 1_500 });
    await whole(join(dir, 'epoch-1'), 5);
    const { trainer } = await trainingIn(join(dir, 'epoch-1'));
    lost.more.away = true;
    await until(async () => (await startOf(trainer.pid)) === null);
    onHost(workDir, 'two');
    const second = await claimOf(ref);
    expect(second.epoch).toBe(2);
    expect(second.hostQueue).not.toBe(first.hostQueue);
    expect((await attempt(component, ref, second).done).results).toEqual({ score: weightsOf(60) });
    expect((await stepsIn(join(dir, 'epoch-2'), 2))[0]).toBeGreaterThan(5);
    await expect(lost.done).rejects.toThrow('run 1 of this job gives way: run 2 has taken over');
    expect((await readManifest(dir))?.epoch).toBe(2);
  });

  it('on the next host ends a trainer of the first that still lives there', async () => {
    const { ref, dir, workDir } = await job();
    const lost = attempt(training(5000), ref, await claimOf(ref));
    await reached(join(dir, 'epoch-1'), 5);
    const { trainer } = await trainingIn(join(dir, 'epoch-1'));
    onHost(workDir, 'two');
    expect((await claimOf(ref)).epoch).toBe(2);
    await until(async () => (await startOf(trainer.pid)) === null);
    await expect(lost.done).rejects.toThrow(Superseded);
  });
});

it('videos that an earlier run finished are not made again by the next, whatever its config calls their folder', async () => {
  const writes = (name: string) => [
    { at: 'extra_configs.videos', named: join('/named', name), kind: 'directory' as const },
  ];
  const config = { dj_configs: null, extra_configs: {} };
  const { ref, dir, plan } = await job({ writes: writes('one'), config });
  const unnamed = { ...plan, publishNamed: false };
  const refs = await Promise.all(
    ['one', 'two'].map(async name => {
      const [stage] = unnamed.pipelines[0]!.stages;
      const named = {
        ...unnamed,
        pipelines: [{ name: 'p', stages: [{ ...stage!, jobs: [{ ...stage!.jobs[0]!, writes: writes(name) }] }] }],
      };
      return { ...ref, plan: await writePlan(join(plan.workDir, `plan-${name}.json`), named) };
    }),
  );
  const made: string[] = [];
  const inference = (dies: boolean) =>
    testComponent({
      keepsOutputs: true,
      run: async run => {
        const folder = run.config.extra_configs!['videos'] as string;
        await mkdir(folder, { recursive: true });
        for (const name of ['a.mp4', 'b.mp4', 'c.mp4']) {
          if (existsSync(join(folder, name))) continue;
          if (dies && name === 'c.mp4') throw new Error('killed');
          made.push(name);
          await writeFile(join(folder, name), name);
        }
        return { results: [{ path: folder }] };
      },
    });
  for (const [i, dies] of [true, false].entries()) {
    const component = inference(dies);
    const claim = await claimOf(refs[i]!);
    const run = runJob(component, { ...refs[i]!, claim }, services({ registry: [component] }));
    if (dies) await expect(run).rejects.toThrow('killed');
    else await run;
  }
  expect(made).toEqual(['a.mp4', 'b.mp4', 'c.mp4']);
  expect((await readManifest(dir))?.files.map(file => file.path)).toEqual(
    ['a.mp4', 'b.mp4', 'c.mp4'].map(name => `epoch-2/out/two/${name}`),
  );
});

describe('a run whose job was claimed anew', () => {
  it('does not publish what it made, however late', async () => {
    const { ref, dir } = await job();
    const first = await claimOf(ref);
    let second: Claim | null = null;
    const late = testComponent({
      run: async () => {
        second = await claimOf(ref);
        return { results: [{ value: 'late' }] };
      },
    });
    await expect(attempt(late, ref, first).done).rejects.toThrow(Superseded);
    expect(await readManifest(dir)).toBeNull();
    const mine = testComponent({ run: async () => ({ results: [{ value: 'mine' }] }) });
    expect((await attempt(mine, ref, second!).done).results).toEqual({ score: 'mine' });
  });

  it('does not begin, and frees nothing of the newer claim', async () => {
    const { ref, dir } = await job();
    const first = await claimOf(ref);
    const second = await claimOf(ref);
    expect(second.epoch).toBe(2);
    await expect(attempt(training(5), ref, first).done).rejects.toThrow(Superseded);
    await giveBack({ ...ref, claim: first }, dir);
    await reapJob({ ...ref, claim: first });
    expect(await renewDevices(dir)).toBe(1);
    await reapJob({ ...ref, claim: second });
    expect(await renewDevices(dir)).toBe(0);
  });

  it('is made by no worker whose own attempt to claim was given up while it slept', async () => {
    const { ref, dir, workDir } = await job();
    const first = await claimOf(ref);
    onHost(workDir, 'two');
    const givenUp = () => Promise.reject(new Error('the server does not know this attempt'));
    await expect(ask(ref, { confirm: givenUp })).rejects.toThrow('does not know this attempt');
    expect(await newestEpoch(dir)).toBe(first.epoch);
    expect(await renewDevices(dir)).toBe(0);
  });

  it('publishes no part either', async () => {
    const { ref, dir } = await job({ parts: ['x'] });
    const first = await claimOf(ref);
    const late = testComponent({
      runPart: async () => {
        await claimOf(ref);
        return 'late';
      },
    });
    await expect(runJob(late, { ...ref, claim: first, part: 'x' }, services())).rejects.toThrow(Superseded);
    expect(existsSync(join(dir, 'parts', 'x', 'part.json'))).toBe(false);
  });
});

describe('a job that another trial runs', () => {
  it('is waited for, on any host: two that need it at once run it once', async () => {
    const { ref, other, dir, workDir } = await job();
    const first = await claimOf(ref);
    onHost(workDir, 'two');
    await expect(ask(other)).rejects.toThrow(/^trial t runs this job on .* already: its result is waited for$/);
    onHost(workDir, 'one');
    await attempt(training(5), ref, first).done;
    onHost(workDir, 'two');
    expect(await ask(other)).toMatchObject({ done: { reused: true } });
    expect((await readdir(dir)).filter(name => name.startsWith('epoch-'))).toEqual(['epoch-1']);
  });

  it('is free at once when that trial has given it back, and its late reaping leaves the new run alone', async () => {
    const { ref, other, dir } = await job();
    const first = await claimOf(ref);
    await expect(ask(other)).rejects.toThrow('trial t runs this job');
    await reapJob({ ...ref, claim: first });
    const second = await claimOf(other);
    expect(second.epoch).toBe(2);
    await reapJob({ ...ref, claim: first });
    expect(await renewDevices(dir)).toBe(1);
  });

  it('is still its when it renews its claim, and free when nobody has for a minute', async () => {
    const { ref, other, dir, workDir } = await job();
    const claim = await claimOf(ref);
    onHost(workDir, 'two');
    await expect(ask(other)).rejects.toThrow('runs this job');
    forward(50);
    await utimes(join(dir, 'epoch-1', 'claim.json'), 0, 0);
    await keepClaim({ ...ref, claim }, dir);
    await expect(ask(other)).rejects.toThrow('runs this job');
    forward(50);
    await expect(ask(other)).rejects.toThrow('runs this job');
    forward(11);
    expect((await claimOf(other)).epoch).toBe(2);
  });
});

it("a job's claim is renewed and stays its own though the host's clock is set back a day, and its time is not counted by it", async () => {
  const { ref, other, dir, workDir } = await job();
  const claim = await claimOf(ref);
  onHost(workDir, 'two');
  await expect(ask(other)).rejects.toThrow('runs this job');
  const { now } = Date;
  onTestFinished(() => void vi.useRealTimers());
  for (let round = 0; round < 3; round += 1) {
    vi.useFakeTimers({ toFake: ['Date'], now: now() - 86_400_000 + round });
    forward(40);
    await keepClaim({ ...ref, claim }, dir);
    await expect(ask(other)).rejects.toThrow('runs this job');
  }
  onHost(workDir, 'one');
  const component = testComponent({
    run: async () => {
      vi.useFakeTimers({ toFake: ['Date'], now: now() - 2 * 86_400_000 });
      return { results: [{ value: 1 }] };
    },
  });
  const { seconds } = await attempt(component, ref, claim).done;
  expect(seconds).toBeGreaterThanOrEqual(0);
  expect(seconds).toBeLessThan(600);
});

it.each([-86_400_000, 86_400_000])(
  'a program that is just starting counts as one of the host, the clock set by %i ms meanwhile',
  async ms => {
    const { workDir } = await job();
    await noteProgram(workDir, ['a program']);
    onTestFinished(() => void vi.useRealTimers());
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + ms });
    const programs = () => readdir(join(process.env.DJ_SANDBOX_STATE!, 'programs'));
    await listSupervised();
    expect(await programs()).toHaveLength(1);
    forward(61);
    await listSupervised();
    expect(await programs()).toEqual([]);
  },
);

describe('devices', () => {
  it('gather for a claim of several on the host that it asked first, and on one more when it has waited for a quarter of an hour', async () => {
    const wide = await job({ resources: { tag: 'gpu', gpus: 2 } });
    const single = async (key: string) => (await jobOnDisk({ ...claims, key })).ref;
    let homes: string[] = [];
    const asks = async (waited: number) => {
      const confirm = async (kept: string[]) => {
        homes = kept;
      };
      await expect(ask(wide.ref, { homes, waited, confirm })).rejects.toThrow('are taken or waited for');
    };
    await claimOf(await single('held-on-one'));
    await asks(0);
    await expect(ask(await single('late-on-one'))).rejects.toThrow('are taken or waited for');
    const [home] = homes;
    onHost(wide.workDir, 'two');
    const held = await single('held-on-two');
    const { hostQueue: next } = await claimOf(held);
    await asks(60);
    expect(homes).toEqual([home]);
    const taken = await single('late-on-two');
    const claim = await claimOf(taken);
    await asks(901);
    expect(homes).toEqual([home, next]);
    await reapJob({ ...taken, claim });
    await expect(ask(await single('later-on-two'))).rejects.toThrow('are taken or waited for');
  });

  it('make a claim ask again soon when it is next, and later when others are before it', async () => {
    const delays: unknown[] = [];
    const { ref } = await job();
    await claimOf(ref);
    for (const key of ['held', 'next', 'second', 'third']) {
      const one = await jobOnDisk({ ...claims, key });
      if (key === 'held') await claimOf(one.ref);
      else delays.push(await ask(one.ref).catch(error => (error as ApplicationFailure).nextRetryDelay));
    }
    expect(delays).toEqual([1_000, 1_500, 2_000]);
  });

  it('that are all taken make a claim that is tried again, and says what is missing', async () => {
    const one = await job();
    const two = await jobOnDisk({ ...claims, resources: { tag: 'gpu', gpus: 2 }, key: 'k2' });
    await claimOf(one.ref);
    await expect(ask(two.ref)).rejects.toThrow(/^all devices of .* for tag gpu are taken or waited for$/);
    const three = await jobOnDisk({ ...claims, resources: { tag: 'gpu', gpus: 3 }, key: 'k3' });
    await expect(ask(three.ref)).rejects.toThrow('the job needs 3 GPUs at once');
  });

  it('of a job that found its result are not taken', async () => {
    const { ref, dir } = await job();
    const claim = await claimOf(ref);
    await attempt(training(5), ref, claim).done;
    await giveBack({ ...ref, claim }, dir);
    expect(await ask(ref)).toHaveProperty('done');
    expect(await renewDevices(dir)).toBe(0);
    await writeFile(join(dir, 'epoch-1', 'claim.json'), '{"tri');
    expect(await ask(ref)).toHaveProperty('done');
  });
});
