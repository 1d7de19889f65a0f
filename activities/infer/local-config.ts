import { z } from 'zod';
import type { ComponentSpec } from '../../plan/component.ts';
import { ENVIRONMENT_READS } from '../../plan/environment.ts';
import type { JsonObject } from '../../plan/plan.ts';
import { ANSWERS, namedTwice } from './answers-name.ts';
import { ASKING } from './asking-config.ts';

/** Keys of inference by a model on this host. */
export const LOCAL = {
  ...ASKING,
  model: z.string().min(1).describe('A folder, or a name on the hub'),
  model_params: z.record(z.string(), z.unknown()).nullish().describe('Passed to what loads the model'),
};

/** What all components are alike in that ask a model on this host. */
export const LOCAL_INFERENCE = {
  hook: 'InferModelHook',
  version: 1,
  resources: { tag: 'gpu', gpus: 1 },
  claims: true,
  cacheable: true,
  reads: [
    { at: 'extra_configs.dataset_path', kind: 'dataset' },
    { at: 'extra_configs.model', kind: 'model', hub: true },
    ...ENVIRONMENT_READS,
  ],
  writes: [ANSWERS],
  results: [{ value: 'paths' }],
  check: ({ extra_configs }) => namedTwice(extra_configs),
} satisfies Partial<ComponentSpec>;

/** Of the keys of `LOCAL` what the program is told. */
export function localOptions({ model, model_params, sampling_params }: z.infer<z.ZodObject<typeof LOCAL>>): JsonObject {
  return {
    model,
    model_params: (model_params ?? {}) as JsonObject,
    sampling_params: (sampling_params ?? {}) as JsonObject,
  };
}

/** A value of `model_params`, whose shape is the library's business. */
export function modelParam(config: JsonObject | null, name: string): unknown {
  const params = config?.model_params;
  return typeof params === 'object' && params !== null && !Array.isArray(params) ? params[name] : undefined;
}
