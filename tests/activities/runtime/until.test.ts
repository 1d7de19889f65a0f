import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ProgramHeld } from '../../../activities/runtime/end-reason.ts';
import { MetricsFollower } from '../../../activities/runtime/metrics-follower.ts';
import { runProgram } from '../../../activities/runtime/program.ts';
import type { ProgramSpec } from '../../../activities/runtime/program-spec.ts';
import { holdProgram } from '../../../activities/runtime/supervisor-client.ts';
import { liveSupervisor } from '../../../activities/runtime/supervisor-files.ts';
import { options, runFolder, trainer, until } from './trainers.ts';

interface Wish {
  every?: number;
  faults?: string;
  seconds?: number;
  onRequest?: boolean;
  env?: Record<string, string>;
}

const STEPS = 16;

function training(dir: string, { every = 0, faults = '', seconds = 0.01, onRequest = true, env }: Wish = {}) {
  const out = join(dir, 'out');
  return {
    ...trainer('checkpointing.py', out, STEPS, every, faults),
    env: { FIXTURE_STEP_SECONDS: String(seconds), ...env },
    checkpoints: { dir: out, canStopOnRequest: onRequest, keep: 1 },
    restarts: { max: 2, stallAfterMs: 60_000 },
  } satisfies ProgramSpec;
}

/** Where it ended, having saved its state; its supervisor is gone by then. */
async function heldAt(dir: string, run: Promise<unknown>): Promise<number | null> {
  const error = await run.then(
    () => null,
    thrown => thrown,
  );
  expect(error).toBeInstanceOf(ProgramHeld);
  expect((error as ProgramHeld).checkpoint).toBe(`checkpoint-${(error as ProgramHeld).step}`);
  await until(async () => (await liveSupervisor(dir)) === null);
  return (error as ProgramHeld).step;
}

const metricsOf = (dir: string) => new MetricsFollower(join(dir, 'metrics.jsonl')).read();
/** Steps, and where segments went on from: `<5`. */
const stepsOf = async (dir: string) =>
  (await metricsOf(dir)).flatMap<number | string>(({ step, from }) =>
    typeof step === 'number' ? [step] : from === undefined ? [] : [`<${from}`],
  );
const range = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, i) => first + i);
const reached = (dir: string, step: number) =>
  until(async () => (await metricsOf(dir)).some(line => Number(line['step']) >= step));
const weightsOf = (dir: string) => readFile(join(dir, 'out', 'weights.bin'), 'hex');

/** What a training that nobody disturbed ends with. */
function undisturbed(): string {
  let state = Buffer.from('the beginning');
  for (const step of range(1, STEPS)) state = createHash('sha256').update(state).update(String(step)).digest();
  return state.toString('hex');
}

describe('a program that is to run until a step', () => {
  test('ends right after it with its state saved, again and again, and comes to the same end', async () => {
    const dir = await runFolder();
    const spec = training(dir);
    for (const step of [3, 5, 11])
      expect(await heldAt(dir, runProgram(spec, { ...options(dir), until: step }))).toBe(step);
    await runProgram(spec, options(dir));
    expect(await stepsOf(dir)).toEqual([...range(1, 3), '<3', 4, 5, '<5', ...range(6, 11), '<11', ...range(12, 16)]);
    expect(await weightsOf(dir)).toBe(undisturbed());
  });

  test('that has been there is not started again, and one whose end comes first is done', async () => {
    const dir = await runFolder();
    const spec = training(dir);
    expect(await heldAt(dir, runProgram(spec, { ...options(dir), until: 9 }))).toBe(9);
    expect(await heldAt(dir, runProgram(spec, { ...options(dir), until: 4 }))).toBe(9);
    expect(await stepsOf(dir)).toEqual(range(1, 9));
    await runProgram(spec, { ...options(dir), until: STEPS });
    expect(await weightsOf(dir)).toBe(undisturbed());
  });

  test('stops there although its trainer was killed, and its supervisor too', async () => {
    const dir = await runFolder();
    const spec = training(dir, { every: 4, faults: '6:kill', seconds: 0.05 });
    const run = heldAt(dir, runProgram(spec, { ...options(dir), until: 11 }));
    await reached(dir, 8);
    process.kill((await liveSupervisor(dir))!.pid, 'SIGKILL');
    expect(await run).toBe(11);
    expect((await stepsOf(dir)).at(-1)).toBe(11);
    await runProgram(spec, options(dir));
    expect(await weightsOf(dir)).toBe(undisturbed());
  });

  test('where it only knows how to stop at once, stops soon after', async () => {
    const dir = await runFolder();
    const spec = training(dir, { seconds: 0.15, env: { FIXTURE_KNOWS: 'stop' } });
    const step = await heldAt(dir, runProgram(spec, { ...options(dir), until: 4 }));
    expect(step).toBeGreaterThan(4);
    expect(step).toBeLessThan(STEPS);
    await runProgram(spec, options(dir));
    expect(await weightsOf(dir)).toBe(undisturbed());
  });

  test('where it cannot stop on request, ends with its first checkpoint at or after it', async () => {
    const dir = await runFolder();
    const spec = training(dir, { every: 5, seconds: 0.4, onRequest: false });
    const step = await heldAt(dir, runProgram(spec, { ...options(dir), until: 7 }));
    expect(step! % 5).toBe(0);
    expect(step).toBeGreaterThanOrEqual(10);
    await runProgram(spec, options(dir));
    expect(await weightsOf(dir)).toBe(undisturbed());
  });

  test('is held before it, where that is wanted meanwhile', async () => {
    const dir = await runFolder();
    const run = heldAt(dir, runProgram(training(dir, { seconds: 0.2 }), { ...options(dir), until: 14 }));
    await reached(dir, 2);
    expect(await holdProgram(dir, 1)).toBe('asked');
    expect(await run).toBeLessThan(14);
  });
});
