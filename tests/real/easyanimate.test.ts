import { existsSync } from 'node:fs';
import { copyFile, mkdir, readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { evaluateHeldOutLoss } from '../../activities/evaluate/held-out-loss.ts';
import { inferEasyAnimate } from '../../activities/infer/easyanimate.ts';
import { pythonFile, pythonOf } from '../../activities/runtime/paths.ts';
import { runProgram } from '../../activities/runtime/program.ts';
import { stepValues } from '../../activities/runtime/step-values.ts';
import { liveSupervisor } from '../../activities/runtime/supervisor-files.ts';
import { until } from '../activities/runtime/trainers.ts';
import { bytesOf, inferConfig, type SmallWorld, smallWorld } from '../support/easyanimate.ts';
import { FINAL, start, type Training, train, trainingProgram } from '../support/easyanimate-training.ts';
import { failureOf, supervisedRun } from '../support/evaluators.ts';

const SLOW = 180_000;

let world: SmallWorld;
beforeAll(async () => {
  world = await smallWorld();
}, SLOW);
afterAll(() => world.remove());

describe('training', () => {
  let straight: Training;
  beforeAll(async () => {
    straight = await train(world, 'straight');
  }, SLOW);

  test('publishes the model folder, with losses from its log and checkpoints that can be resumed from', async () => {
    const { output, run, result } = straight;
    expect(result.results).toEqual([{ path: output }]);
    expect(result.metrics).toMatchObject({ steps: 7 });
    expect(result.metrics!['first_loss']).toBeGreaterThan(0);
    expect(result.metrics!['last_loss']).toBeGreaterThan(0);
    expect(run.seen.at(-1)).toMatchObject({ step: 7, total: 7, checkpoint: 'checkpoint-7', lr: 0.001 });
    const names = (await readdir(output)).filter(name => name.startsWith('checkpoint'));
    expect(names.sort()).toEqual(
      [2, 4, 6, 7].flatMap(step => [`checkpoint-${step}`, `checkpoint-${step}.safetensors`]),
    );
  });

  test(
    'killed after a checkpoint and run again in the same folder it ends with the same bytes',
    async () => {
      const output = join(world.folder, 'killed', 'out', 'models');
      const training = start(await trainingProgram(world, output));
      await new Promise<void>(resolve => {
        training.all!.on('data', chunk => String(chunk).includes('Saved state to') && resolve());
      });
      process.kill(-training.pid!, 'SIGKILL');
      await training;
      expect(existsSync(join(output, FINAL))).toBe(false);
      await train(world, 'killed', output);
      expect(await bytesOf(output, FINAL)).toBe(await bytesOf(straight.output, FINAL));
    },
    SLOW,
  );

  test(
    'held right after step 3 and right after step 5, as at rungs, it ends with the same bytes, having learnt at the same rates',
    async () => {
      const dir = join(world.folder, 'rungs');
      const output = join(dir, 'out', 'models');
      const spec = await trainingProgram(world, output);
      const { signal } = new AbortController();
      for (const step of [3, 5]) {
        await expect(runProgram(spec, { dir, epoch: 1, signal, until: step })).rejects.toMatchObject({
          name: 'ProgramHeld',
          checkpoint: `checkpoint-${step}`,
          step,
        });
        await until(async () => (await liveSupervisor(dir)) === null);
      }
      await runProgram(spec, { dir, epoch: 1, signal });
      for (const file of [FINAL, ...['optimizer.bin', 'scheduler.bin'].map(name => join('checkpoint-7', name))])
        expect(await bytesOf(output, file)).toBe(await bytesOf(straight.output, file));
      const rates = async (folder: string) =>
        (await stepValues(join(folder, 'metrics.jsonl'), 'lr')).values.map(({ step, value }) => [step, value]);
      expect(await rates(dir)).toEqual(await rates(straight.run.dir));
    },
    SLOW,
  );

  test(
    'the loss on held-out clips is measured at the same times and noise for the LoRA and for the base model, whoever else is measured',
    async () => {
      const dataset = join(world.folder, 'held_out.json');
      const samples = world.clips.slice(-2).map((clip, i) => ({ videos: [clip], text: `clip ${i}` }));
      await writeFile(dataset, JSON.stringify(samples));
      const measure = async (name: string, lora_path: string | null, compare_with_base: boolean) => {
        const dir = join(world.folder, name);
        const run = await supervisedRun(evaluateHeldOutLoss, dir, {
          easyanimate_home: pythonFile('easyanimate-small'),
          train: {
            model_path: { pretrained_model_name_or_path: world.base, lora_path },
            dataset_path: { dataset_meta_name: dataset },
            eval_config: { sample_size: 32, sample_stride: 1, timesteps: 4, seed: 5, compare_with_base },
          },
        });
        const { results, metrics } = await evaluateHeldOutLoss.run(run);
        const told = JSON.parse(await readFile(join(run.out, 'held_out_loss.json'), 'utf8'));
        expect(run.seen.at(-1)).toMatchObject({ step: compare_with_base ? 4 : 2, unit: 'clip' });
        expect(results).toEqual([{ value: told.loss }]);
        return { metrics: metrics!, each: told.each as { text: string; loss: number; base_loss: number }[] };
      };
      const [trained, base] = [
        await measure('held-out', straight.output, true),
        await measure('held-out-base', null, false),
      ];
      expect(trained.metrics).toMatchObject({ samples: 2, timesteps: 4 });
      expect(trained.metrics['base_loss']).toBe(base.metrics['loss']);
      expect(trained.each.map(({ base_loss }) => base_loss)).toEqual(base.each.map(({ loss }) => loss));
      expect(trained.metrics['loss']).not.toBe(base.metrics['loss']);
      expect(trained.metrics['gain']).toBeCloseTo(trained.metrics['base_loss']! - trained.metrics['loss']!, 9);
      expect(trained.each.map(({ text }) => text)).toEqual(['clip 0', 'clip 1']);
    },
    SLOW,
  );
});

test(
  'videos that cannot be trained on are told apart: truncated, no video, without frames, not named',
  async () => {
    const broken = join(world.folder, 'broken');
    await mkdir(broken);
    const [cut, text] = [join(broken, 'cut.mp4'), join(broken, 'text.mp4')];
    await copyFile(world.clips[0]!, cut);
    await truncate(cut, 6000);
    await writeFile(text, 'this is no video');
    const code = `
import json, sys
from small.dataset import DatasetError, VideoDataset
for number, sample in enumerate(json.loads(sys.argv[1])):
    meta = f"{sys.argv[2]}/{number}.json"
    json.dump([sample], open(meta, "w"))
    try:
        VideoDataset(meta, None, 32, 16, 1)
    except DatasetError as error:
        print(str(error).removeprefix(meta))
`;
    const samples = [{ videos: [cut] }, { videos: [text] }, { videos: [] }];
    const env = { PYTHONPATH: pythonFile('easyanimate-small') };
    const { stdout } = await execa(pythonOf('train'), ['-c', code, JSON.stringify(samples), broken], { env });
    const [ofCut, ofText, ofNone] = stdout.split('\n');
    expect(ofCut).toMatch(/^, sample 0: .*cut\.mp4: (truncated|not a readable video)/);
    expect(ofText).toMatch(/^, sample 0: .*text\.mp4: not a readable video/);
    expect(ofNone).toBe(', sample 0: names no video in `videos` or `file_path`');
  },
  SLOW,
);

describe('inference', () => {
  const prompts = ['a rabbit on a meadow', 'a man in a car', 'two vans'];

  async function infer(name: string, lora: string | null = null) {
    const output = join(world.folder, name, 'out', 'videos');
    const config = await inferConfig(world, output, prompts, lora);
    const run = await supervisedRun(inferEasyAnimate, join(world.folder, name), config);
    return { output, run, result: await inferEasyAnimate.run(run) };
  }

  test(
    'names videos as VBench expects them and goes on at the first one that is missing, with the same bytes',
    async () => {
      const { output, run, result } = await infer('whole');
      expect((await readdir(output)).sort()).toEqual(prompts.map(prompt => `${prompt}-0.mp4`).sort());
      expect(result).toEqual({ results: [{ path: output }], metrics: { videos: 3 } });
      expect(run.seen.at(-1)).toMatchObject({ step: 2, total: 2, unit: 'batch' });

      const again = join(world.folder, 'again', 'out', 'videos');
      await mkdir(again, { recursive: true });
      await writeFile(join(again, `${prompts[0]}-0.mp4`), 'was there before');
      await infer('again');
      expect(await readFile(join(again, `${prompts[0]}-0.mp4`), 'utf8')).toBe('was there before');
      for (const prompt of prompts.slice(1))
        expect(await bytesOf(again, `${prompt}-0.mp4`)).toBe(await bytesOf(output, `${prompt}-0.mp4`));
      expect(await readdir(again)).toHaveLength(3);
    },
    SLOW,
  );

  test(
    'a LoRA that belongs to no such model fails with its file',
    async () => {
      const lora = join(world.folder, 'checkpoint-1.safetensors');
      await copyFile(join(world.base, 'vae', 'codec.safetensors'), lora);
      const { message } = await failureOf(infer('wrong-lora', lora));
      expect(message).toContain(`LoraFileError: ${lora}: not a LoRA of this model`);
    },
    SLOW,
  );

  test('several processes share the prompts, and one that fails ends the others with its code', async () => {
    const all = pythonFile('easyanimate-launch', 'infer_all.py');
    const child = join(world.folder, 'child.py');
    await writeFile(
      child,
      'import os, sys, time\nsys.stdout.write(f"{sys.argv[1:]} {os.environ[\'CUDA_VISIBLE_DEVICES\']}\\n"); sys.stdout.flush()\n' +
        'chunk = int(sys.argv[-1].split("=")[1])\nif chunk == int(sys.argv[1]): sys.exit(5)\nif int(sys.argv[1]) >= 0: time.sleep(100)\n',
    );
    const startBoth = (failing: string) =>
      execa(pythonOf('train'), [all, '--chunks=2', '--devices=4,6', '--', pythonOf('train'), child, failing], {
        all: true,
        reject: false,
      });
    const [good, bad] = await Promise.all([startBoth('-1'), startBoth('1')]);
    expect(good.exitCode).toBe(0);
    expect(good.all).toContain("['-1', '--chunks_num=2', '--chunk_id=0'] 4");
    expect(good.all).toContain("['-1', '--chunks_num=2', '--chunk_id=1'] 6");
    expect(bad.exitCode).toBe(5);
    expect(bad.all).toContain('infer_all.py: chunk 2 of 2 on device 6 ended with code 5');
  });
});

test(
  "the shim resumes a script like EasyAnimate's own, whose hooks and search for the latest checkpoint fail",
  async () => {
    const script = join('tests', 'fixtures', 'easyanimate', 'upstream_like.py');
    const launch = (output: string, env: Record<string, string>) => {
      const flags = [
        `--output_dir=${join(world.folder, output)}`,
        '--seed=3',
        '--max_train_steps=14',
        '--checkpointing_steps=5',
      ];
      const shim = pythonFile('easyanimate-launch', 'launch.py');
      return execa(pythonOf('train'), [shim, script, ...flags], { env, all: true, reject: false });
    };
    const [straight, stopped] = await Promise.all([launch('up', {}), launch('up-parts', { DJ_STOP_AT_STEP: '6' })]);
    expect(straight.exitCode, straight.all).toBe(0);
    expect(stopped.all).toContain('Stopped at step 6');
    const resumed = await launch('up-parts', { DJ_RESUME_FROM: join(world.folder, 'up-parts') });
    expect(resumed.exitCode, resumed.all).toBe(0);
    const stepsOf = (all: string) => all.split('\n').filter(line => line.startsWith('Steps:'));
    expect([...stepsOf(stopped.all), ...stepsOf(resumed.all)]).toEqual(stepsOf(straight.all));
    const final = 'checkpoint-14.safetensors';
    expect(await bytesOf(world.folder, 'up-parts', final)).toBe(await bytesOf(world.folder, 'up', final));
  },
  SLOW,
);
