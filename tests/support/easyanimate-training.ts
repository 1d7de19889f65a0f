import { join } from 'node:path';
import { execa } from 'execa';
import type { JobResult } from '../../activities/component.ts';
import type { ProgramSpec } from '../../activities/runtime/program-spec.ts';
import { trainEasyAnimate } from '../../activities/train/easyanimate.ts';
import { type SmallWorld, trainConfig } from './easyanimate.ts';
import { supervisedRun } from './evaluators.ts';
import { jobRun } from './job-run.ts';

/** The LoRA that a training of `trainConfig` ends with. */
export const FINAL = 'checkpoint-7.safetensors';

export interface Training {
  output: string;
  run: Awaited<ReturnType<typeof supervisedRun>>;
  result: JobResult;
}

/** Trains as the worker does: bound config, real supervisor. */
export async function train(
  world: SmallWorld,
  name: string,
  output = join(world.folder, name, 'out', 'models'),
): Promise<Training> {
  const config = trainConfig(world, output);
  const run = await supervisedRun(trainEasyAnimate, join(world.folder, name), config);
  return { output, run, result: await trainEasyAnimate.run(run) };
}

/** The same command line, started by the test itself so that it can be stopped or killed. */
export async function trainingProgram(world: SmallWorld, output: string): Promise<ProgramSpec> {
  let spec: ProgramSpec | undefined;
  const run = await jobRun(
    trainEasyAnimate,
    join(output, '..', '..'),
    { extra_configs: trainConfig(world, output) },
    {
      program: wanted => {
        spec = wanted;
        return Promise.reject(new Error('only its command line is wanted'));
      },
    },
  );
  await trainEasyAnimate.run(run).catch(() => {});
  return spec!;
}

/** Starts a training's command line by itself, in a process group of its own. */
export function start(spec: ProgramSpec, env: Record<string, string> = {}) {
  const [program, ...args] = spec.argv;
  return execa(program!, args, {
    cwd: spec.cwd,
    env: { ...spec.env, ...env },
    all: true,
    detached: true,
    reject: false,
  });
}
