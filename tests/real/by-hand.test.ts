// Pause, stop, cancel, terminate, decisions and worker life, on a real server with real workers and a home that plays EasyAnimate.
import { mkdtempSync, rmSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { WorkflowFailedError } from '@temporalio/client';
import { CancelledFailure } from '@temporalio/common';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../../activities/runtime/paths.ts';
import type { JsonObject } from '../../plan/plan.ts';
import type { TrialProgress } from '../../plan/protocol.ts';
import { makeInputs, trialConfig } from '../soak/trials.ts';
import { type RealSandbox, startRealSandbox } from '../support/real-sandbox.ts';

const STEPS = 60;
/** A training waits here until its test opens the gate: what a test does to it never comes too late. */
const GATE_AT = 40;
/** The aim is 10 s; the rest is for a machine with other tests to run. */
const SOON_MS = 30_000;
let sandbox: RealSandbox;
let ledger: string;
beforeAll(async () => {
  ledger = mkdtempSync(join(tmpdir(), 'ledger-'));
  process.env.PLAY_LEDGER = ledger;
  process.env.PLAY_STEP_SECONDS = '0.1';
  process.env.PLAY_GATES = mkdtempSync(join(tmpdir(), 'gates-'));
  process.env.PLAY_GATE_AT = String(GATE_AT);
  sandbox = await startRealSandbox('light, gpu');
  await makeInputs(join(sandbox.folder, 'inputs'));
});
afterAll(async () => {
  await sandbox?.stop();
  for (const folder of [ledger, process.env.PLAY_GATES!]) rmSync(folder, { recursive: true, force: true });
});

type Job = JsonObject & { meta_name: string };

/** Writes a config that converts and trains, in a folder of its own; its path. */
async function configOf(name: string, seed: number, change: (jobs: Job[]) => void = () => {}): Promise<string> {
  const folder = join(sandbox.folder, name);
  await mkdir(folder, { recursive: true });
  const shape = { seed, steps: STEPS, checkpointEvery: 10 };
  const whole = trialConfig(join(sandbox.folder, 'inputs'), folder, join(folder, 'w'), shape);
  const jobs = (whole.execution_job_configs as Job[]).slice(0, 2);
  change(jobs);
  const { project_name, experiment_name, work_dir } = whole;
  const path = join(folder, 'sandbox.json');
  await writeFile(path, JSON.stringify({ project_name, experiment_name, work_dir, execution_job_configs: jobs }));
  return path;
}

async function start(name: string, seed: number): Promise<void> {
  const started = await sandbox.cli('run', '--config', await configOf(name, seed), '--id', name, '--detach');
  expect(started.stderr).toBe('');
}

/** Lets the trainings of a seed go on to their end. */
async function openGate(seed: number): Promise<void> {
  await writeFile(join(process.env.PLAY_GATES!, String(seed)), '');
}

const handleOf = (id: string) => sandbox.client.workflow.getHandle(id);

async function until(id: string, wanted: (progress: TrialProgress) => boolean): Promise<TrialProgress> {
  for (;;) {
    const progress = await handleOf(id)
      .query<TrialProgress>('progress')
      .catch(() => null);
    if (progress && wanted(progress)) return progress;
    await pause(100);
  }
}

interface Noted {
  event: string;
  step: number;
}

/** What the trainings of a trial's job have done. */
async function steps(id: string): Promise<Noted[]> {
  const { jobs } = await handleOf(id).query<TrialProgress>('progress');
  const key = jobs.find(job => job.activity === 'train.easyanimate')?.key;
  const text = await readFile(join(ledger, `${key}.jsonl`), 'utf8').catch(() => '');
  return text
    .split('\n')
    .filter(Boolean)
    .map(line => JSON.parse(line) as Noted);
}

async function atStep(id: string, step: number): Promise<void> {
  while (!(await steps(id).catch(() => [])).some(noted => noted.step >= step)) await pause(50);
}

const pause = (ms: number) => new Promise(resolve => setTimeout(resolve, ms));

/** Each step was done once, in order. */
function expectGapless(noted: Noted[]): void {
  expect(noted.filter(({ event }) => event === 'step').map(({ step }) => step)).toEqual(
    Array.from({ length: STEPS }, (_, i) => i + 1),
  );
}

/** Processes whose command line names the trial's folder. */
async function trainers(id: string): Promise<string[]> {
  const { stdout } = await execa('pgrep', ['-f', `train_lora.py.*${join(sandbox.folder, id)}/`], { reject: false });
  return stdout.split('\n').filter(Boolean);
}

async function deviceIsFree(): Promise<boolean> {
  const names = await readdir(join(sandbox.folder, 'state'), { recursive: true });
  const leases = names.filter(name => /leases.*\/cpu.*\.\d+$/.test(name));
  const newest = leases.sort((a, b) => Number(a.split('.').at(-1)) - Number(b.split('.').at(-1))).at(-1);
  return (
    (JSON.parse(await readFile(join(sandbox.folder, 'state', newest!), 'utf8')) as { holder: null }).holder === null
  );
}

/** Milliseconds until the trainer is gone and its device free. */
async function timeToFree(id: string): Promise<number> {
  const began = Date.now();
  while ((await trainers(id)).length > 0 || !(await deviceIsFree())) await pause(100);
  return Date.now() - began;
}

describe('by hand', () => {
  it('pause saves a checkpoint and frees the device; resume goes on at the next step', async () => {
    await start('paused', 1);
    await atStep('paused', 14);
    expect((await sandbox.cli('pause', 'paused')).exitCode).toBe(0);
    const paused = await until('paused', ({ state }) => state === 'paused');
    const { held } = paused.jobs[1]!;
    expect(held?.step).toBeGreaterThanOrEqual(14);
    expect(held?.checkpoint).toBe(`checkpoint-${held?.step}`);
    expect(await trainers('paused')).toEqual([]);
    expect(await deviceIsFree()).toBe(true);
    const status = await sandbox.cli('status', 'paused');
    expect(status.stdout).toContain(`at step ${held?.step} (checkpoint-${held?.step})`);
    await openGate(1);
    await sandbox.cli('resume', 'paused');
    expect(await handleOf('paused').result()).toMatchObject({ state: 'done', jobs: { run: 2 } });
    expectGapless(await steps('paused'));
  });

  it('stop saves a checkpoint and ends as stopped; the same config again goes on from there', async () => {
    await start('stopped', 2);
    await atStep('stopped', 14);
    await sandbox.cli('stop', 'stopped');
    expect(await handleOf('stopped').result()).toMatchObject({ state: 'stopped', jobs: { run: 1 } });
    expect(await trainers('stopped')).toEqual([]);
    expect(await deviceIsFree()).toBe(true);
    await openGate(2);
    const config = join(sandbox.folder, 'stopped', 'sandbox.json');
    await sandbox.cli('run', '--config', config, '--id', 'stopped-2', '--json');
    expect(await handleOf('stopped-2').result()).toMatchObject({ state: 'done', jobs: { run: 1, reused: 1 } });
    expectGapless(await steps('stopped-2'));
  });

  it("Temporal's own cancel ends the trainer and frees the device within seconds", async () => {
    await start('cancelled', 3);
    await atStep('cancelled', 5);
    await handleOf('cancelled').cancel();
    const took = await timeToFree('cancelled');
    console.log(`cancelled: trainer gone and device free after ${took} ms`);
    expect(took).toBeLessThan(SOON_MS);
    const error = await handleOf('cancelled')
      .result()
      .catch((thrown: unknown) => thrown);
    expect((error as WorkflowFailedError).cause).toBeInstanceOf(CancelledFailure);
  });

  it('terminate ends the trainer within a minute', async () => {
    await start('terminated', 4);
    await atStep('terminated', 5);
    await handleOf('terminated').terminate('a test');
    const took = await timeToFree('terminated');
    console.log(`terminated: trainer gone and device free after ${took} ms`);
    expect(took).toBeLessThan(60_000);
    expect((await steps('terminated')).at(-1)?.step).toBeLessThan(STEPS);
  });

  it('reset leaves the trainer alone: the new run of the trial adopts it, and no step is repeated', async () => {
    await start('reset', 5);
    await atStep('reset', 8);
    const handle = handleOf('reset');
    const { events = [] } = await handle.fetchHistory();
    // Before the training was scheduled, after it was claimed.
    const claim = events?.findIndex(
      event => event.activityTaskScheduledEventAttributes?.activityType?.name === 'claimJob',
    );
    const task = events?.slice(claim).find(event => event.workflowTaskCompletedEventAttributes);
    await sandbox.client.workflowService.resetWorkflowExecution({
      namespace: 'default',
      workflowExecution: { workflowId: 'reset' },
      workflowTaskFinishEventId: task!.eventId!,
      reason: 'a test',
      requestId: 'a-test',
    });
    await openGate(5);
    expect(await sandbox.client.workflow.getHandle('reset').result()).toMatchObject({ state: 'done' });
    expectGapless(await steps('reset'));
  });

  it('cancelled while its worker is deaf: the trial ends as cancelled, and the worker that wakes ends the trainer', async () => {
    await start('deaf', 6);
    await atStep('deaf', 5);
    const workers = await sandbox.workers('--tags');
    for (const pid of workers) process.kill(pid, 'SIGSTOP');
    try {
      await handleOf('deaf').cancel();
      for (;;) {
        const { events = [] } = await handleOf('deaf').fetchHistory();
        const names = events?.map(event => event.activityTaskScheduledEventAttributes?.activityType?.name);
        if (names?.includes('reapJob')) break;
        await pause(500);
      }
    } finally {
      for (const pid of workers) process.kill(pid, 'SIGCONT');
    }
    expect(await timeToFree('deaf')).toBeLessThan(SOON_MS);
    const error = await handleOf('deaf')
      .result()
      .catch((thrown: unknown) => thrown);
    expect((error as WorkflowFailedError).cause).toBeInstanceOf(CancelledFailure);
  }, 600_000);
});

describe('the pause of an activity in the Web UI', () => {
  it('leaves the trainer running unwatched, and the unpaused activity goes on with it', async () => {
    await start('unwatched', 11);
    await atStep('unwatched', 5);
    const { workflowService } = sandbox.client;
    const pending = async () => (await handleOf('unwatched').describe()).raw.pendingActivities?.[0];
    const activity = {
      namespace: 'default',
      execution: { workflowId: 'unwatched' },
      id: (await pending())!.activityId!,
    };
    await workflowService.pauseActivity({ ...activity, identity: 'a test' });
    while ((await pending())?.state === 2 || (await pending())?.state === 5) await pause(100);
    expect(await trainers('unwatched')).not.toEqual([]);
    await workflowService.unpauseActivity({ ...activity, identity: 'a test' });
    await openGate(11);
    expect(await handleOf('unwatched').result()).toMatchObject({ state: 'done' });
    expectGapless(await steps('unwatched'));
  });
});

describe('a job that failed and waits', () => {
  it('runs on with changed values: set, retry; and another is skipped', async () => {
    const inputs = join(sandbox.folder, 'inputs');
    await writeFile(join(inputs, 'texts.jsonl'), '{"text": "no video here", "videos": []}\n');
    const failing = (jobs: Job[]) => {
      (jobs[0]!.extra_configs as JsonObject).dataset_path = join(inputs, 'texts.jsonl');
      for (const job of jobs) job.on_failure = 'wait';
    };
    const config = await configOf('waits', 7, failing);
    await sandbox.cli('run', '--config', config, '--id', 'waits', '--detach');
    await until('waits', ({ state }) => state === 'waiting');
    expect((await sandbox.cli('status', 'waits')).stdout).toContain('dj-sandbox retry waits');
    await openGate(7);
    const wrong = await sandbox.cli('set', 'waits', 'convert.extra_configs.dataset_path=/nowhere.jsonl');
    expect(wrong.exitCode).toBe(2);
    expect(wrong.stderr).toContain('/nowhere.jsonl');
    const unknown = await sandbox.cli('retry', 'waits', '--job', 'nope');
    expect(unknown).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('job nope does not wait') });
    const set = await sandbox.cli('set', 'waits', `convert.extra_configs.dataset_path=${join(inputs, 'clips.jsonl')}`);
    expect(set).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('changed anonymous.1-convert') });
    expect((await sandbox.cli('retry', 'waits')).stdout).toContain('is tried again');
    expect(await handleOf('waits').result()).toMatchObject({ state: 'done', jobs: { run: 2 } });
    expect((await sandbox.cli('retry', 'waits')).stderr).toContain('has ended');

    const other = await configOf('skips', 8, failing);
    await sandbox.cli('run', '--config', other, '--id', 'skips', '--detach');
    await until('skips', ({ state }) => state === 'waiting');
    await sandbox.cli('skip', 'skips', '--job', 'convert');
    await until('skips', ({ jobs }) => jobs[0]?.state === 'skipped');
    await sandbox.cli('stop', 'skips');
    await handleOf('skips').result();
  });
});

describe('resume-from', () => {
  it('reuses what came before the job and runs it again though it was published', async () => {
    const again = await sandbox.cli('resume-from', 'paused', '--job', 'train', '--id', 'again', '--json');
    expect(again.stderr).not.toContain('dj-sandbox:');
    expect(again.exitCode).toBe(0);
    const { jobs } = await handleOf('again').query<TrialProgress>('progress');
    expect(jobs.map(({ state }) => state)).toEqual(['reused', 'done']);
    expectGapless(await steps('again'));
    const old = await handleOf('paused').query<TrialProgress>('progress');
    expect(jobs[1]?.key).not.toBe(old.jobs[1]?.key);
  });

  it('takes changed values, and what an earlier resume-from ran again counts as done', async () => {
    await openGate(99);
    const args = ['--job', 'train', '--set', 'train.extra_configs.train.training_config.seed=99'];
    expect((await sandbox.cli('resume-from', 'again', ...args, '--id', 'changed', '--json')).exitCode).toBe(0);
    const { jobs, set } = await handleOf('changed').query<TrialProgress>('progress');
    expect(jobs.map(({ state }) => state)).toEqual(['reused', 'done']);
    expect(Object.values(set)).toEqual([99]);
  });

  it('goes on from the checkpoint of a job that was stopped', async () => {
    await start('halfway', 12);
    await atStep('halfway', 14);
    await sandbox.cli('stop', 'halfway');
    await handleOf('halfway').result();
    await openGate(12);
    const on = await sandbox.cli('resume-from', 'halfway', '--job', 'train', '--id', 'halfway-2', '--json');
    expect(on.exitCode).toBe(0);
    expectGapless(await steps('halfway-2'));
  });

  it('names the jobs there are where it is given another', async () => {
    const wrong = await sandbox.cli('resume-from', 'again', '--job', 'trian');
    expect(wrong).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('did you mean') });
  });
});

describe('a worker that is told to stop', () => {
  it('leaves its trainer running, exits in seconds, and the next one goes on without losing a step', async () => {
    await start('handed', 10);
    await atStep('handed', 5);
    const [pid] = await sandbox.workers('--tags');
    const asked = Date.now();
    process.kill(pid!, 'SIGTERM');
    while ((await sandbox.workers('--tags')).includes(pid!)) await pause(50);
    const exited = Date.now() - asked;
    expect(await trainers('handed')).not.toEqual([]);
    for (;;) {
      const { raw } = await handleOf('handed').describe();
      const [activity] = raw.pendingActivities ?? [];
      if (!activity || ((activity.attempt ?? 1) > 1 && activity.state === 2)) break;
      await pause(100);
    }
    await openGate(10);
    console.log(`worker stopped: exited after ${exited} ms, next attempt after ${Date.now() - asked} ms`);
    expect(exited).toBeLessThan(SOON_MS);
    expect(await handleOf('handed').result()).toMatchObject({ state: 'done' });
    expectGapless(await steps('handed'));
  });

  it('with --drain waits for the end of the job that it runs', async () => {
    const config = await configOf('drained', 13, ([convert]) => {
      convert!.resources = { tag: 'light' };
    });
    const text = (await readFile(config, 'utf8')).replace(
      '"meta_name":"train"',
      '"meta_name":"train","resources":{"tag":"own","gpus":0}',
    );
    await writeFile(config, text);
    const main = join(packageRoot(), 'dist', 'client', 'main.js');
    // A state folder of its own makes it a host of its own.
    const env = { TEMPORAL_ADDRESS: sandbox.address, DJ_SANDBOX_STATE: join(sandbox.folder, 'state-of-own') };
    const worker = execa(process.execPath, [main, 'worker', '--tags', 'own', '--gpus', 'none', '--drain'], {
      env,
      forceKillAfterDelay: false,
    });
    await sandbox.cli('run', '--config', config, '--id', 'drained', '--detach');
    await atStep('drained', 5);
    worker.kill('SIGTERM');
    await openGate(13);
    expect((await worker).exitCode).toBe(0);
    expect((await steps('drained')).at(-1)).toMatchObject({ event: 'end' });
    expect(await handleOf('drained').result()).toMatchObject({ state: 'done' });
    expectGapless(await steps('drained'));
  });
});
