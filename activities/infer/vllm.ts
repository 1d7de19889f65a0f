import { z } from 'zod';
import type { JobConfig } from '../../plan/component.ts';
import { defineComponent } from '../component.ts';
import { askModel } from './ask-model.ts';
import { ASKING_NOT_IN_KEY } from './asking-config.ts';
import { LOCAL, LOCAL_INFERENCE, localOptions, modelParam } from './local-config.ts';

const PARALLEL = ['tensor_parallel_size', 'pipeline_parallel_size'];

const schema = z.object({
  type: z.literal('vllm'),
  ...LOCAL,
  batch_size: z
    .int()
    .positive()
    .default(64)
    .describe('Samples that vLLM is handed at a time; it schedules them itself'),
});

/** InferModelHook `vllm`: asks a chat model by vLLM about each sample. */
export const inferVllm = defineComponent({
  ...LOCAL_INFERENCE,
  name: 'infer.vllm',
  type: 'vllm',
  summary: 'Asks a chat model by vLLM about each sample; the results are the paths of the datasets with its answers.',
  gpus: gpusWanted,
  config: { extra: schema },
  notInKey: [...ASKING_NOT_IN_KEY, ...PARALLEL.map(name => `extra_configs.model_params.${name}`)],

  async run(run) {
    const config = schema.parse(run.config.extra_configs);
    return await askModel(run, config, {
      kind: 'vllm',
      environment: 'train',
      phase: 'starting vLLM',
      options: {
        ...localOptions(config),
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
