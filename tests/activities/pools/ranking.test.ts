import { join } from 'node:path';
import { expect, it } from 'vitest';
import { probePoolRanking } from '../../../activities/pools/ranking.ts';
import type { JsonObject } from '../../../plan/plan.ts';
import { jobRun } from '../../support/job-run.ts';
import { tempFolder } from '../../support/pools.ts';

async function rank(extra: JsonObject) {
  const extra_configs = { type: 'data_pool_ranking', ...extra };
  return await probePoolRanking.run(await jobRun(probePoolRanking, join(await tempFolder(), 'job'), { extra_configs }));
}

const dataset_path = ['/p/a.jsonl', '/p/b.jsonl', '/p/c.jsonl'];

it('gives the paths of the pools, best first, and of top_n only the first', async () => {
  const metrics = [{ score: 1 }, { score: 3 }, { score: 2 }];
  const all = await rank({ dataset_path, metrics, ranking_keys: ['score'] });
  expect(all.results).toEqual([{ paths: ['/p/b.jsonl', '/p/c.jsonl', '/p/a.jsonl'] }]);
  expect(all.notes).toEqual(['ranked, largest first: b.jsonl, c.jsonl, a.jsonl']);
  const last = await rank({ dataset_path, metrics, ranking_keys: ['score'], descending: false, top_n: 2 });
  expect(last.results).toEqual([{ paths: ['/p/a.jsonl', '/p/c.jsonl'] }]);
  expect(last.metrics).toEqual({ pools: 2, pools_in: 3 });
});

it.each([
  [
    'metrics and datasets of different lengths',
    { dataset_path, metrics: [1, 2] },
    'there are 2 metrics for 3 datasets',
  ],
  [
    'a metric without the key',
    { dataset_path, metrics: [{}, {}, {}], ranking_keys: ['x'] },
    'metrics[0] has no ranking key "x"',
  ],
])('%s, as an earlier job gave them, are a failure', async (_, extra, message) => {
  const failure = await rank(extra).catch((error: Error) => error);
  expect(failure).toMatchObject({ name: 'JobFailure', message: expect.stringContaining(message) });
});
