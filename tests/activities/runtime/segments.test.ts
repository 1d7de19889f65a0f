import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { ProgramHeld, ProgramStopped } from '../../../activities/runtime/end-reason.ts';
import { JobFailure } from '../../../activities/runtime/failure.ts';
import { handOverCheckpoints } from '../../../activities/runtime/hand-over.ts';
import { bootNow } from '../../../activities/runtime/host-clock.ts';
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

test('a host that shuts down ends supervisor and trainer at once: neither failed nor started again, it goes on later', async () => {
  const dir = await runFolder();
  const spec = training(dir, { seconds: 0.05, restarts: { max: 0 } });
  const run = runProgram(spec, options(dir));
  run.catch(() => {});
  await reached(dir, 5);
  const live = (await liveSupervisor(dir))!;
  process.kill(live.pid, 'SIGTERM');
  process.kill(live.trainer!.pid, 'SIGTERM');
  await expect(run).rejects.toThrow(ProgramStopped);
  expect(await jsonOf(join(dir, 'segments.json'))).toMatchObject([{ ended: { why: 'terminated', fault: false } }]);
  await runProgram(spec, options(dir));
  expect(await weightsOf(dir)).toBe(undisturbed(12));
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

test('a program without checkpoints that may be restarted runs again as it is, and its failure says so', async () => {
  const dir = await runFolder();
  const spec: ProgramSpec = { ...trainer('out-of-memory.sh'), restarts: { max: 1, stallAfterMs: 60_000 } };
  expect((await failureOf(runProgram(spec, options(dir)))).message).toMatch(
    /^out-of-memory.sh was killed by SIGKILL; it was started again once without progress, last from its beginning/,
  );
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

describe('held', () => {
  const held = async (run: Promise<unknown>): Promise<ProgramHeld> => {
    const error = await run.then(
      () => null,
      thrown => thrown,
    );
    expect(error).toBeInstanceOf(ProgramHeld);
    return error;
  };

  test('on request it saves at its next step and ends; the next run goes on from there, to the same bytes', async () => {
    const dir = await runFolder();
    const spec = training(dir, { steps: 40, every: 0, seconds: 0.05 });
    const run = held(runProgram(spec, options(dir)));
    await reached(dir, 5);
    expect(await holdProgram(dir, 1)).toBe('asked');
    const { checkpoint, step } = await run;
    expect(checkpoint).toBe(`checkpoint-${step}`);
    expect(step).toBeGreaterThanOrEqual(5);
    expect(await liveSupervisor(dir)).toBeNull();
    expect(await jsonOf(join(dir, 'exit.json'))).toMatchObject({
      why: 'held',
      final: false,
      code: 0,
      checkpoint,
      step,
    });
    await runProgram({ ...spec, env: {} }, options(dir));
    expect(await weightsOf(dir)).toBe(undisturbed(40));
    const steps = stepsOf(await metricsOf(dir));
    expect(steps).toEqual([...range(1, 1, step!), `2<${step}`, ...range(2, step! + 1, 40)]);
  });

  test('where it cannot on request, it ends after its next checkpoint', async () => {
    const dir = await runFolder();
    const spec = training(dir, { steps: 400, every: 10, seconds: 0.05, checkpoints: { canStopOnRequest: false } });
    const run = held(runProgram(spec, options(dir)));
    await reached(dir, 2);
    expect(await holdProgram(dir, 1)).toBe('waits');
    const { checkpoint, step } = await run;
    expect(step! % 10).toBe(0);
    expect(await checkpointsOf(dir)).toContain(checkpoint);
    expect(stepsOf(await metricsOf(dir)).length).toBeGreaterThanOrEqual(10);
  });

  test('taken back in time, it goes on', async () => {
    const dir = await runFolder();
    const spec = training(dir, { steps: 40, every: 30, seconds: 0.05, checkpoints: { canStopOnRequest: false } });
    const run = runProgram(spec, options(dir));
    await reached(dir, 2);
    await holdProgram(dir, 1);
    await unholdProgram(dir, 1);
    await run;
    expect(await jsonOf(join(dir, 'segments.json'))).toHaveLength(1);
  });

  test('killed while it is to save, it is held at its newest checkpoint; its supervisor killed too, the wish lives on', async () => {
    const dir = await runFolder();
    const spec = training(dir, { steps: 400, every: 4, seconds: 0.05, checkpoints: { canStopOnRequest: false } });
    const run = held(runProgram(spec, options(dir)));
    await reached(dir, 6);
    const live = (await liveSupervisor(dir))!;
    process.kill(live.pid, 'SIGSTOP');
    await holdProgram(dir, 1);
    process.kill(live.pid, 'SIGKILL');
    const { step } = await run;
    expect(step! % 4).toBe(0);
    expect(await jsonOf(join(dir, 'segments.json'))).toHaveLength(1);
  });

  test('one that fails for good while it is to save fails', async () => {
    const dir = await runFolder();
    const spec = training(dir, {
      steps: 40,
      every: 0,
      seconds: 0.1,
      faults: '8:disk',
      checkpoints: { canStopOnRequest: false },
    });
    const run = failureOf(runProgram(spec, options(dir)));
    await reached(dir, 2);
    await holdProgram(dir, 1);
    expect((await run).message).toMatch(/the disk is full/);
  });

  test('one that came to its end is done, and one without checkpoints is not asked', async () => {
    const dir = await runFolder();
    const run = runProgram(
      training(dir, { steps: 6, every: 0, seconds: 0.2, checkpoints: { canStopOnRequest: false } }),
      options(dir),
    );
    await reached(dir, 5);
    await holdProgram(dir, 1);
    expect((await run).code).toBe(0);
    expect(await holdProgram(dir, 1)).toBe('ended');
    const plain = runProgram(trainer('bar.py', 10, 0.05), options(dir));
    await until(() => liveSupervisor(join(dir, 'program-2')));
    expect(await holdProgram(join(dir, 'program-2'), 1)).toBe('cannot');
    await plain;
  });
});

test("in a new epoch it goes on from the earlier one's newest checkpoint, its segments and metrics counting on", async () => {
  const job = await runFolder();
  const [first, second] = [join(job, 'epoch-1'), join(job, 'epoch-2')];
  await mkdir(first);
  const run = runProgram(training(first, { steps: 60, seconds: 0.05 }), options(first));
  run.catch(() => {});
  await reached(first, 18);
  // As when a host is lost: supervisor and trainer at once, the end of the log not read.
  const live = (await liveSupervisor(first))!;
  process.kill(live.pid, 'SIGSTOP');
  await until(async () => /\| 2[1-3]\/60 \[/.test(await logOf(first, 1)));
  await mkdir(second);
  process.kill(live.pid, 'SIGKILL');
  process.kill(live.trainer!.pid, 'SIGKILL');
  await expect(run).rejects.toThrow('a newer run of');
  await handOverCheckpoints(second, 1, join(second, 'out'));
  await runProgram(training(second, { steps: 60 }), options(second));
  expect(await weightsOf(second)).toBe(undisturbed(60));
  const steps = stepsOf(await metricsOf(second));
  const last = Number(steps[steps.indexOf('2<20') - 1]!.slice(2));
  expect(last).toBeGreaterThan(20);
  expect(steps).toEqual([...range(1, 1, last), '2<20', ...range(2, 21, 60)]);
  expect(await jsonOf(join(second, 'segments.json'))).toMatchObject([
    { epoch: 1, ended: { why: 'died' } },
    { epoch: 2, segment: 2, from: 'checkpoint-20', restart: true },
  ]);
});

describe('checkpoints', () => {
  test('are made as often as wanted, and only the newest stay', async () => {
    const dir = await runFolder();
    const checkpoints = { every: { steps: 3 }, keep: 2 };
    await runProgram(training(dir, { steps: 20, seconds: 0.05, checkpoints }), options(dir));
    expect(await checkpointsOf(dir)).toEqual(['checkpoint-18', 'checkpoint-20']);
    const other = await runFolder();
    await runProgram(
      training(other, { steps: 20, every: 0, seconds: 0.05, checkpoints: { every: { ms: 200 } } }),
      options(other),
    );
    expect((await checkpointsOf(other)).length).toBeGreaterThan(2);
  });

  /** A training that was killed at step 10, with checkpoints 4 and 8. */
  async function killedAt10(run = 'mine') {
    const dir = await runFolder();
    const spec = training(dir, { faults: '10:kill', checkpoints: { run } });
    const { restarts: _, ...once } = spec;
    await failureOf(runProgram(once, options(dir)));
    return { dir, spec, out: join(dir, 'out') };
  }

  const torn: [string, (out: string) => Promise<unknown>, RegExp][] = [
    [
      'truncated',
      out => truncate(join(out, 'checkpoint-8/state/model.bin'), 3),
      /its state\/model.bin has 3 bytes instead of 32/,
    ],
    [
      'of other content',
      out => writeFile(join(out, 'checkpoint-8/state/model.bin'), 'x'.repeat(32)),
      /its state\/model.bin has other content/,
    ],
    ['without a file', out => rm(join(out, 'checkpoint-8/step.json')), /its step.json is gone/],
    [
      'empty',
      out =>
        rm(join(out, 'checkpoint-8'), { recursive: true, maxRetries: 50, retryDelay: 20 }).then(() =>
          mkdir(join(out, 'checkpoint-8')),
        ),
      /it has no complete.json/,
    ],
    ['torn in its list', out => truncate(join(out, 'checkpoint-8/complete.json'), 20), /complete.json is not JSON/],
    [
      'of another step',
      out => rename(join(out, 'checkpoint-8'), join(out, 'checkpoint-9')),
      /checkpoint-9 is skipped: its complete.json is of step 8/,
    ],
    [
      'a link out of the folder',
      out =>
        rename(join(out, 'checkpoint-8'), join(out, '../away')).then(() =>
          symlink('../away', join(out, 'checkpoint-8')),
        ),
      /checkpoint-8 is skipped: it is a symbolic link to ..\/away/,
    ],
    [
      'with a file that is a link out of it',
      async out => {
        const file = join(out, 'checkpoint-8/state/model.bin');
        await rename(file, join(out, 'model.bin'));
        await symlink('../../model.bin', file);
      },
      /its state\/model.bin leads out of it by a symbolic link/,
    ],
    [
      'with a folder that is a link out of it',
      async out => {
        await rename(join(out, 'checkpoint-8/state'), join(out, 'state'));
        await symlink('../state', join(out, 'checkpoint-8/state'));
      },
      /its state\/model.bin leads out of it by a symbolic link/,
    ],
    [
      'that lists what is outside',
      async out => {
        const list = join(out, 'checkpoint-8/complete.json');
        const record = await jsonOf(list);
        await writeFile(
          list,
          JSON.stringify({ ...record, files: { '../../../../etc/passwd': { bytes: 1, sha256: '' } } }),
        );
      },
      /it lists ..\/..\/..\/..\/etc\/passwd, which is not inside it/,
    ],
    ['of another run', out => edit(join(out, 'checkpoint-8/complete.json'), { run: 'yours' }), /it is another run's/],
    ['of a later version', out => edit(join(out, 'checkpoint-8/complete.json'), { version: 2 }), /is not of version 1/],
    ['with nothing listed', out => edit(join(out, 'checkpoint-8/complete.json'), { files: {} }), /lists no files/],
  ];
  const edit = async (path: string, what: object) =>
    writeFile(path, JSON.stringify({ ...(await jsonOf(path)), ...what }));

  test.each(torn)('%s: skipped with a line that says so, and the one before is taken', async (_, damage, line) => {
    const { dir, spec, out } = await killedAt10();
    await damage(out);
    await runProgram(spec, options(dir));
    expect(await weightsOf(dir)).toBe(undisturbed(12));
    const log = await logOf(dir, 2);
    expect(log).toMatch(line);
    expect(log).toContain('dj-sandbox: segment 2 starts from checkpoint-4');
    expect((await jsonOf(join(dir, 'segments.json')))[1].skipped).toHaveLength(1);
  });

  test("a folder full of another run's: it begins at its beginning, and leaves them alone when it prunes", async () => {
    const { dir, spec, out } = await killedAt10('yours');
    const before = await readFile(join(out, 'checkpoint-4/complete.json'), 'utf8');
    const { checkpoints } = training(dir, { checkpoints: { run: 'mine', keep: 1, every: { steps: 5 } } });
    await runProgram({ ...spec, checkpoints: checkpoints! }, options(dir));
    expect(await logOf(dir, 2)).toContain('dj-sandbox: segment 2 starts from the beginning');
    expect(await weightsOf(dir)).toBe(undisturbed(12));
    expect(await readFile(join(out, 'checkpoint-4/complete.json'), 'utf8')).toBe(before);
    expect(await checkpointsOf(dir)).toEqual(['checkpoint-4', 'checkpoint-8', 'checkpoint-12']);
  });

  test('the folder deleted between two segments, or while it runs: what is left is gone on from', async () => {
    const { dir, spec, out } = await killedAt10();
    await rm(out, { recursive: true, maxRetries: 50, retryDelay: 20 });
    const run = runProgram({ ...spec, env: { FIXTURE_STEP_SECONDS: '0.1' } }, options(dir));
    await until(async () => (await metricsOf(dir)).some(line => line.segment === 2 && line['step'] === 5));
    await rm(out, { recursive: true, maxRetries: 50, retryDelay: 20 });
    await run;
    expect(await weightsOf(dir)).toBe(undisturbed(12));
  });

  test('a folder that has become read-only when old ones are to be pruned: said once a checkpoint, what is there stays whole, the training goes on', async () => {
    const dir = await runFolder();
    // The supervisor itself, to which its file system refuses to remove anything.
    const script = `
import errno, os, shutil, sys
sys.path.insert(0, ${JSON.stringify(resolve('python/supervisor'))})
unlink, rmtree = os.unlink, shutil.rmtree
def refuse(real):
    def remove(path, *more, **options):
        if "checkpoint-" in str(path):
            raise OSError(errno.EROFS, os.strerror(errno.EROFS), path)
        return real(path, *more, **options)
    return remove
os.unlink, shutil.rmtree = refuse(unlink), refuse(rmtree)
import supervisor
sys.exit(supervisor.main(sys.argv[1], 1, 60.0, float(sys.argv[2])))`;
    const spec = training(dir, { seconds: 0.05, checkpoints: { keep: 1 } });
    await mkdir(join(dir, 'ctl'));
    await writeFile(join(dir, 'spec.json'), JSON.stringify(spec));
    const supervisor = execa('python3', ['-c', script, dir, String(bootNow())], { stdio: 'inherit' });
    expect((await supervisor).exitCode).toBe(0);
    expect(await jsonOf(join(dir, 'exit.json'))).toMatchObject({ why: 'exited', code: 0, checkpoint: 'checkpoint-12' });
    expect(await weightsOf(dir)).toBe(undisturbed(12));
    expect(await checkpointsOf(dir)).toEqual(['checkpoint-4', 'checkpoint-8', 'checkpoint-12']);
    for (const name of await checkpointsOf(dir))
      expect(await jsonOf(join(dir, 'out', name, 'complete.json'))).toBeTruthy();
    const said = (await logOf(dir, 1)).match(/checkpoint-4 cannot be removed: Read-only file system/g);
    expect(said).toHaveLength(1);
  });

  test('a folder that cannot be written to fails the training with its path, without a restart', async () => {
    const dir = await runFolder();
    const spec = training(dir);
    const nowhere = '/sys/dj-sandbox';
    const argv = spec.argv.map(argument => argument.replace(join(dir, 'out'), nowhere));
    const run = runProgram({ ...spec, argv, checkpoints: { dir: nowhere, canStopOnRequest: true } }, options(dir));
    expect((await failureOf(run)).message).toMatch(
      /(?:permission denied for|read-only).*\/sys\/dj-sandbox|Read-only file system/,
    );
    expect(await jsonOf(join(dir, 'segments.json'))).toHaveLength(1);
  });
});
