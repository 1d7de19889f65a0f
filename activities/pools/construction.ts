import { z } from 'zod';
import { defineComponent } from '../component.ts';
import { CPU_JOB, common, datasetPaths, namedTwice, poolsNamed } from './pool-config.ts';
import { runPools } from './pool-program.ts';
import { ratioOf, ratiosProblem } from './ratios.ts';

const THIRDS = [1 / 3, 2 / 3];
const TYPE = 'data_pool_construction';

const schema = z.object({
  type: z.literal(TYPE),
  dataset_path: datasetPaths.describe('Datasets that an analysis gave stats'),
  ...common,
  split_ratios: z
    .array(z.union([z.number(), z.string()]))
    .nullish()
    .describe('Where the sorted samples are cut; default thirds'),
  split_num: z.int().positive().nullish().describe('Samples of each part; it wins over `split_ratios`'),
  ignore_stats: z.boolean().nullish().describe('Cuts the dataset as it is ordered'),
});

/** DataPoolManipulationHook `data_pool_construction`: low, middle and high pools of an analysed dataset, for each of its stats. */
export const constructPools = defineComponent({
  ...CPU_JOB,
  name: 'pools.construction',
  hook: 'DataPoolManipulationHook',
  type: TYPE,
  summary:
    'Sorts analysed datasets by each stat and cuts them into pools (low, middle, high by default); the results are the paths of <stat>/<name>_<stat>_<part>.jsonl.',
  config: { extra: schema },
  reads: [{ at: 'extra_configs.dataset_path', kind: 'dataset' }],
  writes: [poolsNamed(config => (config.ignore_stats === true ? partsAsTheyAre(config) : []))],
  check({ extra_configs }) {
    const { split_ratios } = (extra_configs ?? {}) as Partial<z.infer<typeof schema>>;
    const problem = split_ratios ? ratiosProblem(split_ratios) : null;
    return [
      ...namedTwice(extra_configs),
      ...(problem === null ? [] : [{ at: 'extra_configs.split_ratios', message: problem }]),
    ];
  },
  async run(run) {
    const { split_ratios, split_num, ignore_stats } = schema.parse(run.config.extra_configs);
    const options = {
      split_ratios: split_ratios?.map(ratio => ratioOf(ratio)!) ?? THIRDS,
      split_num: split_num ?? null,
      ignore_stats: ignore_stats ?? false,
    };
    return await runPools(run, { operation: 'construction', options });
  },
});

/** Names of the parts where their number is known before the data is: not with `split_num`. */
function partsAsTheyAre({ split_ratios, split_num }: Record<string, unknown>): string[] {
  if (split_num != null) return [];
  const parts = (Array.isArray(split_ratios) ? split_ratios : THIRDS).length + 1;
  return Array.from({ length: parts }, (_, i) => `_ignore_stats_${i}.jsonl`);
}
