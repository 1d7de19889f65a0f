import { spawn } from 'node:child_process';
import { appendFile, copyFile, mkdir, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { ProgramStopped } from '../../../activities/runtime/end-reason.ts';
import { bootId, bootNow, startOf } from '../../../activities/runtime/host-clock.ts';
import { MetricsFollower, type MetricsLine } from '../../../activities/runtime/metrics-follower.ts';
import { runProgram } from '../../../activities/runtime/program.ts';
import { ProgressMeter } from '../../../activities/runtime/progress-meter.ts';
import { stopProgram } from '../../../activities/runtime/supervisor-client.ts';
import { liveSupervisor } from '../../../activities/runtime/supervisor-files.ts';
import { options, runFolder, trainer, until } from './trainers.ts';

const metricsOf = (dir: string): Promise<MetricsLine[]> => new MetricsFollower(join(dir, 'metrics.jsonl')).read();
const stepsOf = async (dir: string) => (await metricsOf(dir)).map(line => line['step']);
const upTo = (last: number) => Array.from({ length: last }, (_, i) => i + 1);

/** A trainer that draws steps up to the number in a file; `to` raises it and waits until that step is in the metrics. */
async function gated(steps: number) {
  const dir = await runFolder();
  const gate = join(dir, 'gate');
  await writeFile(gate, '0');
  const seen: (number | undefined)[] = [];
  const onProgress = ({ step }: { step?: number }) => seen.push(step);
  const run = runProgram(trainer('gated.py', steps, gate), { ...options(dir), onProgress });
  const open = (step: number) => writeFile(gate, String(step));
  const to = async (step: number) => {
    await open(step);
    await until(async () => (await stepsOf(dir)).at(-1) === step);
  };
  return { dir, run, to, open, seen };
}

test('metrics emptied, cut in the middle of a line, or deleted while the program runs: all lines are there again', async () => {
  const { dir, run, to, seen } = await gated(20);
  const file = join(dir, 'metrics.jsonl');
  await to(5);
  await truncate(file, 0);
  await to(9);
  expect(await stepsOf(dir)).toEqual(upTo(9));
  await truncate(file, 150);
  await to(13);
  expect(await stepsOf(dir)).toEqual(upTo(13));
  await rm(file);
  await to(20);
  await run;
  expect(await stepsOf(dir)).toEqual(upTo(20));
  expect(seen.at(-1)).toBe(20);
});

test('metrics cut while nothing runs, and with lines that are none of ours at their end: what the log has is written again', async () => {
  const { dir, to, run } = await gated(20);
  run.catch(() => {});
  await to(5);
  process.kill((await liveSupervisor(dir))!.pid, 'SIGSTOP');
  await truncate(join(dir, 'metrics.jsonl'), 100);
  await appendFile(join(dir, 'metrics.jsonl'), '\n\0\0garbage\n{"segment": "one"}\n');
  process.kill((await liveSupervisor(dir))!.pid, 'SIGKILL');
  await until(
    async () => (await metricsOf(dir)).filter(line => line.segment === 1 && line['step'] !== undefined).length === 5,
  );
  await writeFile(join(dir, 'gate'), '20');
  await run;
  const lines = await metricsOf(dir);
  expect(lines.filter(line => line.segment === 1).map(line => line['step'])).toEqual(upTo(5));
  expect(lines.filter(line => line.segment === 2).map(line => line['step'])).toEqual(upTo(20));
});

test('the log deleted: its lines go on to be read, and the next segment has another number', async () => {
  const { dir, run, to, open } = await gated(20);
  await to(5);
  await rm(join(dir, 'log-1.txt'));
  await to(9);
  expect(await stepsOf(dir)).toEqual(upTo(9));
  const first = (await liveSupervisor(dir))!;
  process.kill(first.pid, 'SIGKILL');
  await until(async () => (await liveSupervisor(dir))?.segment === 2);
  expect(await startOf(first.trainer!.pid)).toBeNull();
  await open(20);
  await run;
  expect(await stepsOf(dir)).toEqual([...upTo(9), ...upTo(20)]);
});

test('the log rotated away, or copied and emptied: no line is lost or doubled', async () => {
  const { dir, run, to } = await gated(30);
  const log = join(dir, 'log-1.txt');
  await to(5);
  await rename(log, `${log}.1`);
  await to(9);
  await rename(`${log}.1`, log);
  for (const step of [14, 17]) {
    await copyFile(log, `${log}.1`);
    await truncate(log, 0);
    await to(step);
  }
  await to(30);
  await run;
  expect(await stepsOf(dir)).toEqual(upTo(30));
});

test('a process id that now belongs to someone else is neither ended nor taken for the trainer', async () => {
  const dir = await runFolder();
  const foreign = spawn('sleep', ['60']);
  onTestFinished(() => void foreign.kill());
  const pid = foreign.pid!;
  const record = { pid, start: 1, boot: await bootId(), epoch: 1, segment: 1, protocol: 1, trainer: { pid, start: 1 } };
  await writeFile(join(dir, 'supervisor.json'), JSON.stringify(record));
  await mkdir(join(dir, 'ctl'));
  await stopProgram(dir, 1, 'a test');
  expect(await startOf(pid)).not.toBeNull();
  await runProgram(trainer('bar.py', 2, 0.01), options(dir));
  expect(await startOf(pid)).not.toBeNull();
});

test('the clock set back a day while a program runs: it is followed, renewed and not thought stalled', async () => {
  const dir = await runFolder();
  // The supervisor itself, with a wall clock that goes back a day after a second.
  const script = `
import sys, time
sys.path.insert(0, ${JSON.stringify(resolve('python/supervisor'))})
real, began = time.time, time.time()
time.time = lambda: real() - (86400 if real() > began + 1 else 0)
import supervisor
sys.exit(supervisor.main(sys.argv[1], 1, 3.0, float(sys.argv[2])))`;
  const spec = { ...trainer('bar.py', 20, 0.1), restarts: { max: 1, stallAfterMs: 1_000, causes: [] } };
  await writeFile(join(dir, 'spec.json'), JSON.stringify(spec));
  const supervisor = spawn('python3', ['-c', script, dir, String(bootNow())], { stdio: 'inherit' });
  expect(await new Promise(ended => supervisor.on('exit', ended))).toBe(0);
  expect(JSON.parse(await readFile(join(dir, 'exit.json'), 'utf8'))).toMatchObject({
    why: 'exited',
    code: 0,
    segment: 1,
  });
  const lines = await metricsOf(dir);
  expect(lines.map(line => line['step'])).toEqual(upTo(20));
  expect(lines.at(-1)!.t).toBeLessThan(lines[0]!.t - 80_000);
  const meter = new ProgressMeter({});
  meter.take(lines.map(({ speed: _, eta: __, ...line }) => line as MetricsLine));
  expect(meter.progress).toMatchObject({ step: 20, total: 20 });
  expect(meter.progress.eta ?? 0).toBeGreaterThanOrEqual(0);
});

test('a program whose job has begun a newer epoch is ended, and leaves the checkpoints alone', async () => {
  const job = await runFolder();
  const dir = join(job, 'epoch-1');
  await mkdir(dir);
  const run = runProgram(trainer('bar.py', 1000, 0.05), options(dir));
  const caught = expect(run).rejects.toThrow(ProgramStopped);
  const trainerPid = (await until(() => liveSupervisor(dir))).trainer!.pid;
  await mkdir(join(job, 'epoch-2'));
  await caught;
  await expect(run).rejects.toThrow('epoch 2 of its job has begun');
  expect(await startOf(trainerPid)).toBeNull();
  await expect(runProgram(trainer('bar.py', 1000, 0.05), options(dir))).rejects.toThrow('a newer run of');
});
