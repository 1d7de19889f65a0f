import { z } from 'zod';
import type { JobConfig } from '../../plan/component.ts';
import type { JsonObject } from '../../plan/plan.ts';
import { defineComponent } from '../component.ts';
import { ANSWERS, namedTwice } from './answers-name.ts';
import { askModel } from './ask-model.ts';
import { ASKING_NOT_IN_KEY } from './asking-config.ts';
import { LOCAL, LOCAL_READS, modelParam } from './local-config.ts';

const PARALLEL = ['tensor_parallel_size', 'pipeline_parallel_size'];

const schema = z.object({
  type: z.literal('vllm'),
  ...LOCAL,
  /** Samples that vLLM is handed at a time; it schedules them itself. */
  batch_size: z.int().positive().default(64),
});

/** InferModelHook `vllm`: asks a chat model by vLLM about each sample. */
export const inferVllm = defineComponent({
  name: 'infer.vllm',
  hook: 'InferModelHook',
  type: 'vllm',
  version: 1,
  summary: 'Asks a chat model by vLLM about each sample; the results are the paths of the datasets with its answers.',
  resources: { tag: 'gpu', gpus: 1 },
  gpus: gpusWanted,
  claims: true,
  cacheable: true,
  config: { extra: schema },
  reads: LOCAL_READS,
  writes: [ANSWERS],
  results: [{ value: 'paths' }],
  notInKey: [...ASKING_NOT_IN_KEY, ...PARALLEL.map(name => `extra_configs.model_params.${name}`)],
  check: ({ extra_configs }) => namedTwice(extra_configs),

  async run(run) {
    const config = schema.parse(run.config.extra_configs);
    return await askModel(run, config, {
      kind: 'vllm',
      environment: 'train',
      phase: 'starting vLLM',
      options: {
        model: config.model,
        model_params: (config.model_params ?? {}) as JsonObject,
        sampling_params: (config.sampling_params ?? {}) as JsonObject,
        batch_size: config.batch_size,
        gpus: Math.max(1, run.devices.length),
      },
    });
  },
});

/** A GPU for each part that the model is split into. */
function gpusWanted({ extra_configs }: JobConfig): number | null {
  const parts = PARALLEL.map(name => modelParam(extra_configs, name)).filter(size => typeof size === 'number');
  return parts.length === 0 ? null : parts.reduce((product, size) => product * size, 1);
}
