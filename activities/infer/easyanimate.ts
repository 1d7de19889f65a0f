import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { defineComponent, type JobResult, type JobRun } from '../component.ts';
import {
  COMMON_NOT_IN_KEY,
  commonKeys,
  flagsOf,
  HOME,
  HOME_READ,
  MODEL_CONFIG,
  MODEL_READS,
  modelPath,
  precision,
} from '../easyanimate/config.ts';
import { findLora } from '../easyanimate/loras.ts';
import { restarting } from '../runtime/durably.ts';
import { JobFailure } from '../runtime/failure.ts';
import { pythonFile } from '../runtime/paths.ts';
import type { LogPattern } from '../runtime/program-spec.ts';

const OUTPUT = 'extra_configs.train.saving_config.output_video_dir';
const SHOWN_NAMES = 3;

const schema = z.looseObject({
  ...commonKeys,
  train: z.looseObject({
    model_path: z.looseObject({
      ...modelPath,
      lora_path: z.string().nullish().describe('A file, or a model folder for its newest; none for the base model'),
    }),
    infer_config: z.looseObject({
      image_size: z.int().positive().describe('Height and width of the videos'),
      prompt_info_path: z.string().min(1).describe('JSON list of prompts, `{prompt_en}` each'),
      gpu_num: z.int().positive().default(1).describe('GPUs side by side, each with its share of the prompts'),
      batch_size: z.int().positive().default(8).describe('Prompts at a time'),
      mixed_precision: precision.default('no').describe('Numbers that are calculated with'),
      video_num_per_prompt: z.int().positive().default(3).describe('Videos of each prompt'),
      seed: z.int().min(0).describe('Of all that is drawn at random'),
    }),
    saving_config: z.looseObject({ output_video_dir: z.string().nullish().describe('Folder for `<prompt>-<n>.mp4`') }),
  }),
});

type InferConfig = z.infer<typeof schema>;

/** EasyAnimate's videos of prompts, one process a GPU; files are named as VBench expects them. */
export const inferEasyAnimate = defineComponent({
  name: 'infer.easyanimate',
  hook: 'InferModelHook',
  type: 'easyanimate',
  version: 1,
  summary: 'makes videos of prompts with an EasyAnimate model, with a LoRA or without',
  resources: { tag: 'gpu', gpus: 1 },
  gpus: ({ extra_configs }) => schema.safeParse(extra_configs).data?.train.infer_config.gpu_num ?? null,
  claims: true,
  cacheable: true,
  config: { extra: schema },
  reads: [
    HOME_READ,
    ...MODEL_READS,
    { at: 'extra_configs.train.model_path.lora_path', kind: 'model', relativeTo: HOME },
    { at: 'extra_configs.train.infer_config.prompt_info_path', kind: 'file', relativeTo: HOME },
  ],
  writes: [{ at: OUTPUT, kind: 'directory', relativeTo: HOME, fallback: 'videos' }],
  results: [{ write: OUTPUT }],
  keepsOutputs: true,
  notInKey: [...COMMON_NOT_IN_KEY, 'extra_configs.infer_name'],
  run,
});

async function run(job: JobRun): Promise<JobResult> {
  const config = schema.parse(job.config.extra_configs);
  const { infer_config: inference, saving_config: saving, model_path: model } = config.train;
  const output = saving.output_video_dir ?? join(job.out, 'videos');
  const prompts = await promptsIn(inference.prompt_info_path);
  const lora = await findLora(model.lora_path);
  const { python, env } = await job.environment(config, 'train');
  await job.program({
    argv: inferCommand(config, python, output, lora, job.devices),
    cwd: config.easyanimate_home,
    env: { PYTHONUNBUFFERED: '1', ...env },
    patterns: [batchBar(Math.ceil(Math.ceil(prompts.length / inference.gpu_num) / inference.batch_size))],
    unit: 'batch',
    phase: 'making videos',
    ...restarting(job.job),
  });
  const videos = await countVideos(output, prompts, inference.video_num_per_prompt);
  return { results: [{ path: output }], metrics: { videos } };
}

/** The command line: EasyAnimate's own script, or several of it side by side. Throws JobFailure where the job has too few GPUs. */
export function inferCommand(
  config: InferConfig,
  python: readonly string[],
  output: string,
  lora: string | null,
  devices: readonly string[],
): string[] {
  const { model_path: model, infer_config: inference } = config.train;
  const { gpu_num: gpus } = inference;
  const script = join(config.easyanimate_home, 'infer_lora.py');
  if (!existsSync(script))
    throw new JobFailure(
      `${script} is not there: easyanimate_home must be EasyAnimate's folder with the sandbox's patch, or python/easyanimate-small`,
    );
  if (devices.length > 0 && devices.length < gpus)
    throw new JobFailure(
      `gpu_num is ${gpus}, but the job has ${devices.length} GPU(s): set its resources.gpus to ${gpus}`,
    );
  const flags = flagsOf({
    prompt_info_path: inference.prompt_info_path,
    config_path: MODEL_CONFIG,
    pretrained_model_name_or_path: model.pretrained_model_name_or_path,
    transformer_path: model.transformer_path,
    lora_path: lora,
    image_size: inference.image_size,
    batch_size: inference.batch_size,
    video_num_per_prompt: inference.video_num_per_prompt,
    mixed_precision: inference.mixed_precision,
    save_path: output,
    seed: inference.seed,
  });
  if (gpus === 1) return [...python, script, ...flags];
  const chosen = devices.length > 0 ? [`--devices=${devices.slice(0, gpus).join(',')}`] : [];
  const all = pythonFile('easyanimate-launch', 'infer_all.py');
  return [...python, all, `--chunks=${gpus}`, ...chosen, '--', ...python, script, ...flags];
}

/** The bar over batches; the model's own bars of denoising steps, which have another total, are not progress. */
function batchBar(batches: number): LogPattern {
  const pattern = `[0-9]+%\\|[^|]*\\| *(?<step>[0-9]+)/(?<total>${batches}) \\[[0-9:]+<(?<eta>[0-9:]+|\\?)`;
  return { kind: 'metrics', pattern };
}

async function promptsIn(file: string): Promise<string[]> {
  const entries = await readFile(file, 'utf8')
    .then(text => JSON.parse(text) as unknown)
    .catch((error: Error) => error);
  const prompts = z
    .array(z.looseObject({ prompt_en: z.string().min(1) }))
    .min(1)
    .safeParse(entries);
  if (prompts.success) return prompts.data.map(entry => entry.prompt_en);
  const why = entries instanceof Error ? ` (${entries.message})` : '';
  throw new JobFailure(`${file} must be a JSON list of {prompt_en: …} with at least one prompt${why}`);
}

async function countVideos(folder: string, prompts: string[], each: number): Promise<number> {
  const there = new Set(await readdir(folder).catch(() => [] as string[]));
  const expected = new Set(prompts.flatMap(prompt => Array.from({ length: each }, (_, i) => `${prompt}-${i}.mp4`)));
  const missing = [...expected].filter(name => !there.has(name));
  if (missing.length === 0) return expected.size;
  const shown = missing.slice(0, SHOWN_NAMES).map(name => `"${name}"`);
  const more = missing.length > SHOWN_NAMES ? ` and ${missing.length - SHOWN_NAMES} more` : '';
  throw new JobFailure(
    `infer_lora.py made ${expected.size - missing.length} of ${expected.size} videos in ${folder}; missing: ${shown.join(', ')}${more}`,
  );
}
