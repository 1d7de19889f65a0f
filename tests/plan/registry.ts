// The components that run, declared as small as the tests of plan/ need them.
import { z } from 'zod';
import { evaluateInternVL } from '../../activities/evaluate/internvl-coco-caption.ts';
import { inferApi } from '../../activities/infer/api.ts';
import { constructPools } from '../../activities/pools/construction.ts';
import { mergePools } from '../../activities/pools/merging.ts';
import { probePoolRanking } from '../../activities/pools/ranking.ts';
import { probeModelInfer } from '../../activities/probe/model-infer.ts';
import { refineModelFeedback } from '../../activities/refine/model-feedback.ts';
import { trainInternVL } from '../../activities/train/internvl-coco-caption.ts';
import { trainModelScope } from '../../activities/train/modelscope.ts';
import { trainTrinity } from '../../activities/train/trinity-rft.ts';
import type { ComponentRegistry, ComponentSpec } from '../../plan/component.ts';

const CPU = { tag: 'cpu', gpus: 0 };
const HOME = 'extra_configs.easyanimate_home';
const recipe = z.looseObject({ dataset_path: z.string(), export_path: z.string().optional() });
const NOT_IN_KEY = ['dj_configs.np', 'dj_configs.project_name'];
const besideStem = (named: string, end: string) => named.replace(/(\.[^./]*)?$/, end);

const base = { version: 1, summary: 'A test’s.', resources: CPU, claims: false, cacheable: true };

const probe: ComponentSpec = {
  ...base,
  name: 'probe.analyzer',
  hook: 'ProbeViaAnalyzerHook',
  config: { dj: recipe },
  recipe: true,
  reads: [{ at: 'dj_configs.dataset_path', kind: 'dataset' }],
  writes: [
    {
      at: 'dj_configs.export_path',
      kind: 'file',
      fallback: 'analysed.jsonl',
      alsoMakes: named => [besideStem(named, '_stats.jsonl')],
      when: config => config.dj_configs?.export_original_dataset === true,
    },
  ],
  provides: ['stats'],
  results: [{ write: 'dj_configs.export_path' }],
  notInKey: NOT_IN_KEY,
};

const refine: ComponentSpec = {
  ...base,
  name: 'refine.k-sigma',
  hook: 'RefineRecipeViaKSigmaHook',
  config: {
    dj: z.looseObject({}),
    extra: z.strictObject({
      path_k_sigma_recipe: z
        .string()
        .regex(/\.(ya?ml|json)$/)
        .optional(),
      k: z.number().positive().default(3),
    }),
  },
  recipe: true,
  reads: [],
  writes: [{ at: 'extra_configs.path_k_sigma_recipe', kind: 'file', fallback: 'refined.yaml' }],
  needs: [{ as: 'stats', sameMetaName: true }],
  results: [{ write: 'extra_configs.path_k_sigma_recipe', recipeOf: 'dj_configs' }],
};

const process: ComponentSpec = {
  ...base,
  name: 'process.data-juicer',
  hook: 'ProcessDataHook',
  config: { dj: recipe },
  recipe: true,
  reads: [{ at: 'dj_configs.dataset_path', kind: 'dataset' }],
  writes: [{ at: 'dj_configs.export_path', kind: 'file', fallback: 'processed.jsonl' }],
  results: [{ write: 'dj_configs.export_path' }],
  notInKey: NOT_IN_KEY,
};

const convert: ComponentSpec = {
  ...base,
  name: 'convert.easyanimate',
  hook: 'GeneralDataExecutorHook',
  type: 'dj_to_easyanimate_video_dataset_conversion',
  config: {
    extra: z.object({
      type: z.string(),
      dataset_path: z.union([z.string(), z.array(z.string())]),
      export_path: z.string(),
    }),
  },
  reads: [{ at: 'extra_configs.dataset_path', kind: 'dataset' }],
  writes: [
    {
      at: 'extra_configs.export_path',
      kind: 'directory',
      alsoMakes: (_named, config) => {
        const path = config.extra_configs?.dataset_path;
        return typeof path === 'string' ? [besideStem(path.split('/').at(-1)!, '_ea_fmt.json')] : [];
      },
    },
  ],
  results: [{ value: 'paths' }],
};

const easyanimate = {
  type: z.literal('easyanimate'),
  easyanimate_home: z.string().default('thirdparty/models/EasyAnimate'),
};
const modelPath = { pretrained_model_name_or_path: z.string(), transformer_path: z.string() };

const train: ComponentSpec = {
  ...base,
  name: 'train.easyanimate',
  hook: 'TrainModelHook',
  type: 'easyanimate',
  claims: true,
  config: {
    extra: z.looseObject({
      ...easyanimate,
      train: z.object({
        tracker_config: z.looseObject({}).optional(),
        model_path: z.object(modelPath),
        dataset_path: z.object({ dataset_name: z.string(), dataset_meta_name: z.string() }),
        training_config: z.object({
          sample_size: z.int(),
          mixed_precision: z.enum(['no', 'fp16', 'bf16']),
          batch_size_per_gpu: z.int().positive(),
          gradient_accumulation_steps: z.int().positive().default(1),
          num_train_epochs: z.int().positive(),
          dataloader_num_workers: z.int().min(0).default(0),
          seed: z.int(),
        }),
        saving_config: z.object({ output_dir: z.string() }),
      }),
    }),
  },
  reads: [
    { at: 'extra_configs.train.model_path.pretrained_model_name_or_path', kind: 'model', hub: true, relativeTo: HOME },
    { at: 'extra_configs.train.model_path.transformer_path', kind: 'model', relativeTo: HOME },
    { at: 'extra_configs.train.dataset_path.dataset_name', kind: 'directory', relativeTo: HOME },
    { at: 'extra_configs.train.dataset_path.dataset_meta_name', kind: 'dataset', relativeTo: HOME },
  ],
  writes: [{ at: 'extra_configs.train.saving_config.output_dir', kind: 'directory', relativeTo: HOME }],
  results: [{ write: 'extra_configs.train.saving_config.output_dir' }],
  notInKey: ['extra_configs.train.tracker_config'],
};

const infer: ComponentSpec = {
  ...base,
  name: 'infer.easyanimate',
  hook: 'InferModelHook',
  type: 'easyanimate',
  claims: true,
  config: {
    extra: z.looseObject({
      ...easyanimate,
      train: z.object({
        model_path: z.object({ ...modelPath, lora_path: z.string().nullish() }),
        infer_config: z.looseObject({ prompt_info_path: z.string(), seed: z.int() }),
        saving_config: z.object({ output_video_dir: z.string() }),
      }),
    }),
  },
  reads: [
    { at: 'extra_configs.train.model_path.pretrained_model_name_or_path', kind: 'model', hub: true, relativeTo: HOME },
    { at: 'extra_configs.train.model_path.transformer_path', kind: 'model', relativeTo: HOME },
    { at: 'extra_configs.train.model_path.lora_path', kind: 'model', relativeTo: HOME },
    { at: 'extra_configs.train.infer_config.prompt_info_path', kind: 'file', relativeTo: HOME },
  ],
  writes: [{ at: 'extra_configs.train.saving_config.output_video_dir', kind: 'directory', relativeTo: HOME }],
  results: [{ write: 'extra_configs.train.saving_config.output_video_dir' }],
};

const vbench: ComponentSpec = {
  ...base,
  name: 'evaluate.vbench',
  hook: 'EvaluateDataHook',
  type: 'vbench_video_evaluator',
  config: {
    extra: z.looseObject({
      type: z.string(),
      full_json_dir: z.string(),
      videos_path: z.string(),
      output_path: z.string(),
      dimension_list: z.array(z.string()).min(1),
    }),
  },
  reads: [
    { at: 'extra_configs.full_json_dir', kind: 'file' },
    { at: 'extra_configs.videos_path', kind: 'video-directory' },
  ],
  writes: [{ at: 'extra_configs.output_path', kind: 'directory' }],
  results: [{ value: 'mean_score' }],
  parts: config => config.extra_configs?.dimension_list as string[],
};

const mse: ComponentSpec = {
  ...base,
  name: 'evaluate.mse',
  hook: 'EvaluateDataHook',
  type: 'mse',
  config: {
    extra: z.object({
      type: z.string(),
      predicted_dataset_path: z.union([z.string(), z.array(z.string())]),
      predicted_value_key: z.string(),
      ground_truth_value_key: z.string(),
    }),
  },
  reads: [{ at: 'extra_configs.predicted_dataset_path', kind: 'dataset' }],
  writes: [],
  results: [{ value: 'results' }, { value: 'min_mse' }],
};

/** Stands here for what compiles and does not run. */
const quality: ComponentSpec = {
  ...base,
  name: 'evaluate.quality-classifier',
  hook: 'EvaluateDataHook',
  type: 'dj_text_quality_classifier',
  config: { extra: z.object({ type: z.string(), dataset_path: z.string(), model: z.string().default('gpt3') }) },
  reads: [
    { at: 'extra_configs.dataset_path', kind: 'dataset' },
    { at: 'extra_configs.model', kind: 'model', names: ['gpt3'] },
  ],
  writes: [],
  results: [{ value: 'score' }],
  notRunnable: 'the text quality classifier comes with a later version',
};

export const REGISTRY: ComponentRegistry = [
  probe,
  refine,
  process,
  convert,
  train,
  infer,
  vbench,
  mse,
  quality,
  probePoolRanking,
  constructPools,
  mergePools,
  refineModelFeedback,
  probeModelInfer,
  inferApi,
  trainModelScope,
  trainTrinity,
  trainInternVL,
  evaluateInternVL,
];
