import type { Component } from '../../../activities/component.ts';
import type { ComponentUnderTest } from '../../../activities/own/conformance/index.ts';
import { joinPools } from '../../../activities/pools/cartesian-join.ts';
import { combinePools } from '../../../activities/pools/combination.ts';
import { constructPools } from '../../../activities/pools/construction.ts';
import { downsamplePools } from '../../../activities/pools/downsampling.ts';
import { duplicatePools } from '../../../activities/pools/duplication.ts';
import { mergePools } from '../../../activities/pools/merging.ts';
import { probePoolRanking, rankPoolsInExecution } from '../../../activities/pools/ranking.ts';
import type { Json, JsonObject } from '../../../plan/plan.ts';
import { writeDatasets } from './inputs.ts';

const analysed = Array.from({ length: 6 }, (_, i) => ({
  id: i,
  text: `text ${i}`,
  __dj__stats__: { text_len: i + 1 },
}));
const POOLS: Record<string, readonly JsonObject[]> = { 'a.jsonl': analysed.slice(0, 4), 'b.jsonl': analysed.slice(2) };

/** Two pools, and what an operation on them is told besides its type and folder. */
const onPools = (
  component: Component,
  extra: JsonObject = { dataset_path: ['a.jsonl', 'b.jsonl'] },
): ComponentUnderTest => ({
  component,
  async job(folder) {
    await writeDatasets(folder, POOLS);
    return { extra_configs: { type: component.type!, export_path: 'pools', ...extra } };
  },
});

const ranked = (component: Component): ComponentUnderTest => ({
  component,
  async job(folder) {
    await writeDatasets(folder, POOLS);
    return {
      extra_configs: { type: component.type!, dataset_path: ['a.jsonl', 'b.jsonl'], metrics: [1, 2] as Json[] },
    };
  },
});

export const RANKINGS: ComponentUnderTest[] = [ranked(probePoolRanking), ranked(rankPoolsInExecution)];

/** With the real program of python/pools. */
export const OPERATIONS: ComponentUnderTest[] = [
  onPools(constructPools, { dataset_path: 'a.jsonl' }),
  onPools(combinePools),
  onPools(duplicatePools, { dataset_path: 'a.jsonl', duplicating_times: [2] }),
  onPools(downsamplePools, { dataset_path: ['a.jsonl', 'b.jsonl'], target_num_samples: 2 }),
  onPools(mergePools),
  {
    component: joinPools,
    async job(folder) {
      await writeDatasets(folder, {
        'left.jsonl': [{ left: 1 }, { left: 2 }],
        'right.jsonl': [{ right: 'a' }, { right: 'b' }],
      });
      const paths = { dataset_path_1: 'left.jsonl', dataset_path_2: 'right.jsonl', export_path: 'pools' };
      return { extra_configs: { type: joinPools.type!, ...paths } };
    },
  },
];
