import { z } from 'zod';
import { defineComponent } from '../component.ts';
import { askModel } from './ask-model.ts';
import { ASKING_NOT_IN_KEY } from './asking-config.ts';
import { LOCAL, LOCAL_INFERENCE, localOptions, modelParam } from './local-config.ts';

const schema = z.object({
  type: z.literal('huggingface'),
  ...LOCAL,
  batch_size: z.int().positive().default(1).describe('Samples that are answered together'),
  seed: z.int().nonnegative().default(0).describe('Of what is drawn where `sampling_params` or the model ask for it'),
});

/** InferModelHook `huggingface`: asks a chat model by Hugging Face Transformers about each sample. */
export const inferHuggingFace = defineComponent({
  ...LOCAL_INFERENCE,
  name: 'infer.huggingface',
  type: 'huggingface',
  summary:
    'Asks a chat model by Hugging Face Transformers about each sample; the results are the paths of the datasets with its answers.',
  gpus: ({ extra_configs }) => (String(modelParam(extra_configs, 'device')).startsWith('cpu') ? 0 : null),
  config: { extra: schema },
  notInKey: ASKING_NOT_IN_KEY,

  async run(run) {
    const config = schema.parse(run.config.extra_configs);
    return await askModel(run, config, {
      kind: 'huggingface',
      environment: 'train',
      phase: 'starting Transformers',
      options: {
        ...localOptions(config),
        batch_size: config.batch_size,
        seed: config.seed,
      },
    });
  },
});
