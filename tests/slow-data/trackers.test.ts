// A trial on a real server that real trackers follow; MLflow's own store; trackers that die, hang or find the disk full.
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { pythonFile, pythonOf } from '../../activities/runtime/paths.ts';
import type { Sent } from '../../activities/watch/senders.ts';
import type { Tracker } from '../../plan/watching.ts';
import { type RealSandbox, startRealSandbox } from '../support/real-sandbox.ts';
import { sendOnce, TrackedRun } from '../support/tracked-run.ts';
import { startWandBServer } from '../support/wandb-server.ts';

const NASTY = `<script>alert(1)</script> **b** "q" ' 🙂 ${'x'.repeat(2_000)}`;
const steps = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);

interface MLflowRun {
  experiment: string;
  name: string;
  id: string;
  status: string;
  metrics: Record<string, [number, unknown][]>;
  params: Record<string, string>;
  tags: Record<string, string>;
}
interface WandBRun {
  run: Record<string, string>;
  history: Record<string, unknown>[];
}

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

/** A sender as a worker starts it, whose answers the test reads. */
function senderOf(
  run: TrackedRun,
  env: Record<string, string> = {},
  program = pythonOf('trackers'),
  args: string[] = [],
) {
  const child: ChildProcess = spawn(program, [...args, pythonFile('trackers', 'main.py')], {
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
    detached: true,
  });
  const kill = () => {
    try {
      process.kill(-child.pid!, 'SIGKILL');
    } catch {
      // It has ended.
    }
  };
  ends.push(kill);
  const answers = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  child.stdin!.write(`${JSON.stringify({ folder: run.folder, ...run.followed.trackers[0] })}\n`);
  const until = async (fits: (sent: Sent) => boolean): Promise<Sent> => {
    for (;;) {
      const { value, done } = await answers.next();
      if (done) throw new Error('the sender ended');
      const sent = JSON.parse(value) as Sent;
      if (fits(sent)) return sent;
    }
  };
  return { child, until, kill };
}

describe('MLflow', () => {
  test('keeps each step once in its own store, NaN and infinities with it, under names of any kind', async () => {
    const run = await TrackedRun.make([{ type: 'mlflow' }], {
      project: NASTY,
      experiment: NASTY,
      meta: NASTY,
      id: NASTY,
    });
    run.begin(0);
    run.steps(0, 1, 40, { value: step => (step === 3 ? 'NaN' : step === 4 ? '-Infinity' : step) });
    expect(await sendOnce(run)).toMatchObject({ sent: 39, error: null });
    run.steps(0, 1, 60, { epoch: 2 });
    run.done(0, { score: 1 });
    run.end('failed');
    expect(await sendOnce(run)).toMatchObject({ sent: 61, done: true, error: null });
    const runs = await run.read<MLflowRun[]>('mlflow', `sqlite:///${run.workDir}/mlflow.db`);
    expect(runs).toHaveLength(1);
    expect(runs[0]!.status).toBe('FAILED');
    const name = Object.keys(runs[0]!.metrics).find(
      key => key.includes('script') && runs[0]!.metrics[key]!.length > 1,
    )!;
    expect(runs[0]!.metrics[name]!.map(([step]) => step)).toEqual(steps(1, 60));
    expect(runs[0]!.metrics[name]!.slice(2, 4).map(([, value]) => value)).toEqual(['NaN', expect.anything()]);
    expect(JSON.stringify(runs)).not.toContain('k-secret');
  });

  test('has trials of a sweep under one run, and after a death no step twice', async () => {
    const run = await TrackedRun.make([{ type: 'mlflow' }], { input: { sweep: { id: 's', trial: 2 } } });
    run.begin(0);
    run.steps(0, 1, 2_000);
    const sender = senderOf(run);
    await sender.until(({ sent = 0 }) => sent >= 500);
    sender.kill();
    run.done(0);
    run.end();
    expect(await sendOnce(run)).toMatchObject({ sent: 2_000, done: true, error: null });
    const runs = await run.read<MLflowRun[]>('mlflow', `sqlite:///${run.workDir}/mlflow.db`);
    const [child, parent] = [runs.find(({ name }) => name === 'e-2'), runs.find(({ name }) => name === 's')];
    expect(child!.tags['mlflow.parentRunId']).toBe(parent!.id);
    expect(child!.metrics['train.loss']!.map(([step]) => step)).toEqual(steps(1, 2_000));
  });
});

test('a sender of W&B that is killed again and again leaves no step out and none twice', async () => {
  const run = await TrackedRun.make([{ type: 'wandb', mode: 'offline' }]);
  run.begin(0);
  run.steps(0, 1, 5_000);
  for (const until of [500, 2_000, 3_500]) {
    const sender = senderOf(run);
    await sender.until(({ sent = 0 }) => sent >= until);
    sender.kill();
  }
  run.done(0);
  run.end();
  expect(await sendOnce(run)).toMatchObject({ sent: 5_000, done: true, error: null });
  const { history } = await run.read<WandBRun>('wandb', run.workDir, run.followed.key);
  expect(history.map(row => row['train.step'])).toEqual(steps(1, 5_000));
});

test('a run that W&B has as files is sent to its server once there is a key, and goes on there after a death without a step twice', async () => {
  const server = await startWandBServer();
  ends.push(server.close);
  const run = await TrackedRun.make([{ type: 'wandb', base_url: server.url }], {
    input: { sweep: { id: 's', trial: 1 } },
  });
  run.begin(0);
  run.steps(0, 1, 100);
  expect(await sendOnce(run)).toMatchObject({ sent: 99, error: null });
  expect(server.history).toEqual([]);
  const sender = senderOf(run, { WANDB_API_KEY: 'a'.repeat(40) });
  await expect.poll(() => server.history.length, { timeout: 120_000 }).toBeGreaterThan(0);
  sender.kill();
  run.steps(0, 101, 200);
  run.done(0);
  run.end();
  process.env['WANDB_API_KEY'] = 'a'.repeat(40);
  ends.push(() => delete process.env['WANDB_API_KEY']);
  expect(await sendOnce(run)).toMatchObject({ sent: 200, done: true, error: null });
  expect(server.history.map(row => row['train.step'])).toEqual(steps(1, 200));
  expect(server.history.map(row => row['_step'])).toEqual(steps(0, 199));
  expect(server.run).toMatchObject({ name: run.followed.key, project: 'p', groupName: 's', jobType: 'trial' });
});

test.each([[{ type: 'wandb', mode: 'online' }], [{ type: 'mlflow' }]] as Tracker[][])(
  '%j at a server that accepts and never answers fails in time, says so, and is sent later',
  async tracker => {
    const sockets = new Set<Socket>();
    const server = createServer(socket => void sockets.add(socket));
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    ends.push(() => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });
    const { port } = server.address() as { port: number };
    const url = `http://127.0.0.1:${port}`;
    const hanging = tracker.type === 'wandb' ? { ...tracker, base_url: url } : { ...tracker, uri: url };
    const run = await TrackedRun.make([hanging as Tracker]);
    run.begin(0);
    run.steps(0, 1, 10);
    const key = 'a'.repeat(40);
    const sender = senderOf(run, { WANDB_API_KEY: key });
    const { error } = await sender.until(sent => sent.error != null);
    expect(error).toBeTruthy();
    expect(error).not.toContain(key);
  },
);

test('a disk that is full fails the sending only; once there is room all is there, each step once', async context => {
  if (!existsSync('/usr/bin/prlimit')) return context.skip('there is no prlimit, which bounds the size of files');
  const run = await TrackedRun.make([{ type: 'tensorboard' }]);
  run.begin(0);
  run.steps(0, 1, 5_000);
  const sender = senderOf(run, {}, 'prlimit', ['--fsize=60000', pythonOf('trackers')]);
  const { error } = await sender.until(sent => sent.error != null);
  expect(error).toContain('OSError');
  sender.kill();
  run.done(0);
  run.end();
  expect(await sendOnce(run)).toMatchObject({ sent: 5_000, done: true, error: null });
  const { scalars } = await run.read<{ scalars: Record<string, [number, number][]> }>(
    'tensorboard',
    join(run.workDir, 'tensorboard', ...run.followed.place),
  );
  expect(scalars['train.loss']!.map(([step]) => step)).toEqual(steps(1, 5_000));
});

describe('a trial on a real server', () => {
  let sandbox: RealSandbox;
  let workDir: string;
  beforeAll(async () => {
    sandbox = await startRealSandbox('cpu');
    workDir = join(sandbox.folder, 'work');
    await mkdir(workDir);
    await writeFile(
      join(sandbox.folder, 'train.py'),
      'import os, sys\nfor step in range(1, 51):\n    print(f"step={step}/50 loss={1 / step}", flush=True)\nopen(os.path.join(sys.argv[1], "model"), "w").write("m")\n',
    );
    const told = join(sandbox.folder, 'told.jsonl');
    await writeFile(join(sandbox.folder, 'tell.sh'), `cat >> ${told}; echo >> ${told}\n`);
    await writeFile(
      join(sandbox.folder, 'sandbox.yaml'),
      `project_name: tracked
experiment_name: e
work_dir: ${workDir}
trackers: [{type: wandb, mode: offline}, tensorboard]
notify: [{command: [sh, ${sandbox.folder}/tell.sh], events: [running, target, done]}]
execution_job_configs:
  - hook: TrainModelHook
    meta_name: train
    output: model
    resources: {tag: cpu, gpus: 0}
    extra_configs: {type: command, argv: [python3, ${sandbox.folder}/train.py, '{output}'], log: key-value}
`,
    );
  });
  afterAll(() => sandbox?.stop());

  test('is at its trackers and has been told when it has ended; `sync` finds nothing missing', async () => {
    const started = await sandbox.cli('run', '--config', join(sandbox.folder, 'sandbox.yaml'), '--id', 'followed');
    expect(started.stderr).toBe('');
    expect(started.exitCode).toBe(0);
    const list = join(sandbox.folder, 'state', 'watch');
    // All has been told when the host has forgotten the run.
    await expect.poll(() => readdir(list), { timeout: 120_000, interval: 500 }).toEqual([]);
    const [key] = await readdir(join(workDir, 'trials', 'followed', 'watch'));
    const run = await TrackedRun.make([{ type: 'tensorboard' }]);
    const { history } = await run.read<WandBRun>('wandb', workDir, key!);
    expect(history.slice(0, 50).map(row => row['train.step'])).toEqual(steps(1, 50));
    expect(history.at(-1)).toHaveProperty(['train.last_loss']);
    const told = await readFile(join(sandbox.folder, 'told.jsonl'), 'utf8');
    expect(
      told
        .trim()
        .split('\n')
        .map(line => JSON.parse(line).what),
    ).toEqual(['running', 'done']);
    const synced = await sandbox.cli('sync', 'followed', '--work-dir', workDir);
    expect(synced.stdout).toMatch(/followed {2}wandb-\w+: has 51 rows\nfollowed {2}tensorboard: has 51 rows/);
    expect(synced.exitCode).toBe(0);
  });
});
