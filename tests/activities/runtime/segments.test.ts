import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cp, mkdir, readdir, readFile, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ProgramHeld, ProgramStopped } from '../../../activities/runtime/end-reason.ts';
import { JobFailure } from '../../../activities/runtime/failure.ts';
import { startOf } from '../../../activities/runtime/host-clock.ts';
import { MetricsFollower, type MetricsLine } from '../../../activities/runtime/metrics-follower.ts';
import { runProgram } from '../../../activities/runtime/program.ts';
import type { ProgramSpec } from '../../../activities/runtime/program-spec.ts';
import type { Progress } from '../../../activities/runtime/progress.ts';
import { holdProgram, unholdProgram } from '../../../activities/runtime/supervisor-client.ts';
import { liveSupervisor } from '../../../activities/runtime/supervisor-files.ts';
import { options, runFolder, trainer, until } from './trainers.ts';

interface Wish {
  steps?: number;
  every?: number;
  faults?: string;
  seconds?: number;
  checkpoints?: Partial<ProgramSpec['checkpoints']>;
  restarts?: Partial<ProgramSpec['restarts']>;
}

/** The fixture that keeps the contract of checkpoints, saving in `dir`/out. */
function training(dir: string, wish: Wish = {}): ProgramSpec {
  const { steps = 12, every = 4, faults = '', seconds = 0.01 } = wish;
  const out = join(dir, 'out');
  return {
    ...trainer('checkpointing.py', out, steps, every, faults),
    env: { FIXTURE_STEP_SECONDS: String(seconds) },
    checkpoints: { dir: out, canStopOnRequest: true, ...wish.checkpoints },
    restarts: { max: 2, stallAfterMs: 60_000, ...wish.restarts },
  };
}

const jsonOf = (path: string) => readFile(path, 'utf8').then(JSON.parse);
const metricsOf = (dir: string): Promise<MetricsLine[]> => new MetricsFollower(join(dir, 'metrics.jsonl')).read();
const stepsOf = (lines: MetricsLine[]) =>
  lines.flatMap(({ segment, step, from }) =>
    step === undefined ? (from === undefined ? [] : [`${segment}<${from}`]) : [`${segment}:${step}`],
  );
const range = (segment: number, first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, i) => `${segment}:${first + i}`);
const weightsOf = (dir: string) => readFile(join(dir, 'out', 'weights.bin'), 'hex');
const logOf = (dir: string, segment: number) => readFile(join(dir, `log-${segment}.txt`), 'utf8');
const checkpointsOf = async (dir: string) =>
  (await readdir(join(dir, 'out')))
    .filter(name => name.startsWith('checkpoint-'))
    .sort((a, b) => Number(a.slice(11)) - Number(b.slice(11)));

/** What an undisturbed training of so many steps ends with. */
function undisturbed(steps: number): string {
  let state = Buffer.from('the beginning');
  for (let step = 1; step <= steps; step += 1) state = createHash('sha256').update(state).update(String(step)).digest();
  return state.toString('hex');
}

async function failureOf(run: Promise<unknown>): Promise<JobFailure> {
  const error = await run.then(
    () => null,
    thrown => thrown,
  );
  expect(error).toBeInstanceOf(JobFailure);
  return error;
}

/** Resolves when the program has done a step. */
const reached = (dir: string, step: number) =>
  until(async () => (await metricsOf(dir)).some(line => Number(line['step']) >= step));

describe('a trainer that was killed', () => {
  test('three times goes on from its newest complete checkpoint each time, and ends with the same bytes', async () => {
    const dir = await runFolder();
    const seen: Omit<Progress, 'job'>[] = [];
    const spec = training(dir, { steps: 20, faults: '6:kill,11:segv,15:kill' });
    await runProgram(spec, { ...options(dir), onProgress: progress => seen.push(progress) });
    expect(await weightsOf(dir)).toBe(undisturbed(20));
    expect(stepsOf(await metricsOf(dir))).toEqual([
      ...range(1, 1, 6),
      ...['2<4', ...range(2, 5, 11)],
      ...['3<8', ...range(3, 9, 15)],
      ...['4<12', ...range(4, 13, 20)],
    ]);
    expect(await jsonOf(join(dir, 'segments.json'))).toMatchObject([
      {
        segment: 1,
        from: null,
        restart: false,
        ended: { signal: 'SIGKILL', furthest: 6, checkpoint: 4, progress: true },
      },
      { segment: 2, from: 'checkpoint-4', restart: true, ended: { signal: 'SIGSEGV' } },
      { segment: 3, from: 'checkpoint-8' },
      { segment: 4, from: 'checkpoint-12', ended: { code: 0, final: true } },
    ]);
    expect(await logOf(dir, 2)).toMatch(
      /^dj-sandbox: segment 2 starts from checkpoint-4; segment 1 ended with SIGKILL\n/,
    );
    expect(seen.at(-1)).toMatchObject({ step: 20, total: 20, checkpoint: 'checkpoint-20' });
  });

  test('before its first checkpoint begins again; while it saved, at the checkpoint before', async () => {
    const dir = await runFolder();
    await runProgram(training(dir, { faults: '2:kill,6:torn' }), options(dir));
    expect(await weightsOf(dir)).toBe(undisturbed(12));
    expect(stepsOf(await metricsOf(dir))).toEqual([
      ...range(1, 1, 2),
      '2<0',
      ...range(2, 1, 6),
      '3<4',
      ...range(3, 5, 12),
    ]);
    expect(await logOf(dir, 3)).toContain(
      'dj-sandbox: checkpoint-6 is skipped: it has no complete.json, so it was not finished\ndj-sandbox: segment 3 starts from checkpoint-4',
    );
  });

  test('again and again without a further step or checkpoint fails, saying how often and from where', async () => {
    const dir = await runFolder();
    const failure = await failureOf(runProgram(training(dir, { faults: '6:always-kill' }), options(dir)));
    expect(failure.message).toMatch(
      /^checkpointing.py was killed by SIGKILL; it was started again 2 times without progress, last from checkpoint-4 \(max_restarts\); most likely the host ran out of memory/,
    );
    const segments = await jsonOf(join(dir, 'segments.json'));
    expect(segments.map((one: { ended: object }) => one.ended)).toMatchObject([
      { progress: true },
      { progress: false },
      { progress: false, final: true },
    ]);
    // Told, it may be tried as often once more.
    await failureOf(runProgram(training(dir, { faults: '6:always-kill' }), options(dir)));
    expect(await jsonOf(join(dir, 'segments.json'))).toHaveLength(6);
  });

  test('with its launcher alive to tell of it is restarted and told of like one without', async () => {
    const dir = await runFolder();
    const launched = training(dir, { faults: '6:always-kill', restarts: { max: 1 } });
    const launcher = `import subprocess, sys; subprocess.run(sys.argv[1:], check=True)`;
    const failure = await failureOf(
      runProgram({ ...launched, argv: ['python3', '-c', launcher, ...launched.argv] }, options(dir)),
    );
    expect(failure.message).toMatch(
      /^checkpointing.py was killed by SIGKILL; it was started again once without progress/,
    );
  });

  test('together with its supervisor loses no line, and the deaths are counted on', async () => {
    const dir = await runFolder();
    const run = runProgram(training(dir, { steps: 30, seconds: 0.05 }), options(dir));
    for (const [segment, step] of [
      [1, 6],
      [2, 13],
    ] as const) {
      await until(async () =>
        (await metricsOf(dir)).some(line => line.segment === segment && Number(line['step']) >= step),
      );
      process.kill((await until(() => liveSupervisor(dir))).pid, 'SIGKILL');
    }
    await run;
    expect(await weightsOf(dir)).toBe(undisturbed(30));
    const lines = (await metricsOf(dir)).filter(line => line['step'] !== undefined || line.from !== undefined);
    let last = 0;
    for (const { step, from } of lines) {
      if (from === undefined) expect(step).toBe(last + 1);
      last = Number(step ?? from);
    }
    expect(await jsonOf(join(dir, 'segments.json'))).toMatchObject([
      { ended: { why: 'died', progress: true } },
      { restart: true, ended: { why: 'died' } },
      { ended: { code: 0 } },
    ]);
  });

  test('whose supervisor dies again and again without progress fails', async () => {
    const dir = await runFolder();
    const run = failureOf(runProgram(training(dir, { steps: 100, every: 0, seconds: 100 }), options(dir)));
    for (const segment of [1, 2, 3]) {
      const live = await until(async () => {
        const found = await liveSupervisor(dir);
        return found?.segment === segment && found.trainer && found;
      });
      process.kill(live.pid, 'SIGKILL');
    }
    expect((await run).message).toMatch(/supervisor died/);
  });
});

test('a program that was killed but declares no restarts is not started again', async () => {
  const dir = await runFolder();
  const { restarts: _, ...once } = training(dir, { faults: '6:kill' });
  expect((await failureOf(runProgram(once, options(dir)))).message).toMatch(
    /^checkpointing.py was killed by SIGKILL; most/,
  );
  // The next run of the job goes on all the same.
  await runProgram(once, options(dir));
  expect(await weightsOf(dir)).toBe(undisturbed(12));
});

describe('what is worth starting again', () => {
  test.each([
    ['6:cuda', 2, 'a GPU that failed'],
    ['6:exit', 2, 'what is not known, after progress'],
  ])('%s: %d segments: %s', async (faults, segments) => {
    const dir = await runFolder();
    await runProgram(training(dir, { faults }), options(dir));
    expect(await weightsOf(dir)).toBe(undisturbed(12));
    expect(await jsonOf(join(dir, 'segments.json'))).toHaveLength(segments);
  });

  test.each([
    ['6:always-exit', 2, /^checkpointing.py exited with code 3; RuntimeError: shapes differ$/],
    ['6:always-oom', 2, /the GPU ran out of memory: lower batch_size_per_gpu/],
    ['6:file', 1, /\/data\/clip.mp4 is not there: put it there, or correct the path in the config$/],
    ['6:disk', 1, /the disk is full: free space where the job writes/],
    ['6:nan', 1, /^checkpointing.py was ended because its loss is NaN at step 6/],
  ])('%s fails after %d segments', async (faults, segments, message) => {
    const dir = await runFolder();
    expect((await failureOf(runProgram(training(dir, { faults, seconds: 0.03 }), options(dir)))).message).toMatch(
      message,
    );
    expect(await jsonOf(join(dir, 'segments.json'))).toHaveLength(segments);
  });

  test('a checkpoint that is complete but cannot be loaded: the one before is taken', async () => {
    const dir = await runFolder();
    await runProgram(training(dir, { faults: '10:kill,8:always-load' }), options(dir));
    expect(await weightsOf(dir)).toBe(undisturbed(12));
    expect(await logOf(dir, 3)).toContain(
      'dj-sandbox: checkpoint-8 is skipped: the program could not load it\ndj-sandbox: segment 3 starts from checkpoint-4',
    );
  });

  test('one that says nothing new for stall_after is ended and started again', async () => {
    const dir = await runFolder();
    await runProgram(training(dir, { faults: '6:stall', restarts: { stallAfterMs: 1_000 } }), options(dir));
    expect(await weightsOf(dir)).toBe(undisturbed(12));
    expect(await logOf(dir, 2)).toContain('segment 2 starts from checkpoint-4; segment 1 was stalled');
  });

  test('a stall again and again is named, with what to do', async () => {
    const dir = await runFolder();
    const spec = training(dir, { faults: '6:always-stall', restarts: { stallAfterMs: 500, max: 1 } });
    expect((await failureOf(runProgram(spec, options(dir)))).message).toMatch(
      /^checkpointing.py was ended because it made no log line and no step for 0 s; it was started again once without progress, last from checkpoint-4 \(max_restarts\); look at what it waits for, or raise stall_after$/,
    );
  });
});
