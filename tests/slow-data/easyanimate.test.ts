// Trainings of the small EasyAnimate that are stopped and killed in more ways than tests/real has time for.
import { existsSync } from 'node:fs';
import { readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { MetricsFollower } from '../../activities/runtime/metrics-follower.ts';
import { liveSupervisor } from '../../activities/runtime/supervisor-files.ts';
import { trainEasyAnimate } from '../../activities/train/easyanimate.ts';
import { until } from '../activities/runtime/trainers.ts';
import { bytesOf, type SmallWorld, smallWorld, trainConfig } from '../support/easyanimate.ts';
import { FINAL, start, type Training, train, trainingProgram } from '../support/easyanimate-training.ts';
import { failureOf, supervisedRun } from '../support/evaluators.ts';

const SLOW = 900_000;

let world: SmallWorld;
let straight: Training;
beforeAll(async () => {
  world = await smallWorld();
  straight = await train(world, 'straight');
}, SLOW);
afterAll(() => world.remove());

/** Process id of a segment's program, once it runs. */
async function trainerOf(dir: string, segment: number): Promise<number | undefined> {
  const live = await liveSupervisor(dir);
  return live?.segment === segment ? live.trainer?.pid : undefined;
}

test(
  'killed three times at different steps it ends with the same bytes, each time from its newest checkpoint',
  async () => {
    const dir = join(world.folder, 'thrice');
    const training = train(world, 'thrice');
    const pid = (segment: number) => until(async () => trainerOf(dir, segment));
    const reached = (segment: number, step: number) =>
      until(async () =>
        (await new MetricsFollower(join(dir, 'metrics.jsonl')).read()).some(
          line => line.segment === segment && Number(line['step']) >= step,
        ),
      );
    // The training itself, then everything of it at once, then only its launcher.
    for (const [segment, step] of [3, 5, 5].entries()) {
      const launcher = await pid(segment + 1);
      await reached(segment + 1, step);
      const child = (await readFile(`/proc/${launcher}/task/${launcher}/children`, 'utf8')).trim().split(' ')[0];
      process.kill([Number(child), -launcher, launcher][segment]!, 'SIGKILL');
    }
    const { output, result } = await training;
    expect(await bytesOf(output, FINAL)).toBe(await bytesOf(straight.output, FINAL));
    expect(result.metrics).toEqual(straight.result.metrics);
    const segments = JSON.parse(await readFile(join(dir, 'segments.json'), 'utf8'));
    expect(segments).toHaveLength(4);
    // On a busy machine a kill may come some steps late, and find a later checkpoint.
    for (const { from } of segments.slice(1)) expect(from).toMatch(/^checkpoint-\d+$/);
  },
  SLOW,
);

test(
  'saves where durability says, without a LoRA there and without other weights at the end; stops on request and says so',
  async () => {
    const output = join(world.folder, 'asked', 'out', 'models');
    const spec = await trainingProgram(world, output);
    const control = join(world.folder, 'asked', 'control.json');
    const env = { DJ_CHECKPOINT_EVERY_STEPS: '3', DJ_CHECKPOINT_RUN: 'this', DJ_CONTROL_FILE: control };
    const first = start(spec, env);
    await new Promise<void>(resolve => {
      first.all!.on('data', chunk => String(chunk).includes('Saved state to') && resolve());
    });
    await writeFile(control, '{"stop": true}');
    expect((await first).all).toMatch(/Stopped at step [4-6]/);
    const { stopped, step } = JSON.parse(await readFile(control, 'utf8'));
    expect(stopped).toBe(true);
    expect(JSON.parse(await readFile(join(output, `checkpoint-${step}`, 'complete.json'), 'utf8')).run).toBe('this');
    expect(existsSync(join(output, 'checkpoint-3'))).toBe(true);
    expect(existsSync(join(output, 'checkpoint-3.safetensors'))).toBe(false);
    await rm(control);
    const rest = { DJ_RESUME_FROM: join(output, `checkpoint-${step}`), DJ_CHECKPOINT_EVERY_SECONDS: '0.001' };
    expect((await start(spec, rest)).all).toContain(`Resumed at step ${step}`);
    expect(existsSync(join(output, 'checkpoint-7', 'complete.json'))).toBe(true);
    expect(await bytesOf(output, FINAL)).toBe(await bytesOf(straight.output, FINAL));
  },
  SLOW,
);

test(
  'stopped in the middle of an epoch, with its newest checkpoint torn, it resumes from the one before and ends with the same bytes',
  async () => {
    const output = join(world.folder, 'stopped', 'out', 'models');
    const spec = await trainingProgram(world, output);
    const stopped = await start(spec, { DJ_STOP_AT_STEP: '5' });
    expect(stopped).toMatchObject({ exitCode: 0, all: expect.stringContaining('Stopped at step 5') });
    await truncate(join(output, 'checkpoint-5', 'optimizer.bin'), 1000);
    await rm(join(output, 'checkpoint-5.safetensors'));
    const resumed = await start(spec, { DJ_RESUME_FROM: output });
    expect(resumed.all).toContain(`Resumed at step 4 from ${join(output, 'checkpoint-4')}`);
    expect(await bytesOf(output, FINAL)).toBe(await bytesOf(straight.output, FINAL));
  },
  SLOW,
);

test(
  'a video that is absent fails the job with its file and sample',
  async () => {
    const dataset = join(world.folder, 'absent_ea_fmt.json');
    const samples = [world.clips[0]!, '/no/such.mp4'].map(video => ({ videos: [video], text: 'a clip' }));
    await writeFile(dataset, JSON.stringify(samples));
    const run = await supervisedRun(
      trainEasyAnimate,
      join(world.folder, 'absent'),
      trainConfig({ ...world, dataset }, join(world.folder, 'absent', 'out', 'models')),
    );
    const { message } = await failureOf(trainEasyAnimate.run(run));
    expect(message).toContain('exited with code 1');
    expect(message).toContain(`${dataset}, sample 1: /no/such.mp4: no such video file`);
  },
  SLOW,
);
