import { basename } from 'node:path';
import { z } from 'zod';
import type { JobConfig } from '../../plan/component.ts';
import { isPlaceholder } from '../../plan/paths.ts';
import type { Json } from '../../plan/plan.ts';
import { type Component, defineComponent, type JobResult, type JobRun } from '../component.ts';
import { JobFailure } from '../runtime/failure.ts';
import { CPU_JOB, datasetPaths, datasetsAt } from './pool-config.ts';
import { rankPools } from './rank.ts';

const TYPE = 'data_pool_ranking';
/** As many as a note has room for. */
const MOST_SHOWN = 20;

const schema = z.object({
  type: z.literal(TYPE),
  dataset_path: datasetPaths.describe('Pools, in the order of `metrics`'),
  metrics: z
    .array(z.unknown())
    .min(1)
    .describe('A metric for each dataset, in their order: a number, or a map that `ranking_keys` point into'),
  ranking_keys: z.array(z.string().min(1)).nullish().describe('Dotted keys into the metrics, the most important first'),
  descending: z.boolean().nullish().describe('Largest first, as by default'),
  top_n: z.int().positive().nullish().describe('So many are given on; default all'),
});

const ranking: Omit<Component, 'name' | 'hook'> = {
  ...CPU_JOB,
  type: TYPE,
  summary: 'Orders pools by their metrics, best first; the results are the paths of the first top_n of them.',
  config: { extra: schema },
  reads: [{ at: 'extra_configs.dataset_path', kind: 'dataset' }],
  writes: [],
  notInKey: [],
  check: ({ extra_configs }) => differentLengths(extra_configs),
  run: rank,
};

/** GeneralProbeHook `data_pool_ranking`: which pools made the better models. */
export const probePoolRanking = defineComponent({
  ...ranking,
  name: 'probe.data-pool-ranking',
  hook: 'GeneralProbeHook',
});

/** DataPoolManipulationHook `data_pool_ranking`: the same in the list of execution jobs. */
export const rankPoolsInExecution = defineComponent({
  ...ranking,
  name: 'pools.ranking',
  hook: 'DataPoolManipulationHook',
});

async function rank(run: JobRun): Promise<JobResult> {
  const [problem] = differentLengths(run.config.extra_configs);
  if (problem) throw new JobFailure(problem.message);
  const { metrics, ranking_keys, descending, top_n } = schema.parse(run.config.extra_configs);
  const paths = datasetsAt(run.config.extra_configs).map(({ path }) => path);
  const order = orderOf(metrics as Json[], ranking_keys ?? [], descending ?? true);
  const best = order.slice(0, top_n ?? order.length).map(i => paths[i]!);
  const shown = order.slice(0, MOST_SHOWN).map(i => basename(paths[i]!));
  const way = descending === false ? 'smallest' : 'largest';
  return {
    results: [{ paths: best }],
    metrics: { pools: best.length, pools_in: paths.length },
    notes: [`ranked, ${way} first: ${shown.join(', ')}${order.length > MOST_SHOWN ? ', …' : ''}`],
  };
}

function orderOf(metrics: readonly Json[], keys: readonly string[], descending: boolean): number[] {
  try {
    return rankPools(metrics, { keys, descending });
  } catch (error) {
    throw new JobFailure((error as Error).message, { cause: error });
  }
}

/** A problem where there is not one metric a dataset; none while either is not known yet. */
function differentLengths(config: JobConfig['extra_configs']): { at: string; message: string }[] {
  const { metrics } = config ?? {};
  const datasets = datasetsAt(config);
  const isKnown = datasets.length > 0 && !datasets.some(({ path }) => isPlaceholder(path)) && Array.isArray(metrics);
  if (!isKnown || metrics.length === datasets.length) return [];
  const message = `there are ${metrics.length} metrics for ${datasets.length} datasets; give one for each, in their order`;
  return [{ at: 'extra_configs.metrics', message }];
}
