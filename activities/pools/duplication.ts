import { z } from 'zod';
import { defineComponent } from '../component.ts';
import { CPU_JOB, common, datasetPaths, namedTwice, poolsNamed } from './pool-config.ts';
import { runPools } from './pool-program.ts';
import { DEFAULT_SEED, seedKeys, seedOf } from './seed.ts';

const TYPE = 'data_pool_duplication';

const schema = z.object({
  type: z.literal(TYPE),
  dataset_path: datasetPaths.describe('Pools'),
  ...common,
  duplicating_times: z.array(z.int().positive()).min(1).describe('One pool for each of these numbers of copies'),
  shuffle: z.boolean().nullish().describe('Puts the samples into a random order'),
  ...seedKeys,
});

/** DataPoolManipulationHook `data_pool_duplication`: pools repeated ×2, ×4, … */
export const duplicatePools = defineComponent({
  ...CPU_JOB,
  name: 'pools.duplication',
  hook: 'DataPoolManipulationHook',
  type: TYPE,
  summary: `Repeats pools a number of times, shuffled if asked (seed ${DEFAULT_SEED}); the results are the paths of <name>_x<times>.jsonl.`,
  config: { extra: schema },
  reads: [{ at: 'extra_configs.dataset_path', kind: 'dataset' }],
  writes: [
    poolsNamed(({ duplicating_times: times }) => (Array.isArray(times) ? times : []).map(time => `_x${time}.jsonl`)),
  ],
  check({ extra_configs }) {
    const { duplicating_times: times = [] } = (extra_configs ?? {}) as Partial<z.infer<typeof schema>>;
    const twice = times.find((time, i) => times.indexOf(time) !== i);
    const message = `${twice} stands there twice: each number of times makes one pool`;
    return [
      ...namedTwice(extra_configs),
      ...(twice === undefined ? [] : [{ at: 'extra_configs.duplicating_times', message }]),
    ];
  },
  async run(run) {
    const { duplicating_times, shuffle, ...seeds } = schema.parse(run.config.extra_configs);
    const options = { duplicating_times, shuffle: shuffle ?? false, seed: seedOf(seeds) };
    return await runPools(run, { operation: 'duplication', options });
  },
});
