import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { inferEasyAnimate } from '../../../activities/infer/easyanimate.ts';
import { parseLine } from '../../../activities/runtime/log-patterns.ts';
import { pythonFile } from '../../../activities/runtime/paths.ts';
import type { ProgramSpec } from '../../../activities/runtime/program-spec.ts';
import type { JsonObject } from '../../../plan/plan.ts';
import { jobRun } from '../../support/job-run.ts';

const PROMPTS = ['a dog', 'a cat', 'a cow'];

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'infer-'));
  await writeFile(join(folder, 'infer_lora.py'), '');
  await writeFile(
    join(folder, 'prompts.json'),
    JSON.stringify(PROMPTS.map(prompt_en => ({ prompt_en, dimension: [] }))),
  );
});
afterEach(() => rm(folder, { recursive: true }));

function config(inference: JsonObject = {}, lora: string | null = null): JsonObject {
  return {
    type: 'easyanimate',
    easyanimate_home: folder,
    launcher: { python: 'python3' },
    infer_name: 'easyanimate-lora-generate',
    train: {
      model_path: {
        pretrained_model_name_or_path: 'org/pixart',
        transformer_path: '/m/t.safetensors',
        lora_path: lora,
      },
      infer_config: {
        image_size: 256,
        prompt_info_path: join(folder, 'prompts.json'),
        gpu_num: 1,
        batch_size: 2,
        mixed_precision: 'bf16',
        video_num_per_prompt: 2,
        seed: 43,
        ...inference,
      },
      saving_config: { output_video_dir: join(folder, 'out', 'videos') },
    },
  };
}

async function infer(extra: JsonObject, devices: string[] = [], made = PROMPTS) {
  let spec: ProgramSpec | undefined;
  const output = join(folder, 'out', 'videos');
  const run = await jobRun(
    inferEasyAnimate,
    folder,
    { extra_configs: extra },
    {
      devices,
      program: async wanted => {
        spec = wanted;
        await mkdir(output, { recursive: true });
        for (const prompt of made) for (const i of [0, 1]) await writeFile(join(output, `${prompt}-${i}.mp4`), '');
        return { code: 0, signal: null, log: '', metrics: '' };
      },
    },
  );
  return { result: await inferEasyAnimate.run(run), spec: spec! };
}

test('the base model is asked for without a LoRA flag, and all videos are counted', async () => {
  const { spec, result } = await infer(config());
  expect(spec.argv.slice(0, 2)).toEqual(['python3', join(folder, 'infer_lora.py')]);
  expect(spec.argv).toEqual(expect.arrayContaining(['--batch_size=2', `--save_path=${join(folder, 'out', 'videos')}`]));
  expect(spec.argv.join(' ')).not.toContain('lora_path');
  expect(result).toEqual({ results: [{ path: join(folder, 'out', 'videos') }], metrics: { videos: 6 } });
});

test('a model folder as lora_path means its newest checkpoint', async () => {
  const models = join(folder, 'models');
  await mkdir(models);
  for (const step of [100, 20]) await writeFile(join(models, `checkpoint-${step}.safetensors`), '');
  expect((await infer(config({}, models))).spec.argv).toContain(`--lora_path=${models}/checkpoint-100.safetensors`);
});

test('progress is the bar over batches, not the bars over denoising steps', async () => {
  const { patterns } = (await infer(config())).spec;
  expect(parseLine(patterns, ' 50%|█████     | 1/2 [00:00<00:00,  1.55it/s]')).toMatchObject({ step: 1, total: 2 });
  expect(parseLine(patterns, ' 50%|█████     | 15/30 [00:10<00:10,  1.55it/s]')).toBeNull();
});

describe('several GPUs', () => {
  test('share the prompts, a process each, on the devices that the job holds', async () => {
    const { argv } = (await infer(config({ gpu_num: 2 }), ['GPU-a', 'GPU-b'])).spec;
    const all = pythonFile('easyanimate-launch', 'infer_all.py');
    expect(argv.slice(0, 7)).toEqual([
      ...['python3', all, '--chunks=2', '--devices=GPU-a,GPU-b', '--'],
      ...['python3', join(folder, 'infer_lora.py')],
    ]);
  });

  test('of which the job has too few fail before anything runs', async () => {
    await expect(infer(config({ gpu_num: 4 }), ['GPU-a'])).rejects.toThrow(
      'gpu_num is 4, but the job has 1 GPU(s): set its resources.gpus to 4',
    );
  });
});

describe('fails with what is wrong', () => {
  test('when there are fewer videos than prompts', async () => {
    await expect(infer(config(), [], ['a dog', 'a cow'])).rejects.toThrow(
      `made 4 of 6 videos in ${join(folder, 'out', 'videos')}; missing: "a cat-0.mp4", "a cat-1.mp4"`,
    );
  });

  test.each(['{', '{"prompt_en": "x"}', '[]', '[{"prompt": "x"}]'])('when the prompt file is %s', async text => {
    await writeFile(join(folder, 'prompts.json'), text);
    await expect(infer(config())).rejects.toThrow('must be a JSON list of {prompt_en: …} with at least one prompt');
  });
});
