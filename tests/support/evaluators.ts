import { mkdir, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { onTestFinished } from 'vitest';
import type { Component, JobRun } from '../../activities/component.ts';
import { JobFailure } from '../../activities/runtime/failure.ts';
import { pythonOf } from '../../activities/runtime/paths.ts';
import { runProgram } from '../../activities/runtime/program.ts';
import type { Json, JsonObject } from '../../plan/plan.ts';
import { jobRun } from './job-run.ts';

/** A folder of this test's own, with the state of the programs that it runs. */
export async function workFolder(): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'evaluators-')));
  process.env.DJ_SANDBOX_STATE = join(folder, 'state');
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A folder of videos: `name.mp4:frozen|flicker|moving|blurred|flat:WIDTHxHEIGHT:FRAMES`. */
export async function videoFolder(folder: string, ...videos: string[]): Promise<string> {
  await mkdir(folder, { recursive: true });
  await execa(pythonOf('vbench'), [resolve('tests/fixtures/evaluators/make_videos.py'), folder, ...videos]);
  return folder;
}

type Run = Awaited<ReturnType<typeof jobRun>>;

/** A run in `dir` whose programs run under the real supervisor. */
export async function supervisedRun(
  component: Component,
  dir: string,
  extra: JsonObject,
  more: Partial<JobRun> = {},
): Promise<Run> {
  const extra_configs = { type: component.type!, ...extra };
  const run = await jobRun(component, dir, { extra_configs }, more);
  run.job = { ...run.job, resources: component.resources };
  run.program = spec =>
    runProgram(spec, { dir, epoch: 1, signal: run.signal, onProgress: progress => run.progress(progress) });
  return run;
}

/** Runs all parts and then gathers them, as the workflow does; a part's folder is `parts/<part>` of `dir`. */
export async function runInParts(component: Component, dir: string, extra: JsonObject) {
  const parts: Record<string, Json> = {};
  for (const part of component.parts!({ dj_configs: null, extra_configs: extra })) {
    parts[part] = await component.runPart!(await supervisedRun(component, join(dir, 'parts', part), extra), part);
  }
  return await component.run(await supervisedRun(component, join(dir, 'epoch-1'), extra, { parts }));
}

/** The failure that a run ends with. */
export async function failureOf(run: Promise<unknown>): Promise<JobFailure> {
  const error = await run.then(
    () => null,
    thrown => thrown,
  );
  if (error instanceof JobFailure) return error;
  throw new Error(`expected a JobFailure, got ${error}`);
}
