import { z } from 'zod';
import type { JobConfig } from '../../plan/component.ts';
import { isObject } from '../../plan/dotted.ts';
import { ENVIRONMENT_NOT_IN_KEY, environmentKeys } from '../../plan/environment.ts';
import type { JsonObject } from '../../plan/plan.ts';
import { NOT_IN_KEY } from '../process/recipe-job.ts';

const key = z.string().min(1);
const share = z.number().gt(0).max(1);

/** What is done with the pipeline; everything else in `extra_configs` is the pipeline's own. */
const probe = z.strictObject({
  input: z
    .union([key, z.array(key).min(1), z.record(z.string(), key)])
    .default('text')
    .describe(
      'Dotted key of what the model is asked with; a list of keys for a pipeline that takes several values, a map for one that takes names',
    ),
  label_key: key.nullish().describe("Dotted key of the sample's own label"),
  label_map: z.record(z.string(), z.string()).nullish().describe("The dataset's label → the model's"),
  scores_key: key.default('scores').describe("Dotted key of the scores in the pipeline's outputs"),
  labels_key: key.default('labels').describe("Dotted key of the labels in the pipeline's outputs"),
  loss_key: key.nullish().describe('Dotted key of a loss that the pipeline gives itself'),
  call: z
    .record(z.string(), z.unknown())
    .nullish()
    .describe('Passed to each call of the pipeline, such as `batch_size`'),
  seed: z.int().nonnegative().default(42).describe('Of the sample that is drawn'),
  hard_ratio: share.default(0.1).describe('Share of the samples with the highest loss that are told as hard'),
  dirty_confidence: z
    .number()
    .min(0)
    .max(1)
    .default(0.9)
    .describe('A label that the model contradicts with so much confidence is told as dirty'),
  allow_failed_samples: z
    .boolean()
    .default(false)
    .describe('Leaves out samples on which the model fails, instead of failing'),
});

export const modelInferRecipe = z.looseObject({
  dataset_path: z.string().min(1).describe('Dataset that the sample is drawn from'),
  export_path: z
    .string()
    .regex(/\.jsonl$/, 'must end in .jsonl')
    .optional()
    .describe('File for the samples with their stats'),
  data_probe_algo: z.string().nullish().describe('Only `uniform`'),
  data_probe_ratio: share.nullish().describe('Share of the dataset that is asked about; default all'),
});

export const modelInferSchema = z.looseObject({
  type: z.literal('modelscope'),
  task: z.string().min(1).nullish().describe("The pipeline's task, such as `text-classification`"),
  model: z
    .union([z.string().min(1), z.array(z.string().min(1)).min(1)])
    .nullish()
    .describe('A folder, a name on the hub, or several'),
  pipeline_name: z.string().min(1).nullish().describe('The pipeline by its own name, instead of `task`'),
  device: z.string().min(1).nullish().describe('`cpu`, or `gpu` as by default'),
  trust_remote_code: z.boolean().nullish().describe('Lets the model bring code of its own'),
  probe: probe
    .prefault({})
    .describe(
      'What is asked, and how answers are read; all other keys are arguments of `modelscope.pipelines.pipeline`',
    ),
  ...environmentKeys,
  launcher: z
    .object({ python: z.string().min(1).nullish() })
    .nullish()
    .describe('`python`: an interpreter that has modelscope and what its pipeline imports'),
});

/** Keys of `extra_configs` that are ours and not the pipeline's. */
const OURS = ['type', 'probe', 'launcher', ...Object.keys(environmentKeys)];

export const MODEL_INFER_NOT_IN_KEY = [...NOT_IN_KEY, 'extra_configs.launcher', ...ENVIRONMENT_NOT_IN_KEY];

/** The arguments of `modelscope.pipelines.pipeline`: all that is given and not null. */
export function pipelineArguments(extra: JsonObject | null): JsonObject {
  return Object.fromEntries(
    Object.entries(extra ?? {}).filter(([name, value]) => !OURS.includes(name) && value !== null),
  );
}

/** `device: cpu` needs no GPU; ModelScope's own default is a GPU. */
export function gpusWanted({ extra_configs }: JobConfig): number | null {
  const { device } = extra_configs ?? {};
  return typeof device === 'string' && device.startsWith('cpu') ? 0 : null;
}

/** What a config of the right shape may still lack. */
export function checkModelInfer({ dj_configs, extra_configs }: JobConfig): { at: string; message: string }[] {
  const problems: { at: string; message: string }[] = [];
  const { task, pipeline_name, probe: asked } = extra_configs ?? {};
  if (task == null && pipeline_name == null) {
    const message = 'modelscope.pipelines.pipeline needs task, such as "text-classification", or pipeline_name';
    problems.push({ at: 'extra_configs', message });
  }
  const algorithm = dj_configs?.data_probe_algo ?? 'uniform';
  if (algorithm !== 'uniform') {
    const message = `expected "uniform", got ${JSON.stringify(algorithm)}; for another sample put that op into the recipe of a ProcessDataHook before this job`;
    problems.push({ at: 'dj_configs.data_probe_algo', message });
  }
  if (isObject(asked) && isObject(asked.label_map) && asked.label_key == null)
    problems.push({ at: 'extra_configs.probe.label_map', message: 'there is no label to map: set label_key' });
  return problems;
}
