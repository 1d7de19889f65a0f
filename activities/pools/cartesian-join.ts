import { join } from 'node:path';
import { z } from 'zod';
import type { JobConfig } from '../../plan/component.ts';
import type { Json } from '../../plan/plan.ts';
import { defineComponent } from '../component.ts';
import { CPU_JOB, common, commonStart, datasetPaths, datasetsAt } from './pool-config.ts';
import { runPools } from './pool-program.ts';

const TYPE = 'data_pool_cartesian_join';

/** DataPoolManipulationHook `data_pool_cartesian_join`: each pool of one set joined with each of another, sample by sample. */
export const joinPools = defineComponent({
  ...CPU_JOB,
  name: 'pools.cartesian-join',
  hook: 'DataPoolManipulationHook',
  type: TYPE,
  summary:
    'Joins two sets of pools, each sample of one with each of the other; the results are the paths of <common prefixes>_cartesian_join_<i>_<j>.jsonl.',
  config: {
    extra: z.object({ type: z.literal(TYPE), dataset_path_1: datasetPaths, dataset_path_2: datasetPaths, ...common }),
  },
  reads: [
    { at: 'extra_configs.dataset_path_1', kind: 'dataset' },
    { at: 'extra_configs.dataset_path_2', kind: 'dataset' },
  ],
  writes: [
    {
      at: 'extra_configs.export_path',
      kind: 'directory',
      alsoMakes: (named, { extra_configs }) => namesOf(extra_configs).map(name => join(named, name)),
    },
  ],
  async run(run) {
    const extra = run.config.extra_configs;
    const options = { others: datasetsAt(extra, 'dataset_path_2') as unknown as Json, prefix: prefixOf(extra) };
    return await runPools(run, {
      operation: 'cartesian_join',
      options,
      datasets: datasetsAt(extra, 'dataset_path_1'),
    });
  },
});

function namesOf(config: JobConfig['extra_configs']): string[] {
  const second = datasetsAt(config, 'dataset_path_2');
  return datasetsAt(config, 'dataset_path_1').flatMap((_, i) =>
    second.map((_, j) => `${prefixOf(config)}_cartesian_join_${i}_${j}.jsonl`),
  );
}

function prefixOf(config: JobConfig['extra_configs']): string {
  const [first, second] = ['dataset_path_1', 'dataset_path_2'].map(key => commonStart(datasetsAt(config, key)));
  return first || second ? `${first}_${second}` : 'default_prefix';
}
