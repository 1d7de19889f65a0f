// Components of the original that this version compiles but does not run, so that published configs can be checked and planned.
import { z } from 'zod';
import type { ComponentRegistry, ComponentSpec, ReadField } from './component.ts';

const CPU = { tag: 'cpu', gpus: 0 };
const GPU = { tag: 'gpu', gpus: 1 };

const path = z.string();
const paths = z.union([z.string(), z.array(z.string())]);
const environment = {
  env_name: z.string().nullish(),
  env_manager: z.enum(['conda', 'mamba', 'venv', 'virtualenv', 'uv']).nullish(),
  env_params: z.record(z.string(), z.unknown()).nullish(),
};

type Declared = Omit<ComponentSpec, 'version' | 'claims' | 'cacheable' | 'reads' | 'writes'> & Partial<ComponentSpec>;

function declare(spec: Declared): ComponentSpec {
  const needsHost = spec.resources.gpus > 0;
  return { version: 1, claims: needsHost, cacheable: true, reads: [], writes: [], ...spec };
}

const dataset = (key: string): ReadField => ({ at: `extra_configs.${key}`, kind: 'dataset' });
const folder = (key: string): ReadField => ({ at: `extra_configs.${key}`, kind: 'directory' });
const model = (key: string): ReadField => ({ at: `extra_configs.${key}`, kind: 'model', hub: true });
const makesFolder = (key: string) => ({ at: `extra_configs.${key}`, kind: 'directory' as const });

const LATER = 'it comes with a later one';

const pool = (
  type: string,
  summary: string,
  keys: z.ZodRawShape,
  reads: ReadField[] = [dataset('dataset_path')],
): ComponentSpec =>
  declare({
    name: `process.${type.replaceAll('_', '-')}`,
    hook: 'DataPoolManipulationHook',
    type,
    summary,
    resources: CPU,
    config: { extra: z.looseObject({ type: z.literal(type), export_path: path, ...keys }) },
    reads,
    writes: [makesFolder('export_path')],
    results: [{ value: 'paths' }],
    notRunnable: `data pools: ${LATER}`,
  });

const ratio = z.union([z.number(), z.string()]);

const pools: ComponentSpec[] = [
  pool('data_pool_construction', 'Splits analysed datasets by each stat into low, middle and high pools.', {
    dataset_path: paths,
    split_ratios: z.array(ratio).nullish(),
    split_num: z.int().positive().nullish(),
    ignore_stats: z.boolean().nullish(),
  }),
  pool('data_pool_combination', 'Intersects ranked pools in every combination.', { dataset_path: paths }),
  pool('data_pool_duplication', 'Repeats a pool a number of times.', {
    dataset_path: paths,
    duplicating_times: z.array(z.int().positive()),
    shuffle: z.boolean().nullish(),
    shuffle_seed: z.int().nullish(),
  }),
  pool('data_pool_downsampling', 'Samples pools down to one size.', {
    dataset_path: paths,
    target_num_samples: z.int().positive().nullish(),
    shuffle_seed: z.int().nullish(),
  }),
  pool('data_pool_ranking', 'Orders pools by a metric.', {
    export_path: path.nullish(),
    dataset_path: paths,
    metrics: z.array(z.unknown()),
  }),
  pool('data_pool_merging', 'Puts pools together into one dataset.', { dataset_path: paths }),
  pool(
    'data_pool_cartesian_join',
    'Joins two sets of pools, each sample with each.',
    { dataset_path_1: paths, dataset_path_2: paths },
    [dataset('dataset_path_1'), dataset('dataset_path_2')],
  ),
];

const inference = (
  type: string,
  summary: string,
  resources: ComponentSpec['resources'],
  cacheable: boolean,
): ComponentSpec =>
  declare({
    name: `infer.${type}`,
    hook: 'InferModelHook',
    type,
    summary,
    resources,
    cacheable,
    config: {
      extra: z.looseObject({ type: z.literal(type), model: z.string(), dataset_path: paths, export_path: path }),
    },
    reads: [dataset('dataset_path'), ...(type === 'api' ? [] : [model('model')])],
    writes: [makesFolder('export_path')],
    results: [{ value: 'paths' }],
    notRunnable: `inference by ${type}: ${LATER}`,
  });

const comparison = (type: 'accuracy' | 'mse', what: 'label' | 'value', best: string): ComponentSpec =>
  declare({
    name: `evaluate.${type}`,
    hook: 'EvaluateDataHook',
    type,
    summary: `Compares predicted ${what}s with the truth.`,
    resources: CPU,
    config: {
      extra: z.looseObject({
        type: z.literal(type),
        predicted_dataset_path: paths,
        ground_truth_dataset_path: paths.nullish(),
        [`predicted_${what}_key`]: z.string(),
        [`ground_truth_${what}_key`]: z.string(),
      }),
    },
    reads: [dataset('predicted_dataset_path'), dataset('ground_truth_dataset_path')],
    results: [{ value: 'results' }, { value: best }],
    notRunnable: `${type}: ${LATER}`,
  });

const coco = (name: string, type: string, summary: string, keys: z.ZodRawShape, reads: ReadField[]): ComponentSpec =>
  declare({
    name,
    hook: 'GeneralDataExecutorHook',
    type,
    summary,
    resources: CPU,
    config: { extra: z.looseObject({ type: z.literal(type), dataset_path: paths, export_path: path, ...keys }) },
    reads: [dataset('dataset_path'), ...reads],
    writes: [makesFolder('export_path')],
    results: [{ value: 'paths' }],
    notRunnable: `COCO captions: ${LATER}`,
  });

const internvl = {
  type: z.literal('internvl_coco_caption'),
  internvl_home: path,
  num_gpus: z.int().positive().nullish(),
  ...environment,
};

const training: ComponentSpec[] = [
  declare({
    name: 'train.modelscope',
    hook: 'TrainModelHook',
    type: 'modelscope',
    summary: 'Trains a model with a ModelScope trainer.',
    resources: GPU,
    config: {
      extra: z.looseObject({
        type: z.literal('modelscope'),
        model_name: z.string(),
        trainer_name: z.string(),
        work_dir: path,
        train_dataset: path.nullish(),
        eval_dataset: path.nullish(),
        key_remapping: z.record(z.string(), z.string()).nullish(),
        train: z.record(z.string(), z.unknown()).nullish(),
      }),
    },
    reads: [dataset('train_dataset'), dataset('eval_dataset'), model('model_name')],
    writes: [makesFolder('work_dir')],
    results: [{ write: 'extra_configs.work_dir' }],
    notRunnable: `ModelScope training: ${LATER}`,
  }),
  declare({
    name: 'train.trinity-rft',
    hook: 'TrainModelHook',
    type: 'trinity-rft',
    summary: 'Fine-tunes a model by reinforcement with Trinity-RFT.',
    resources: GPU,
    config: {
      extra: z.looseObject({
        type: z.literal('trinity-rft'),
        trinity_config_path: path,
        trinity_home: path.nullish(),
        ...environment,
      }),
    },
    reads: [{ at: 'extra_configs.trinity_config_path', kind: 'file' }, folder('trinity_home')],
    results: [{ value: 'checkpoint_root_dir' }],
    notRunnable: `Trinity-RFT: ${LATER}`,
  }),
  declare({
    name: 'train.internvl-coco-caption',
    hook: 'TrainModelHook',
    type: 'internvl_coco_caption',
    summary: 'Fine-tunes InternVL2 on COCO captions, once a meta file.',
    resources: GPU,
    config: {
      extra: z.looseObject({
        ...internvl,
        batch_size_per_device: z.int().positive().nullish(),
        work_dir: path,
        model_name_or_path: z.string(),
        conv_style_or_scale: z.string(),
        meta_paths: paths,
        script_dir: path,
      }),
    },
    reads: [{ at: 'extra_configs.meta_paths', kind: 'file' }, model('model_name_or_path'), folder('internvl_home')],
    writes: [makesFolder('work_dir'), makesFolder('script_dir')],
    results: [{ value: 'paths' }],
    notRunnable: `InternVL: ${LATER}`,
  }),
];

const evaluation: ComponentSpec[] = [
  declare({
    name: 'evaluate.quality-classifier',
    hook: 'EvaluateDataHook',
    type: 'dj_text_quality_classifier',
    summary: "Scores texts with Data-Juicer's quality classifier.",
    resources: CPU,
    config: { extra: z.looseObject({ type: z.literal('dj_text_quality_classifier'), dataset_path: path }) },
    reads: [dataset('dataset_path')],
    results: [{ value: 'score' }],
    notRunnable: `the text quality classifier: ${LATER}`,
  }),
  declare({
    name: 'evaluate.video-inception',
    hook: 'EvaluateDataHook',
    type: 'video_inception_evaluator',
    summary: 'Compares generated with real videos by inception features (FVD, KVD, FID, IS, …).',
    resources: GPU,
    config: {
      extra: z.looseObject({
        type: z.literal('video_inception_evaluator'),
        fake_data_path: path,
        real_data_path: path.nullish(),
        fake_mm_dir: path.nullish(),
        real_mm_dir: path.nullish(),
        detector_path: path.nullish(),
        result_path: path.nullish(),
        metric: z.string(),
      }),
    },
    reads: [
      dataset('fake_data_path'),
      dataset('real_data_path'),
      folder('fake_mm_dir'),
      folder('real_mm_dir'),
      { at: 'extra_configs.detector_path', kind: 'file' },
    ],
    writes: [{ at: 'extra_configs.result_path', kind: 'file', fallback: 'results.jsonl' }],
    results: [{ value: 'scores' }],
    notRunnable: `inception metrics: ${LATER}`,
  }),
  comparison('accuracy', 'label', 'max_accuracy'),
  comparison('mse', 'value', 'min_mse'),
  declare({
    name: 'evaluate.internvl-coco-caption',
    hook: 'EvaluateModelHook',
    type: 'internvl_coco_caption',
    summary: 'Scores InternVL2 checkpoints on COCO captions (BLEU, METEOR, ROUGE-L, CIDEr).',
    resources: GPU,
    config: { extra: z.looseObject({ ...internvl, ckpt_paths: paths }) },
    reads: [{ at: 'extra_configs.ckpt_paths', kind: 'model' }, folder('internvl_home')],
    results: [{ value: 'scores' }],
    notRunnable: `InternVL: ${LATER}`,
  }),
];

const probing: ComponentSpec[] = [
  declare({
    name: 'probe.model-infer',
    hook: 'ProbeViaModelInferHook',
    type: 'modelscope',
    summary: 'Runs a ModelScope model on a sample of a dataset.',
    resources: GPU,
    recipe: true,
    config: {
      dj: z.looseObject({
        dataset_path: path,
        data_probe_algo: z.string().nullish(),
        data_probe_ratio: z.number().nullish(),
      }),
      extra: z.looseObject({ type: z.literal('modelscope') }),
    },
    reads: [{ at: 'dj_configs.dataset_path', kind: 'dataset', hub: true }, model('model')],
    results: [{ value: 'results' }],
    notRunnable: `ModelScope inference: ${LATER}`,
  }),
  declare({
    name: 'probe.data-pool-ranking',
    hook: 'GeneralProbeHook',
    type: 'data_pool_ranking',
    summary: 'Orders data pools by a metric.',
    resources: CPU,
    config: {
      extra: z.looseObject({
        type: z.literal('data_pool_ranking'),
        dataset_path: paths,
        metrics: z.array(z.unknown()),
        ranking_keys: z.array(z.string()).nullish(),
        descending: z.boolean().nullish(),
        top_n: z.int().positive().nullish(),
      }),
    },
    reads: [dataset('dataset_path')],
    results: [{ value: 'paths' }],
    notRunnable: `data pools: ${LATER}`,
  }),
  declare({
    name: 'refine.model-feedback',
    hook: 'RefineRecipeViaModelFeedbackHook',
    summary: 'Refines a recipe by what a model makes of the data.',
    resources: CPU,
    recipe: true,
    config: { dj: z.looseObject({}), extra: z.looseObject({ path_model_feedback_recipe: path.nullish() }) },
    writes: [{ at: 'extra_configs.path_model_feedback_recipe', kind: 'file', fallback: 'model_feedback_recipe.yaml' }],
    results: [{ write: 'extra_configs.path_model_feedback_recipe', recipeOf: 'dj_configs' }],
    notRunnable: 'the original never wrote it; RefineRecipeViaKSigmaHook refines by the data',
  }),
];

/** Hands the plan everything that the original offers and this version does not run. */
export const DECLARED_COMPONENTS: ComponentRegistry = [
  ...probing,
  ...pools,
  coco(
    'convert.coco-caption-to-dj',
    'coco_caption_to_dj_conversion',
    "Converts InternVL's COCO captions to Data-Juicer's format.",
    {},
    [],
  ),
  coco(
    'convert.coco-caption-meta',
    'coco_caption_meta_generation',
    "Writes InternVL's meta file of a dataset.",
    { data_root_path: path },
    [folder('data_root_path')],
  ),
  ...training,
  inference('huggingface', 'Answers prompts with a Hugging Face model.', GPU, true),
  inference('vllm', 'Answers prompts with vLLM.', GPU, true),
  inference('api', 'Answers prompts through an OpenAI-compatible API.', CPU, false),
  ...evaluation,
];
