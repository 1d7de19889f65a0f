import { z } from 'zod';
import { defineComponent } from '../component.ts';
import { JobFailure } from '../runtime/failure.ts';
import { CPU_JOB, common, datasetPaths, datasetsAt, sharedPrefix } from './pool-config.ts';
import { runPools } from './pool-program.ts';

const TYPE = 'data_pool_combination';
/** 4,095 intersections. */
const MOST_POOLS = 12;

const schema = z.object({
  type: z.literal(TYPE),
  dataset_path: datasetPaths.describe('Best first, as a ranking gives them'),
  ...common,
});

/** DataPoolManipulationHook `data_pool_combination`: N ranked pools and all their intersections, 2^N − 1 in all. */
export const combinePools = defineComponent({
  ...CPU_JOB,
  name: 'pools.combination',
  hook: 'DataPoolManipulationHook',
  type: TYPE,
  summary:
    'Intersects ranked pools in every combination; the results are the paths of <common prefix>_top_<ranks>_num_<samples>.jsonl.',
  config: { extra: schema },
  reads: [{ at: 'extra_configs.dataset_path', kind: 'dataset' }],
  writes: [{ at: 'extra_configs.export_path', kind: 'directory' }],
  check({ extra_configs }) {
    const problem = tooMany(datasetsAt(extra_configs).length);
    return problem === null ? [] : [{ at: 'extra_configs.dataset_path', message: problem }];
  },
  async run(run) {
    const datasets = datasetsAt(run.config.extra_configs);
    const problem = tooMany(datasets.length);
    if (problem !== null) throw new JobFailure(problem);
    return await runPools(run, { operation: 'combination', options: { prefix: sharedPrefix(datasets) }, datasets });
  },
});

function tooMany(pools: number): string | null {
  if (pools <= MOST_POOLS) return null;
  return `${pools} pools have 2^${pools} - 1 combinations; combine at most ${MOST_POOLS}, such as the first ones of a ranking (top_n)`;
}
