import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Context } from '@temporalio/activity';
import type { WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure, type Priority } from '@temporalio/common';
import { NativeConnection, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, beforeEach, expect, it, onTestFinished } from 'vitest';
import { attemptOf, type ClaimAttempt } from '../../activities/host/claim-attempt.ts';
import { startOf } from '../../activities/runtime/host-clock.ts';
import { packageRoot } from '../../activities/runtime/paths.ts';
import type { ProgramSpec } from '../../activities/runtime/program-spec.ts';
import { stopAll } from '../../activities/runtime/supervised.ts';
import { liveSupervisor } from '../../activities/runtime/supervisor-files.ts';
import type { Manifest } from '../../plan/manifest.ts';
import type { JsonObject } from '../../plan/plan.ts';
import { type ClaimResult, FAILURES, type JobRef } from '../../plan/protocol.ts';
import { HOME, makeInputs, trialConfig } from '../soak/trials.ts';
import { type RealSandbox, startRealSandbox } from '../support/real-sandbox.ts';

/** A training waits here until its test opens the gate: what a test does to it never comes too late. */
const GATE_AT = 60;
/** Of a second try: it finds the hosts and trials of the first. */
let again = '';
beforeEach(async ({ task }) => {
  again = task.result?.retryCount ? `-${task.result.retryCount}` : '';
  for (const gate of await readdir(process.env.PLAY_GATES!)) await rm(join(process.env.PLAY_GATES!, gate));
});
let sandbox: RealSandbox;
const states = new Set<string>();

beforeAll(async () => {
  process.env.PLAY_GATES = mkdtempSync(join(tmpdir(), 'gates-'));
  process.env.PLAY_GATE_AT = String(GATE_AT);
  sandbox = await startRealSandbox('light');
  await makeInputs(join(sandbox.folder, 'inputs'));
  const bin = join(sandbox.folder, 'bin');
  await mkdir(bin);
  await writeFile(join(bin, 'nvidia-smi'), '#!/bin/sh\nprintf "GPU-aaa\\nGPU-bbb\\n"\n', { mode: 0o755 });
});
afterAll(async () => {
  for (const state of states) await stopAll({ state });
  await sandbox?.stop();
  rmSync(process.env.PLAY_GATES!, { recursive: true, force: true });
});

interface HostWorker {
  process: ChildProcess;
  output: () => string;
}

/** A worker process for GPU jobs on the host whose state folder is `host`. */
async function worker(host: string, gpus = '0,1'): Promise<HostWorker> {
  const state = join(sandbox.folder, host + again);
  states.add(state);
  const main = join(packageRoot(), 'dist', 'client', 'main.js');
  const child = spawn(process.execPath, [main, 'worker', '--tags', 'gpu', '--gpus', gpus], {
    env: {
      ...process.env,
      TEMPORAL_ADDRESS: sandbox.address,
      DJ_SANDBOX_STATE: state,
      PATH: `${join(sandbox.folder, 'bin')}:${process.env.PATH}`,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let output = '';
  child.stdout!.on('data', (piece: Buffer) => {
    output += piece.toString();
  });
  await until(() => output.includes('leases'));
  return { process: child, output: () => output };
}

/** A trial that trains: a step is 0.1 s, with a checkpoint every 5. */
async function train(
  name: string,
  steps: number,
  durability: JsonObject,
  { resources, priority }: { resources?: JsonObject; priority?: Priority } = {},
): Promise<WorkflowHandle> {
  const id = name + again;
  const at = (path: string) => join(sandbox.folder, path);
  const shape = { seed: steps, steps, checkpointEvery: 5 };
  const whole = trialConfig(at('inputs'), at(id), at(`work-${id}`), shape);
  const [convert, training] = whole['execution_job_configs'] as JsonObject[];
  const extra = training!['extra_configs'] as JsonObject;
  const launcher = { python: join(HOME, 'python'), args: ['--step_seconds=0.1'] };
  const jobs = [convert!, { ...training!, ...(resources && { resources }), extra_configs: { ...extra, launcher } }];
  const config = { ...whole, execution_job_configs: jobs, evaluation_job_configs: [], durability };
  return await sandbox.client.workflow.start('sandboxTrial', {
    taskQueue: 'sandbox',
    workflowId: id,
    ...(priority && { priority }),
    args: [{ config, baseDir: sandbox.folder }],
  });
}

/** Lets the trainings of so many steps go on to their end. */
async function openGate(steps: number): Promise<void> {
  await writeFile(join(process.env.PLAY_GATES!, String(steps)), '');
}

async function until<T>(found: () => Promise<T | null | false> | T | null | false): Promise<T> {
  for (;;) {
    const value = await found();
    if (value) return value;
    await new Promise(resolve => setTimeout(resolve, 50));
  }
}

/** The training's folder, as soon as it has done so many steps. */
async function trained(id: string, steps: number): Promise<string> {
  const jobs = join(sandbox.folder, `work-${id}${again}`, 'jobs');
  return await until(async () => {
    for (const key of await readdir(jobs).catch(() => [])) {
      if (((await stepsIn(join(jobs, key, 'epoch-1'))).at(-1) ?? 0) >= steps) return join(jobs, key);
    }
    return null;
  });
}

/** Steps by what a run's metrics say, from one of its segments on: those of earlier runs are carried over. */
async function stepsIn(folder: string, segment = 1): Promise<number[]> {
  const text = await readFile(join(folder, 'metrics.jsonl'), 'utf8').catch(() => '');
  const lines = text.split('\n').filter(Boolean);
  const parsed = lines.map(line => JSON.parse(line) as { step?: number; segment: number });
  return parsed.flatMap(line => (line.step && line.segment >= segment ? [line.step] : []));
}

const json = async <T>(...path: string[]) => JSON.parse(await readFile(join(...path), 'utf8')) as T;
const upTo = (last: number, first = 1) => Array.from({ length: last - first + 1 }, (_, i) => first + i);
const distinct = (steps: number[]) => [...new Set(steps)];

it('a worker that ends leaves its trainer to another of its host, which is told that they share its GPUs: no step is lost', async () => {
  const first = await worker('host-a');
  expect(first.output()).toContain('leases GPU-aaa, GPU-bbb');
  const handle = await train('deployed', 150, {});
  const job = await trained('deployed', 10);
  const second = await worker('host-a', '0,GPU-bbb');
  expect(second.output()).toContain(
    `the worker with process id ${first.process.pid} offers GPU-aaa, GPU-bbb too: they share, one job a GPU`,
  );
  const asked = Date.now();
  first.process.kill('SIGTERM');
  await once(first.process, 'exit');
  expect(Date.now() - asked).toBeLessThan(30_000);
  await openGate(150);
  expect(await handle.result()).toMatchObject({ state: 'done' });
  expect(distinct(await stepsIn(join(job, 'epoch-1')))).toEqual(upTo(150));
  expect((await readdir(job)).filter(name => /^(epoch-|log-)/.test(name))).toEqual(['epoch-1']);
  expect((await json<ProgramSpec>(job, 'epoch-1', 'spec.json')).env['CUDA_VISIBLE_DEVICES']).toBe('GPU-aaa');
}, 600_000);

it('a host that is away longer than host_grace: its trainer ends itself, the next host goes on from the newest checkpoint, and the first, awake again, changes nothing', async () => {
  const first = await worker('host-b');
  const handle = await train('moved', 120, { host_grace: '4s' });
  const job = await trained('moved', 12);
  const { trainer } = await until(() => liveSupervisor(join(job, 'epoch-1')));
  const second = await worker('host-c');
  first.process.kill('SIGSTOP');
  await until(async () => (await startOf(trainer!.pid)) === null);
  await until(async () => (await stepsIn(join(job, 'epoch-2'), 2)).length > 0);
  const before = distinct(await stepsIn(join(job, 'epoch-1')));
  const newest = 5 * Math.floor(before.at(-1)! / 5);
  first.process.kill('SIGCONT');
  await openGate(120);
  expect(await handle.result()).toMatchObject({ state: 'done' });
  const [from = 0] = await stepsIn(join(job, 'epoch-2'), 2);
  expect(from).toBeGreaterThanOrEqual(newest - 5);
  expect(from).toBeLessThanOrEqual(newest + 1);
  expect(distinct(await stepsIn(join(job, 'epoch-2'), 2))).toEqual(upTo(120, from));
  expect(distinct(await stepsIn(join(job, 'epoch-1')))).toEqual(before);
  expect((await json<Manifest>(job, 'manifest.json')).epoch).toBe(2);
  expect((await readdir(job)).filter(name => name.startsWith('epoch-'))).toEqual(['epoch-1', 'epoch-2']);
  expect(first.process.exitCode).toBeNull();
  expect(second.process.exitCode).toBeNull();
}, 600_000);

it('a worker that starts ends at once what a trial has left that ended while no worker of the host lived, and only that', async () => {
  const first = await worker('host-d');
  const [ended, open] = [await train('forgotten', 80, {}), await train('kept', 81, {})];
  const jobs = [await trained('forgotten', 10), await trained('kept', 10)];
  const [lost, kept] = await Promise.all(
    jobs.map(job => until(async () => (await liveSupervisor(join(job, 'epoch-1')))?.trainer ?? null)),
  );
  first.process.kill('SIGKILL');
  await once(first.process, 'exit');
  await ended.terminate('a test');
  const next = await worker('host-d');
  expect(await startOf(lost!.pid)).toBeNull();
  expect(next.output()).toContain(`ended what trial forgotten${again} had left running in`);
  expect(next.output()).not.toContain('trial kept');
  expect(await startOf(kept!.pid)).toBe(kept!.start);
  await openGate(81);
  expect(await open.result()).toMatchObject({ state: 'done' });
  expect(distinct(await stepsIn(join(jobs[1]!, 'epoch-1')))).toEqual(upTo(81));
  const state = join(sandbox.folder, `host-d${again}`);
  const leases = (await readdir(state, { recursive: true })).filter(name => /leases.*\.\d+$/.test(name));
  expect(leases).toHaveLength(2);
  for (const name of leases) expect(await json<{ holder: string | null }>(state, name)).toMatchObject({ holder: null });
}, 600_000);

it("a claim is told its trial's turn, and what one attempt keeps the next one knows", async () => {
  const attempts: ClaimAttempt[] = [];
  const claimJob = async (ref: JobRef): Promise<ClaimResult> => {
    const attempt = attemptOf(Context.current().info, ref.trial.id, sandbox.client);
    attempts.push({ ...attempt });
    if (attempts.length === 3)
      return { done: { job: ref.job, key: '', reused: true, seconds: 0, results: {}, metrics: {}, notes: [] } };
    await attempt.confirm([...attempt.homes, `host-${attempts.length}`]);
    throw ApplicationFailure.create({ type: FAILURES.busy, nextRetryDelay: 100 });
  };
  const connection = await NativeConnection.connect({ address: sandbox.address });
  const worker = await Worker.create({ connection, taskQueue: 'turns', activities: { claimJob } });
  const priority = { priorityKey: 2, fairnessKey: 'a sweep', fairnessWeight: 2.5 };
  const handle = await train('turn', 5, {}, { resources: { tag: 'turns', gpus: 2 }, priority });
  await worker.runUntil(handle.result());
  await connection.close();
  expect(attempts.map(attempt => attempt.homes)).toEqual([[], ['host-1'], ['host-1', 'host-2']]);
  for (const { turn } of attempts) expect(turn).toEqual({ priority: 2, key: 'a sweep', weight: 2.5 });
  expect(attempts[2]!.waited).toBeGreaterThan(0.1);
}, 600_000);
