import { Ansis } from 'ansis';
import stringWidth from 'string-width';
import { describe, expect, test } from 'vitest';
import { liveLines } from '../../client/live-view.ts';
import type { Snapshot } from '../../client/snapshot.ts';
import { job, progress, snapshot, whileTraining } from './snapshots.ts';

const paint = new Ansis(0);
const lines = (of: Snapshot, width = 120, height?: number) =>
  liveLines(of, height === undefined ? { width, paint } : { width, height, paint });
const lineOf = (of: Snapshot, word: string, width = 120) => lines(of, width).find(line => line.includes(word)) ?? '';

const hostile = snapshot(
  progress([
    job(1, 'probe.analyzer', '分析原始数据的统计信息和分布情况并且写得非常长'.repeat(3), 'running'),
    job(2, 'evil.\u001b[2J', 'two\nlines\u0007', 'failed', {
      error: { job: 'anonymous.2-x', why: `why ${'x'.repeat(300)}\nsecond`, logTail: ['a'.repeat(400)], log: '/l' },
    }),
  ]),
  { trouble: 'the server does not answer '.repeat(20), id: 'i'.repeat(200) },
);

describe('a line', () => {
  test.each([20, 40, 80, 120, 200])('is never wider than the terminal (%i columns)', width => {
    for (const of of [whileTraining(), hostile, snapshot(null)]) {
      for (const line of lines(of, width)) expect(stringWidth(line), line).toBeLessThanOrEqual(width);
    }
  });

  test('never carries control characters out of names and logs', () => {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
    for (const line of lines(hostile)) expect(line).not.toMatch(/[\u0000-\u001f]/);
  });

  test('has no escape codes where colours are off, and some where they are on', () => {
    expect(lines(whileTraining()).join('')).not.toContain('\u001b');
    expect(liveLines(whileTraining(), { width: 120, paint: new Ansis(1) }).join('')).toContain('\u001b[');
  });
});

describe('the header', () => {
  test('names trial, state, time, project, experiment and the page in the Web UI', () => {
    const [first, second, third] = lines(whileTraining(), 80);
    expect(first).toMatch(/^trial demo-0611-140000-3f +running {2}1:02$/);
    expect(second).toBe('text-to-video / demo');
    expect(third).toBe('http://127.0.0.1:8233/namespaces/default/workflows/demo-0611-140000-3f');
  });

  test('counts iterations where there are several', () => {
    expect(lines(snapshot(progress([], { iteration: 2, maxIterNum: 3 })))[1]).toBe(
      'text-to-video / demo, iteration 2 of 3',
    );
    expect(lines(snapshot(progress([], { iteration: 2, maxIterNum: 0 })))[1]).toBe('text-to-video / demo, iteration 2');
  });
});

describe('a job', () => {
  test('that trains shows bar, loss, what is left, attempt and speed where there is room', () => {
    const line = lineOf(whileTraining(), 'train_lora', 200);
    expect(line).toContain('████░░░░░░░░░░░░░░░░░░░░ 12/60  loss 0.8123  41s left  attempt 2  3.2 steps/s');
    expect(line).toMatch(/22s$/);
  });

  test('keeps bar and loss in 80 columns', () => {
    expect(lineOf(whileTraining(), 'train_lora', 80)).toContain('█░░░░░░░ 12/60  loss 0.8123');
  });

  test('keeps its name, the steps and the time in 40 columns', () => {
    expect(lineOf(whileTraining(), 'train_lora', 40)).toMatch(/^▶ train_lora +12\/60 .* 22s$/);
  });

  test.each([
    ['done', '✓', '8.4s'],
    ['reused', '↺', 'done before'],
    ['failed', '✗', 'failed'],
    ['pending', '·', ''],
    ['skipped', '–', ''],
  ] as const)('that is %s has its own symbol', (state, symbol, words) => {
    const line = lineOf(snapshot(progress([job(1, 'probe.analyzer', 'data', state)])), 'data');
    expect(line.startsWith(symbol)).toBe(true);
    expect(line).toContain(words);
  });

  test('with parts says which one runs', () => {
    const parts = [
      { name: 'temporal_flickering', state: 'done' as const },
      { name: 'motion_smoothness', state: 'running' as const },
    ];
    const line = lineOf(snapshot(progress([job(1, 'evaluate.vbench', 'scores', 'running', { parts })])), 'scores');
    expect(line).toContain('part 2/2 motion_smoothness');
  });

  test('that waits for devices says what its claim was told', () => {
    const claim = {
      type: 'claimJob',
      attempt: 7,
      started: false,
      progress: null,
      lastFailure: 'all 8 GPUs are leased',
    };
    const line = lineOf(
      snapshot(progress([job(1, 'train.easyanimate', 'train', 'claiming')]), { activities: [claim] }),
      'train.easyanimate',
    );
    expect(line).toContain('all 8 GPUs are leased');
  });

  test.each([
    [null, 'a worker with tag cpu'],
    ['worker-7', 'worker-7'],
  ])('that no worker has taken yet says for whom it waits (host %s)', (host, words) => {
    const scheduled = { type: 'probe.analyzer', attempt: 1, started: false, progress: null, lastFailure: null };
    const waiting = progress([job(1, 'probe.analyzer', 'data', 'running', { host })]);
    expect(lineOf(snapshot(waiting, { activities: [scheduled] }), 'probe.analyzer')).toContain(`waiting for ${words}`);
  });

  test('between two activities does not claim to wait for a worker', () => {
    const line = lineOf(snapshot(progress([job(1, 'probe.analyzer', 'data', 'running')])), 'probe.analyzer');
    expect(line).not.toContain('waiting');
  });

  test('of a component whose heartbeat names another job does not borrow its figures', () => {
    const other = { ...whileTraining().activities[0]!, type: 'infer.easyanimate' };
    const line = lineOf({ ...whileTraining(), activities: [other] }, 'infer_lora', 200);
    expect(line).not.toContain('12/60');
  });
});

test('what a trial waits for is said, and that the server is away', () => {
  const waiting = 'no worker serves gpu-h100: start one with `dj-sandbox worker --tags gpu-h100`';
  expect(lines(snapshot(progress([], { waitingFor: waiting }))).join('\n')).toContain(`! waiting: ${waiting}`);
  expect(lines(snapshot(null, { trouble: 'the server does not answer' })).join('\n')).toContain(
    '! the server does not answer',
  );
});

test('a job that failed and waits for a decision shows why, its log and what to do', () => {
  const error = {
    job: 'anonymous.1-train',
    why: 'the trainer exited with 1',
    logTail: ['KeyError: x'],
    log: '/j/log.txt',
  };
  const text = lines(
    snapshot(progress([job(1, 'train.easyanimate', 'train', 'failed', { error })], { state: 'waiting' })),
  ).join('\n');
  expect(text).toContain('anonymous.1-train failed: the trainer exited with 1');
  expect(text).toContain('│ KeyError: x');
  expect(text).toContain('log: /j/log.txt');
  expect(text).toMatch(/dj-sandbox\s+retry/);
});

test('a job that gave its host back shows the step and the checkpoint from which it goes on', () => {
  const held = { checkpoint: 'checkpoint-120', step: 120 };
  const paused = snapshot(progress([job(1, 'train.easyanimate', 'train', 'held', { held })], { state: 'paused' }));
  expect(lineOf(paused, 'train')).toMatch(/^‖ train\.easyanimate train +at step 120 \(checkpoint-120\)/);
  const early = { checkpoint: null, step: null };
  const begun = snapshot(progress([job(1, 'train.easyanimate', 'train', 'held', { held: early })]));
  expect(lineOf(begun, 'train')).toContain('without a checkpoint: it begins again');
});

test('more jobs than rows are summed up around the one that runs', () => {
  const jobs = Array.from({ length: 60 }, (_, i) =>
    job(i, 'process.data-juicer', `step_${i}`, i < 30 ? 'done' : 'pending'),
  );
  jobs[30] = job(30, 'process.data-juicer', 'step_30', 'running');
  const shown = lines(snapshot(progress(jobs)), 80, 24);
  expect(shown.length).toBeLessThan(24);
  expect(shown.join('\n')).toContain('step_30');
  expect(shown.join('\n')).toMatch(/… \d+ more jobs above/);
  expect(shown.join('\n')).toMatch(/… \d+ more jobs below/);
});
