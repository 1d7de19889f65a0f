import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, it } from 'vitest';
import { holdJob } from '../../../activities/host/hold-job.ts';
import { ProgramHeld } from '../../../activities/runtime/end-reason.ts';
import { epochDir, newEpoch } from '../../../activities/runtime/job-dir.ts';
import { runProgram } from '../../../activities/runtime/program.ts';
import type { ProgramSpec } from '../../../activities/runtime/program-spec.ts';
import { stopAll } from '../../../activities/runtime/supervised.ts';
import type { JobRef } from '../../../plan/protocol.ts';
import { jobOnDisk } from '../../support/job-on-disk.ts';
import { trainer } from '../runtime/trainers.ts';

const before = process.env.DJ_SANDBOX_STATE;
beforeEach(async () => {
  process.env.DJ_SANDBOX_STATE = await mkdtemp(join(tmpdir(), 'state-'));
});
afterAll(() => {
  if (before === undefined) delete process.env.DJ_SANDBOX_STATE;
  else process.env.DJ_SANDBOX_STATE = before;
});

/** A claimed job whose program trains until it is told to end; `at`: resolves at a step. */
async function training(more: (out: string) => Partial<ProgramSpec>) {
  const { dir, ref } = await jobOnDisk({ claims: true });
  const epoch = await newEpoch(dir);
  const folder = epochDir(dir, epoch);
  const out = join(folder, 'out');
  const spec: ProgramSpec = {
    ...trainer('checkpointing.py', out, '100000', '0'),
    cwd: folder,
    ...more(out),
  };
  let reached = () => {};
  const started = new Promise<void>(resolve => {
    reached = resolve;
  });
  const ending = new AbortController();
  const run = runProgram(spec, {
    dir: folder,
    epoch,
    signal: ending.signal,
    onProgress: ({ step = 0 }) => {
      if (step > 0) reached();
    },
  }).catch((error: unknown) => error);
  const claimed: JobRef = { ...ref, claim: { hostQueue: 'q', host: 'h', epoch, devices: [] } };
  return { dir, claimed, run, started, ending };
}

it('asks the program of the claim, which then is held at its checkpoint', async () => {
  const { claimed, run, started } = await training(out => ({ checkpoints: { dir: out, canStopOnRequest: true } }));
  await started;
  expect(await holdJob(claimed)).toEqual({ asked: true, message: 'it saves a checkpoint' });
  expect(await run).toBeInstanceOf(ProgramHeld);
  expect(await holdJob(claimed)).toEqual({ asked: false, message: 'no program of it runs just now' });
});

it('says why not where the program has no checkpoints, and leaves it alone', async () => {
  const { claimed, run, started, ending, dir } = await training(() => ({}));
  await started;
  expect(await holdJob(claimed)).toEqual({ asked: false, message: 'its program saves no checkpoints' });
  expect(await stopAll({ under: dir })).toHaveLength(1);
  ending.abort();
  await run;
});

it('that comes late does not hold a newer claim', async () => {
  const { claimed, run, started, ending, dir } = await training(out => ({
    checkpoints: { dir: out, canStopOnRequest: true },
  }));
  await started;
  const late = { ...claimed, claim: { ...claimed.claim!, epoch: 0 } };
  expect(await holdJob(late)).toMatchObject({ asked: false });
  expect(await stopAll({ under: dir })).toHaveLength(1);
  ending.abort();
  await run;
});
