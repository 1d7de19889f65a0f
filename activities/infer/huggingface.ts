import { z } from 'zod';
import type { JsonObject } from '../../plan/plan.ts';
import { defineComponent } from '../component.ts';
import { ANSWERS, namedTwice } from './answers-name.ts';
import { askModel } from './ask-model.ts';
import { ASKING_NOT_IN_KEY } from './asking-config.ts';
import { LOCAL, LOCAL_READS, modelParam } from './local-config.ts';

const schema = z.object({
  type: z.literal('huggingface'),
  ...LOCAL,
  /** Samples that are answered together. */
  batch_size: z.int().positive().default(1),
  /** Of what is drawn where `sampling_params` or the model ask for it. */
  seed: z.int().nonnegative().default(0),
});

/** InferModelHook `huggingface`: asks a chat model by Hugging Face Transformers about each sample. */
export const inferHuggingFace = defineComponent({
  name: 'infer.huggingface',
  hook: 'InferModelHook',
  type: 'huggingface',
  version: 1,
  summary:
    'Asks a chat model by Hugging Face Transformers about each sample; the results are the paths of the datasets with its answers.',
  resources: { tag: 'gpu', gpus: 1 },
  gpus: ({ extra_configs }) => (String(modelParam(extra_configs, 'device')).startsWith('cpu') ? 0 : null),
  claims: true,
  cacheable: true,
  config: { extra: schema },
  reads: LOCAL_READS,
  writes: [ANSWERS],
  results: [{ value: 'paths' }],
  notInKey: ASKING_NOT_IN_KEY,
  check: ({ extra_configs }) => namedTwice(extra_configs),

  async run(run) {
    const config = schema.parse(run.config.extra_configs);
    return await askModel(run, config, {
      kind: 'huggingface',
      environment: 'train',
      phase: 'starting Transformers',
      options: {
        model: config.model,
        model_params: (config.model_params ?? {}) as JsonObject,
        sampling_params: (config.sampling_params ?? {}) as JsonObject,
        batch_size: config.batch_size,
        seed: config.seed,
      },
    });
  },
});
