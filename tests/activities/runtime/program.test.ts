import { spawn } from 'node:child_process';
import { access, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { expect, onTestFinished, test } from 'vitest';
import { Cancelled, DetachedError, ProgramStopped, WorkerShutdown } from '../../../activities/runtime/end-reason.ts';
import { JobFailure } from '../../../activities/runtime/failure.ts';
import { bootId, bootNow, startOf } from '../../../activities/runtime/host-clock.ts';
import type { MetricsLine } from '../../../activities/runtime/metrics-follower.ts';
import { runProgram } from '../../../activities/runtime/program.ts';
import type { Progress } from '../../../activities/runtime/progress.ts';
import { listSupervised, noteProgram, stopAll } from '../../../activities/runtime/supervised.ts';
import { startSupervisor } from '../../../activities/runtime/supervisor-client.ts';
import { liveSupervisor } from '../../../activities/runtime/supervisor-files.ts';
import { cancelLater, options, runFolder, trainer, until } from './trainers.ts';

const metricsOf = async (dir: string): Promise<MetricsLine[]> =>
  (await readFile(join(dir, 'metrics.jsonl'), 'utf8'))
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line));

const failureOf = async (run: Promise<unknown>): Promise<JobFailure> => {
  const error = await run.then(
    () => null,
    thrown => thrown,
  );
  expect(error).toBeInstanceOf(JobFailure);
  return error;
};

const readJson = (path: string) => readFile(path, 'utf8').then(JSON.parse);
const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );

test('a program that ends well gives its exit code, its metrics and monotone progress', async () => {
  const dir = await runFolder();
  const seen: Omit<Progress, 'job'>[] = [];
  const end = await runProgram(trainer('bar.py', 20, 0.05, 10), {
    ...options(dir),
    onProgress: progress => seen.push(progress),
  });
  expect(end).toEqual({ code: 0, signal: null, log: join(dir, 'log-1.txt'), metrics: join(dir, 'metrics.jsonl') });
  const steps = seen.map(({ step }) => step ?? 0);
  expect(steps).toEqual([...steps].sort((a, b) => a - b));
  expect(seen.at(-1)).toMatchObject({
    step: 20,
    total: 20,
    loss: 0.05,
    lr: 2e-5,
    eta: 302,
    unit: 'step',
    checkpoint: 'checkpoint-20',
  });
  expect(seen.at(-1)?.speed).toBeCloseTo(1 / 3.44);
  expect(seen.at(-1)?.logOffset).toBeGreaterThan(1000);
  const steady = (await metricsOf(dir)).filter(line => line['step'] !== undefined);
  expect(steady.map(line => line['step'])).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
});

test('metrics carry offsets of the log that only grow, and point behind the line they were read from', async () => {
  const dir = await runFolder();
  await runProgram(trainer('bar.py', 5, 0.01), options(dir));
  const log = await readFile(join(dir, 'log.txt'));
  for (const line of await metricsOf(dir)) {
    const before = log
      .subarray(0, line.offset)
      .toString()
      .split(/[\r\n]/)
      .at(-1);
    expect(before).toContain(`| ${line['step']}/5 [`);
  }
});

test('a program that has ended is read, not run again', async () => {
  const dir = await runFolder();
  const first = await runProgram(trainer('bar.py', 3, 0.01), options(dir));
  const before = await readFile(join(dir, 'metrics.jsonl'), 'utf8');
  const seen: (number | undefined)[] = [];
  const again = await runProgram(trainer('bar.py', 3, 0.01), {
    ...options(dir),
    onProgress: ({ step }) => seen.push(step),
  });
  expect(again).toEqual(first);
  expect(seen.at(-1)).toBe(3);
  expect(await readFile(join(dir, 'metrics.jsonl'), 'utf8')).toBe(before);
});

test('a second program of the same job has a directory of its own', async () => {
  const dir = await runFolder();
  await runProgram(trainer('bar.py', 3, 0.01), options(dir));
  const second = await runProgram(trainer('bar.py', 4, 0.01), options(dir));
  expect(second.log).toBe(join(dir, 'program-2', 'log-1.txt'));
  expect((await runProgram(trainer('bar.py', 3, 0.01), options(dir))).log).toBe(join(dir, 'log-1.txt'));
});

test('detached and attached again while it runs: the same program goes on, no metrics line is doubled or lost', async () => {
  const dir = await runFolder();
  const gate = join(dir, 'gate');
  await writeFile(gate, '7');
  const spec = trainer('gated.py', 30, gate);
  const shutdown = new AbortController();
  const first = runProgram(spec, {
    ...options(dir, shutdown.signal),
    onProgress: ({ step }) => step === 7 && shutdown.abort(new WorkerShutdown()),
  });
  await expect(first).rejects.toThrow(DetachedError);
  const supervisor = await liveSupervisor(dir);
  await writeFile(gate, '13');
  await until(async () => (await metricsOf(dir)).at(-1)?.['step'] === 13);
  const steps: number[] = [];
  const attached = until(() => steps.at(-1) === 13).then(() => writeFile(gate, '30'));
  await runProgram(spec, { ...options(dir), epoch: 2, onProgress: ({ step }) => step && steps.push(step) });
  await attached;
  expect((await readJson(join(dir, 'supervisor.json'))).trainer).toEqual(supervisor?.trainer);
  expect((await metricsOf(dir)).map(line => line['step'])).toEqual(Array.from({ length: 30 }, (_, i) => i + 1));
  expect(steps).toEqual([...steps].sort((a, b) => a - b));
  expect((await readJson(join(dir, 'exit.json'))).epoch).toBe(2);
});

test('two runs that start at once share one program', async () => {
  const dir = await runFolder();
  const spec = trainer('bar.py', 10, 0.05);
  const ends = await Promise.all([
    runProgram(spec, options(dir)),
    runProgram(spec, options(dir)),
    runProgram(spec, options(dir)),
  ]);
  expect(new Set(ends.map(end => end.log))).toEqual(new Set([join(dir, 'log-1.txt')]));
  expect((await metricsOf(dir)).length).toBe(10);
});

test('cancelled: program, TERM-ignoring grandchild in its own session and all are gone when it has ended', async () => {
  const dir = await runFolder();
  const { signal, cancel } = cancelLater();
  const run = runProgram(trainer('stubborn.py', join(dir, 'pids')), options(dir, signal));
  run.catch(() => {});
  const pids = (await until(() => readFile(join(dir, 'pids'), 'utf8').catch(() => null))).split(' ').map(Number);
  expect(await Promise.all(pids.map(startOf))).toEqual([expect.any(Number), expect.any(Number)]);
  cancel();
  await expect(run).rejects.toThrow(Cancelled);
  expect(await Promise.all(pids.map(startOf))).toEqual([null, null]);
  expect(await readJson(join(dir, 'exit.json'))).toMatchObject({
    why: 'stopped',
    final: false,
    signal: 'SIGKILL',
    left: [],
  });
});

test('cancelled, a program that heeds TERM is gone at once, and a later run starts it anew in a log of its own', async () => {
  const dir = await runFolder();
  const gate = join(dir, 'gate');
  await writeFile(gate, '2');
  const spec = trainer('gated.py', 4, gate);
  const { signal, cancel } = cancelLater();
  const run = runProgram(spec, {
    ...options(dir, signal),
    onProgress: ({ step }) => {
      if (step === 2) cancel();
    },
  });
  await expect(run).rejects.toThrow(Cancelled);
  expect(await readJson(join(dir, 'exit.json'))).toMatchObject({ why: 'stopped', signal: 'SIGTERM' });
  expect(await liveSupervisor(dir)).toBeNull();
  await writeFile(gate, '4');
  expect((await runProgram(spec, options(dir))).log).toBe(join(dir, 'log-2.txt'));
  expect((await metricsOf(dir)).map(line => [line.segment, line['step']])).toEqual([
    [1, 1],
    [1, 2],
    [2, 1],
    [2, 2],
    [2, 3],
    [2, 4],
  ]);
});

test('cancelled after its supervisor was killed: the orphan is ended too', async () => {
  const dir = await runFolder();
  const { signal, cancel } = cancelLater();
  const run = runProgram(trainer('stubborn.py', join(dir, 'pids')), options(dir, signal));
  run.catch(() => {});
  const pids = (await until(() => readFile(join(dir, 'pids'), 'utf8').catch(() => null))).split(' ').map(Number);
  process.kill((await until(() => liveSupervisor(dir))).pid, 'SIGKILL');
  cancel();
  await expect(run).rejects.toThrow(Cancelled);
  expect(await Promise.all(pids.map(startOf))).toEqual([null, null]);
});

test('its supervisor killed: a new one ends the orphan, writes what was not yet written, and runs the program again', async () => {
  const dir = await runFolder();
  const gate = join(dir, 'gate');
  await writeFile(gate, '3');
  const spec = trainer('gated.py', 5, gate);
  const run = runProgram(spec, options(dir));
  const first = await until(() => liveSupervisor(dir));
  await until(async () => (await metricsOf(dir).catch(() => [])).length === 3);
  process.kill(first.pid, 'SIGSTOP');
  await writeFile(gate, '4');
  await until(async () => (await readFile(join(dir, 'log-1.txt'), 'utf8')).includes('| 4/5 ['));
  process.kill(first.pid, 'SIGKILL');
  const second = await until(async () => {
    const live = await liveSupervisor(dir);
    return live?.segment === 2 && live;
  });
  expect(await startOf(first.trainer!.pid)).toBeNull();
  await writeFile(gate, '5');
  await run;
  expect(second.trainer!.pid).not.toBe(first.trainer!.pid);
  const lines = (await metricsOf(dir)).map(line => `${line.segment}:${line['step']}`);
  expect(lines).toEqual(['1:1', '1:2', '1:3', '1:4', '2:1', '2:2', '2:3', '2:4', '2:5']);
});

test('a supervisor that dies again and again without progress fails the job with its last words', async () => {
  const dir = await runFolder();
  await mkdir(join(dir, 'metrics.jsonl'));
  const failure = await failureOf(runProgram(trainer('bar.py', 3, 0.01), options(dir)));
  expect(failure.message).toMatch(/^the program's supervisor died 3 times without progress: .*Is a directory/);
});

test('exit code 1: says the exception, which environment lacks what, and quotes the log', async () => {
  const dir = await runFolder();
  const failure = await failureOf(runProgram(trainer('missing-module.py'), options(dir)));
  expect(failure.message).toBe(
    "missing-module.py exited with code 1; ModuleNotFoundError: No module named 'a_package_that_nobody_has'; the Python environment of python3 lacks the package a_package_that_nobody_has: install it there, or name an environment that has it",
  );
  expect(failure.logTail[0]).toBe('loading the model');
  expect(failure.logTail.length).toBeLessThanOrEqual(20);
});

test('a failure is told once: the next run of the job runs the program again', async () => {
  const dir = await runFolder();
  await failureOf(runProgram(trainer('missing-module.py'), options(dir)));
  await failureOf(runProgram(trainer('missing-module.py'), options(dir)));
  expect(await exists(join(dir, 'log-2.txt'))).toBe(true);
});

test('killed by signal 9: names the signal and the likely cause', async () => {
  const dir = await runFolder();
  const failure = await failureOf(runProgram(trainer('out-of-memory.sh'), options(dir)));
  expect(failure.message).toMatch(/^out-of-memory.sh was killed by SIGKILL; most likely the host ran out of memory/);
  expect(failure.logTail).toEqual(['loading shards']);
});

test('a NaN loss ends the program as failed, saying at which step', async () => {
  const dir = await runFolder();
  const failure = await failureOf(runProgram(trainer('nan.py'), options(dir)));
  expect(failure.message).toMatch(/^nan.py was ended because its loss is NaN at step 3: lower the learning rate/);
  expect(failure.logTail.at(-1)).toContain('step_loss=nan');
  expect(await liveSupervisor(dir)).toBeNull();
});

test.each([
  [['/nowhere/trainer'], '/', 'cannot start /nowhere/trainer: there is no such program'],
  [['/etc/passwd'], '/', 'cannot start /etc/passwd: it is not executable'],
  [['sh'], '/nowhere', 'cannot start sh: its working directory /nowhere does not exist'],
])('a program that cannot start says why: %j in %s', async (argv, cwd, message) => {
  const dir = await runFolder();
  const failure = await failureOf(runProgram({ argv, cwd, env: {}, patterns: [] }, options(dir)));
  expect(failure.message).toBe(message);
});

test('the disk full when metrics are to be written: the program is ended and the job fails with the reason', async () => {
  const dir = await runFolder();
  await symlink('/dev/full', join(dir, 'metrics.jsonl'));
  const failure = await failureOf(runProgram(trainer('bar.py', 1000, 0.05), options(dir)));
  expect(failure.message).toBe(
    `bar.py was ended because its supervisor cannot write to ${dir}: No space left on device; the disk is full: free space where the job writes (it ran in ${dir}), then start it again`,
  );
  expect(await liveSupervisor(dir)).toBeNull();
});

test('a child that is left behind is ended when the program has ended', async () => {
  const dir = await runFolder();
  await runProgram(trainer('leaves-child.sh', join(dir, 'pid')), options(dir));
  expect(await startOf(Number(await readFile(join(dir, 'pid'), 'utf8')))).toBeNull();
});

test('a flood of 150 MB and a line of 30 MB are read past, in little memory', async () => {
  const dir = await runFolder();
  let peakKb = 0;
  const run = runProgram(trainer('flood.py', 150), {
    ...options(dir),
    onProgress: async () => {
      const live = await liveSupervisor(dir);
      const status = live ? await readFile(`/proc/${live.pid}/status`, 'utf8').catch(() => '') : '';
      peakKb = Math.max(peakKb, Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0));
    },
  });
  await run;
  expect((await metricsOf(dir)).map(line => line['step'])).toEqual(Array.from({ length: 15 }, (_, i) => i + 1));
  expect(peakKb).toBeLessThan(64 * 1024);
});

test('the program sees leased devices, no secrets of the worker, and writes unbuffered', async () => {
  const dir = await runFolder();
  process.env.TEMPORAL_API_KEY = 'secret';
  const spec = { ...trainer('environment.py', join(dir, 'env.json')), env: { WANDB_MODE: 'offline' } };
  await runProgram(spec, { ...options(dir), devices: ['GPU-1', 'GPU-2'] }).finally(
    () => delete process.env.TEMPORAL_API_KEY,
  );
  const env = await readJson(join(dir, 'env.json'));
  expect(env).toMatchObject({ CUDA_VISIBLE_DEVICES: 'GPU-1,GPU-2', PYTHONUNBUFFERED: '1', WANDB_MODE: 'offline' });
  expect(JSON.stringify(env)).not.toContain('secret');
});

test('a pid of a foreign process in supervisor.json, and a lock file that nobody holds, are not trusted', async () => {
  const dir = await runFolder();
  const foreign = spawn('sleep', ['60']);
  const record = {
    pid: foreign.pid,
    start: 1,
    boot: await bootId(),
    epoch: 1,
    segment: 1,
    protocol: 1,
    trainer: { pid: foreign.pid, start: 1 },
  };
  await writeFile(join(dir, 'supervisor.json'), JSON.stringify(record));
  await writeFile(join(dir, 'lock'), String(foreign.pid));
  await runProgram(trainer('bar.py', 2, 0.01), options(dir));
  expect(foreign.exitCode).toBeNull();
  foreign.kill();
});

test('a supervisor of a protocol that this worker does not speak is left alone, counts as running, and the way out is said', async () => {
  const dir = await runFolder();
  const later = spawn('sleep', ['60']);
  onTestFinished(() => void later.kill());
  const { pid = 0 } = later;
  const record = { pid, start: await startOf(pid), boot: await bootId(), epoch: 1, segment: 1, protocol: 2 };
  await writeFile(join(dir, 'supervisor.json'), JSON.stringify(record));
  await noteProgram(dir, ['a program']);
  const run = runProgram(trainer('bar.py', 2, 0.01), options(dir));
  await expect(run).rejects.toThrow(
    `runs under a supervisor of protocol 2, this worker speaks 1: start a worker of the supervisor's version here, or end the program with \`kill ${pid}\``,
  );
  expect(later.exitCode).toBeNull();
  expect(await listSupervised()).toMatchObject([{ dir }]);
});

test('a supervisor newer than the worker that starts it, as after a package was replaced under it, says to start the worker again', async () => {
  const dir = await runFolder();
  await mkdir(join(dir, 'ctl'));
  await writeFile(join(dir, 'spec.json'), JSON.stringify({ ...trainer('bar.py', 2, 0.01), protocol: 0 }));
  const supervisor = resolve('python', 'supervisor', 'supervisor.py');
  const started = await execa('python3', [supervisor, dir, '1', '60', String(bootNow())], { reject: false });
  expect(started).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('start the worker again') });
  expect(await exists(join(dir, 'log-1.txt'))).toBe(false);
});

test('the same process id and start time in another boot are not trusted', async () => {
  const dir = await runFolder();
  const record = {
    pid: process.pid,
    start: await startOf(process.pid),
    boot: 'another',
    epoch: 1,
    segment: 1,
    protocol: 1,
  };
  await writeFile(join(dir, 'supervisor.json'), JSON.stringify(record));
  expect(await liveSupervisor(dir)).toBeNull();
});

test('nobody renews for the grace time: the supervisor ends the program by itself', async () => {
  const dir = await runFolder();
  const renewals = { left: 1 };
  const renew = async () => {
    renewals.left -= 1;
    if (renewals.left < 0) throw new Error('the server cannot be reached');
  };
  const run = runProgram(trainer('bar.py', 1000, 0.1), { ...options(dir), renew, graceMs: 2_000 });
  await expect(run).rejects.toThrow(ProgramStopped);
  await expect(run).rejects.toThrow(/no worker renewed its claim for 2 s, longer than host_grace/);
});

test('the server cannot be reached when the program is to start: it starts when it can', async () => {
  const dir = await runFolder();
  const asked = { times: 0 };
  const renew = async () => {
    asked.times += 1;
    if (asked.times < 2) throw new Error('the server cannot be reached');
  };
  const end = await runProgram(trainer('bar.py', 2, 0.01), { ...options(dir), renew });
  expect([end.code, asked.times]).toEqual([0, 2]);
});

test('a renewal that is too old starts nothing', async () => {
  const dir = await runFolder();
  await writeFile(join(dir, 'spec.json'), JSON.stringify(trainer('bar.py', 2, 0.01)));
  await expect(startSupervisor(dir, 1, 5_000, bootNow() - 6)).rejects.toThrow('must be claimed again');
  expect(await exists(join(dir, 'log-1.txt'))).toBe(false);
});

test('an older epoch gives way to a newer one that has the program', async () => {
  const dir = await runFolder();
  const shutdown = new AbortController();
  const spec = trainer('bar.py', 1000, 0.05);
  const onProgress = ({ step = 0 }) => step > 1 && shutdown.abort(new WorkerShutdown());
  await expect(runProgram(spec, { ...options(dir, shutdown.signal), epoch: 5, onProgress })).rejects.toThrow(
    DetachedError,
  );
  await expect(runProgram(spec, { ...options(dir), epoch: 4 })).rejects.toThrow('a newer run has the program');
  expect(await liveSupervisor(dir)).not.toBeNull();
});

test('a run without any progress says its phase, and one cancelled before it began starts nothing', async () => {
  const dir = await runFolder();
  const { signal, cancel } = cancelLater();
  cancel();
  await expect(runProgram(trainer('bar.py', 3, 0.01), options(dir, signal))).rejects.toThrow(Cancelled);
  expect(await exists(join(dir, 'log-1.txt'))).toBe(false);
  const seen: object[] = [];
  await runProgram(
    { ...trainer('bar.py', 3, 0.01), phase: 'training', total: 3 },
    { ...options(dir), onProgress: one => seen.push(one) },
  );
  expect(seen[0]).toEqual({ phase: 'training', total: 3, unit: 'step' });
});

test('what runs on this host can be listed, and all of it ended', async () => {
  const dir = await runFolder();
  const shutdown = new AbortController();
  const onProgress = ({ step = 0 }) => step > 1 && shutdown.abort(new WorkerShutdown());
  const spec = trainer('bar.py', 1000, 0.05);
  await expect(runProgram(spec, { ...options(dir, shutdown.signal), onProgress })).rejects.toThrow(DetachedError);
  const [listed] = await listSupervised();
  expect(listed).toMatchObject({ dir, argv: spec.argv });
  expect(await stopAll({ under: join(dir, 'elsewhere') })).toEqual([]);
  expect((await stopAll()).map(one => one.dir)).toEqual([dir]);
  expect(await startOf(listed!.supervisor.trainer!.pid)).toBeNull();
  expect(await listSupervised()).toEqual([]);
});

test('a directory that is removed takes its program with it', async () => {
  const dir = await runFolder();
  const shutdown = new AbortController();
  const onProgress = ({ step = 0 }) => step > 1 && shutdown.abort(new WorkerShutdown());
  await expect(
    runProgram(trainer('bar.py', 1000, 0.05), { ...options(dir, shutdown.signal), onProgress }),
  ).rejects.toThrow(DetachedError);
  const { trainer: child } = (await liveSupervisor(dir))!;
  await rm(dir, { recursive: true, maxRetries: 50, retryDelay: 20 });
  await until(async () => (await startOf(child!.pid)) === null);
});
