import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import { Cancelled } from '../../../activities/runtime/end-reason.ts';
import { EASYANIMATE } from '../../../activities/runtime/log-patterns.ts';
import type { RunProgramOptions } from '../../../activities/runtime/program.ts';
import type { ProgramSpec } from '../../../activities/runtime/program-spec.ts';
import { stopProgram } from '../../../activities/runtime/supervisor-client.ts';

/** An empty folder, and a state folder of its own; when the test ends whatever runs in it is stopped. */
export async function runFolder(): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'dj-sandbox-')));
  process.env.DJ_SANDBOX_STATE = join(folder, 'state');
  onTestFinished(async () => {
    await stopProgram(folder, 1_000_000, 'the test is over').catch(() => {});
    await rm(folder, { recursive: true, force: true, maxRetries: 50, retryDelay: 20 });
  });
  return folder;
}

/** A fixture program, as a spec. */
export function trainer(name: string, ...args: (string | number)[]): ProgramSpec {
  const program = resolve('tests/fixtures/trainers', name);
  const interpreter = name.endsWith('.py') ? ['python3'] : ['sh'];
  return {
    argv: [...interpreter, program, ...args.map(String)],
    cwd: tmpdir(),
    env: {},
    patterns: [...EASYANIMATE],
    failOnNaN: true,
    unit: 'step',
  };
}

export function options(
  dir: string,
  signal: RunProgramOptions['signal'] = new AbortController().signal,
): RunProgramOptions {
  return { dir, epoch: 1, signal };
}

export function cancelLater(): { signal: RunProgramOptions['signal']; cancel: () => void } {
  const controller = new AbortController();
  return { signal: controller.signal, cancel: () => controller.abort(new Cancelled()) };
}

/** Waits until `found` gives something. */
export async function until<T>(
  found: () => Promise<T | null | undefined | false> | T | null | undefined | false,
): Promise<T> {
  for (;;) {
    const value = await found();
    if (value) return value;
    await sleep(20);
  }
}
