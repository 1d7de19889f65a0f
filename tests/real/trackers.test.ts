// Real clients of trackers, their files read by their own readers.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { pythonFile, pythonOf } from '../../activities/runtime/paths.ts';
import { sendOnce, TrackedRun } from '../support/tracked-run.ts';

interface WandBRun {
  run: Record<string, string>;
  sessions: number;
  history: Record<string, unknown>[];
  config: Record<string, unknown>;
}
interface TensorBoardRun {
  scalars: Record<string, [number, unknown][]>;
  config: string[];
}

test('W&B offline: one run under one id, each step once, results behind the training, no secrets; a trial of a sweep is in its group', async () => {
  const run = await TrackedRun.make([{ type: 'wandb', mode: 'offline' }], {
    input: { set: { 'train.extra_configs.lr': 0.5 }, sweep: { id: 's', trial: 7 } },
  });
  run.begin(0);
  run.steps(0, 1, 40, { value: step => (step === 3 ? 'NaN' : step === 4 ? 'Infinity' : step / 10) });
  expect(await sendOnce(run)).toMatchObject({ sent: 39, done: false, error: null });
  // The job began anew from a checkpoint: what comes again is not sent again.
  run.steps(0, 1, 20, { epoch: 2 });
  run.steps(0, 21, 60, { epoch: 2 });
  run.done(0, { loss: 0.1, detail: 2 });
  run.begin(1);
  run.done(1, { 'score.mean': 0.9 });
  run.end();
  expect(await sendOnce(run)).toMatchObject({ sent: 62, done: true, error: null });
  const read = await run.read<WandBRun>('wandb', run.workDir, run.followed.key);
  expect(read.run).toMatchObject({ id: run.followed.key, project: 'p', name: 'e-7', group: 's', job_type: 'trial' });
  expect(read.sessions).toBe(2);
  expect(read.history.map(row => row['_step'])).toEqual(Array.from({ length: 62 }, (_, i) => i));
  expect(read.history.slice(0, 60).map(row => row['train.step'])).toEqual(Array.from({ length: 60 }, (_, i) => i + 1));
  expect(read.history[2]!['train.loss']).toBe('NaN');
  expect(read.history[60]).toMatchObject({ 'train.detail': 2 });
  expect(read.history[61]).toMatchObject({ 'judge.score.mean': 0.9 });
  expect(read.config).toMatchObject({ 'train.extra_configs.lr': 0.5, 'sandbox.project_name': 'p' });
  expect(JSON.stringify(read)).not.toContain('k-secret');
});

test('TensorBoard: each step once, also where a writer died in the middle of a record', async () => {
  const run = await TrackedRun.make([{ type: 'tensorboard' }]);
  run.begin(0);
  run.steps(0, 1, 10);
  await sendOnce(run);
  const { execa } = await import('execa');
  const { stdout } = await execa('find', [run.workDir, '-name', 'events.out*']);
  const { appendFileSync } = await import('node:fs');
  appendFileSync(stdout, 'a torn record');
  run.steps(0, 11, 20);
  run.done(0, { score: 3 });
  run.end();
  expect(await sendOnce(run)).toMatchObject({ sent: 21, done: true });
  const { dirname } = await import('node:path');
  const read = await run.read<TensorBoardRun>('tensorboard', dirname(stdout));
  expect(read.scalars['train.loss']!.map(([step]) => step)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
  expect(read.scalars['train.score']).toEqual([[1, 3]]);
  expect(read.config[0]).toContain('"train.extra_configs.lr": 0.5');
});

test('a sender has the lowest claim on the processor, also where Linux weighs its session and not the program', async () => {
  const sender = spawn(pythonOf('trackers'), [pythonFile('trackers', 'main.py')], { detached: true });
  try {
    await once(createInterface({ input: sender.stdout }), 'line');
    const stat = await readFile(`/proc/${sender.pid}/stat`, 'utf8');
    expect(stat.slice(stat.lastIndexOf(')')).split(' ')[17]).toBe('19');
    const group = `/proc/${sender.pid}/autogroup`;
    if (existsSync(group)) expect(await readFile(group, 'utf8')).toMatch(/ nice 19$/m);
  } finally {
    sender.stdin.end();
    await once(sender, 'close');
  }
});
