import { join } from 'node:path';
import { z } from 'zod';
import { defineComponent } from '../component.ts';
import { CPU_JOB, common, datasetPaths, datasetsAt, type PoolDataset, sharedPrefix } from './pool-config.ts';
import { runPools } from './pool-program.ts';

const TYPE = 'data_pool_merging';

/** DataPoolManipulationHook `data_pool_merging`: pools one after another in one dataset. */
export const mergePools = defineComponent({
  ...CPU_JOB,
  name: 'pools.merging',
  hook: 'DataPoolManipulationHook',
  type: TYPE,
  summary: 'Puts pools together into one dataset; the result is the path of <common prefix>_merged.jsonl.',
  config: { extra: z.object({ type: z.literal(TYPE), dataset_path: datasetPaths, ...common }) },
  reads: [{ at: 'extra_configs.dataset_path', kind: 'dataset' }],
  writes: [
    {
      at: 'extra_configs.export_path',
      kind: 'directory',
      alsoMakes: (named, { extra_configs }) => {
        const datasets = datasetsAt(extra_configs);
        return datasets.length === 0 ? [] : [join(named, nameOf(datasets))];
      },
    },
  ],
  results: [{ value: 'merged' }],
  async run(run) {
    const datasets = datasetsAt(run.config.extra_configs);
    return await runPools(run, { operation: 'merging', options: { name: nameOf(datasets) }, datasets });
  },
});

function nameOf(datasets: readonly PoolDataset[]): string {
  return `${sharedPrefix(datasets)}_merged.jsonl`;
}
