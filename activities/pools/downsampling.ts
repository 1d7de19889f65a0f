import { z } from 'zod';
import { defineComponent } from '../component.ts';
import { CPU_JOB, common, datasetPaths, namedTwice, poolsNamed } from './pool-config.ts';
import { runPools } from './pool-program.ts';
import { seedKeys, seedOf } from './seed.ts';

const TYPE = 'data_pool_downsampling';

const schema = z.object({
  type: z.literal(TYPE),
  dataset_path: datasetPaths.describe('Pools'),
  ...common,
  target_num_samples: z.int().positive().nullish().describe('Samples of each pool; default those of the smallest one'),
  ...seedKeys,
});

/** DataPoolManipulationHook `data_pool_downsampling`: pools at one size, so that their models can be compared. */
export const downsamplePools = defineComponent({
  ...CPU_JOB,
  name: 'pools.downsampling',
  hook: 'DataPoolManipulationHook',
  type: TYPE,
  summary:
    'Takes the same number of random samples of each pool, by default as many as the smallest has; the results are the paths of <name>_<samples>.jsonl.',
  config: { extra: schema },
  reads: [{ at: 'extra_configs.dataset_path', kind: 'dataset' }],
  writes: [poolsNamed(({ target_num_samples: samples }) => (samples == null ? [] : [`_${samples}.jsonl`]))],
  check: ({ extra_configs }) => namedTwice(extra_configs),
  async run(run) {
    const { target_num_samples, ...seeds } = schema.parse(run.config.extra_configs);
    const options = { target_num_samples: target_num_samples ?? null, seed: seedOf(seeds) };
    return await runPools(run, { operation: 'downsampling', options });
  },
});
