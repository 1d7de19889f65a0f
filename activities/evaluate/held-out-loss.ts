import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { defineComponent } from '../component.ts';
import {
  COMMON_NOT_IN_KEY,
  commonKeys,
  flagsOf,
  HOME,
  HOME_READ,
  MODEL_READS,
  modelPath,
  precision,
} from '../easyanimate/config.ts';
import { findLora } from '../easyanimate/loras.ts';
import { JobFailure } from '../runtime/failure.ts';
import { runEvaluation } from './evaluation-program.ts';
import { readEvaluation } from './evaluation-result.ts';

const SCRIPT = 'held_out_loss.py';
const LORA = 'extra_configs.train.model_path.lora_path';

const schema = z.object({
  ...commonKeys,
  type: z.literal('held_out_loss'),
  train: z.object({
    model_path: z.object({
      ...modelPath,
      lora_path: z.string().nullish().describe('A file, or a model folder for its newest; none for the base model'),
    }),
    dataset_path: z.object({
      dataset_name: z.string().nullish().describe('Folder that relative paths of videos start at'),
      dataset_meta_name: z.string().min(1).describe('Clips that were not trained on'),
    }),
    eval_config: z.object({
      sample_size: z.int().positive().describe('Height and width of the frames'),
      mixed_precision: precision.default('no').describe('Numbers that are calculated with'),
      seed: z.int().min(0).default(0).describe('Of times and noise'),
      timesteps: z.int().positive().default(8).describe('Times at which each clip is looked at'),
      sample_n_frames: z.int().positive().default(16).describe('Frames of each clip'),
      sample_stride: z.int().positive().default(2).describe('Distance of these frames in the video'),
      compare_with_base: z
        .boolean()
        .default(false)
        .describe("The base model's loss as well, clip by clip at the same times and noise"),
    }),
  }),
  result_path: z.string().min(1).nullish().describe('File for the losses of all clips'),
});

/** What the program writes; numbers that are not defined are null. */
interface Told extends Record<string, unknown> {
  loss: number;
  device: string;
  each: unknown[];
}

/** EvaluateModelHook `held_out_loss`: the training loss on clips that were not trained on; seeds, times and noise are the same for every model. */
export const evaluateHeldOutLoss = defineComponent({
  name: 'evaluate.held-out-loss',
  hook: 'EvaluateModelHook',
  type: 'held_out_loss',
  version: 1,
  summary:
    'Measures the training loss of an EasyAnimate model on held-out clips, with seeds and timesteps fixed; the result is the mean loss.',
  resources: { tag: 'gpu', gpus: 1 },
  claims: true,
  cacheable: true,
  config: { extra: schema },
  reads: [
    { ...HOME_READ, content: [...HOME_READ.content!, SCRIPT] },
    ...MODEL_READS,
    { at: LORA, kind: 'model', relativeTo: HOME },
    { at: 'extra_configs.train.dataset_path.dataset_name', kind: 'directory', relativeTo: HOME },
    { at: 'extra_configs.train.dataset_path.dataset_meta_name', kind: 'dataset', relativeTo: HOME },
  ],
  writes: [{ at: 'extra_configs.result_path', kind: 'file', fallback: 'held_out_loss.json' }],
  results: [{ value: 'loss' }],
  notInKey: COMMON_NOT_IN_KEY,

  async run(run) {
    const config = schema.parse(run.config.extra_configs);
    const { model_path: model, dataset_path: dataset, eval_config: asked } = config.train;
    const script = join(config.easyanimate_home, SCRIPT);
    if (!existsSync(script)) throw new JobFailure(missing(script));
    const output = config.result_path ?? join(run.out, 'held_out_loss.json');
    const flags = flagsOf({
      pretrained_model_name_or_path: model.pretrained_model_name_or_path,
      transformer_path: model.transformer_path,
      lora_path: await findLora(model.lora_path),
      train_data_dir: dataset.dataset_name,
      train_data_meta: dataset.dataset_meta_name,
      ...asked,
      output,
    });
    const { python, env } = await run.environment(config, 'train');
    await runEvaluation(run, { argv: [...python, script, ...flags], env, unit: 'clip', phase: 'measuring' });
    const { each: _, device, ...told } = (await readEvaluation(output)) as Told;
    const numbers = Object.entries(told).filter(([, value]) => typeof value === 'number');
    return {
      results: [{ value: told.loss }],
      metrics: Object.fromEntries(numbers) as Record<string, number>,
      notes: [`measured on a ${device.toUpperCase()}: other devices draw other noise, compare with losses of the same`],
    };
  },
});

function missing(script: string): string {
  return `${script} is not there: easyanimate_home must be python/easyanimate-small, or a home with a script of that name and its flags (EasyAnimate itself has none)`;
}
