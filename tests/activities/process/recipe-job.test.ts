import { describe, expect, it } from 'vitest';
import { processDataJuicer } from '../../../activities/process/data-juicer.ts';
import { checkRecipeJob } from '../../../activities/process/recipe-job.ts';
import type { JsonObject } from '../../../plan/plan.ts';

const saidOf = (dj_configs: JsonObject) =>
  checkRecipeJob({ dj_configs, extra_configs: null }).map(({ at, message }) => `${at}: ${message}`);

describe('what a recipe says of where it runs', () => {
  it.each<JsonObject>([
    { executor_type: 'ray' },
    { executor_type: 'ray_partitioned', ray_address: 'ray://head:10001' },
    { executor_type: 'ray', dataset_path: '/data/d.jsonl.zst', export_path: 'out.parquet' },
    { executor_type: 'ray', dataset_path: '/data.v2/folder' },
    { executor_type: 'default', dataset_path: '/data/d.tsv' },
  ])('%j is right', recipe => {
    expect(saidOf(recipe)).toEqual([]);
  });

  it('an executor that there is not', () => {
    expect(saidOf({ executor_type: 'rays' })).toEqual([
      'dj_configs.executor_type: "rays" is no executor of Data-Juicer\'s; did you mean "ray"?',
    ]);
  });

  it('a dataset that Ray would read as something else', () => {
    expect(saidOf({ executor_type: 'ray', dataset_path: '/data/d.tsv' })).toEqual([
      'dj_configs.dataset_path: Data-Juicer on Ray reads .jsonl, .json, .parquet, .csv and .txt; convert /data/d.tsv, or use executor_type: default',
    ]);
  });

  it('an export that Data-Juicer does not write', () => {
    expect(saidOf({ executor_type: 'ray', export_path: 'out.csv' }).join()).toMatch(
      /export_path: .*jsonl, json, parquet/,
    );
  });

  it('an address of Ray for a job that does not run there', () => {
    expect(saidOf({ ray_address: 'auto' }).join()).toMatch(/ray_address: the job does not run on Ray/);
  });

  it('the address, the partitions and the memory of Ray are not part of what the job is', () => {
    expect(processDataJuicer.notInKey).toEqual(
      expect.arrayContaining(['dj_configs.ray_address', 'dj_configs.partition', 'extra_configs.object_store_memory']),
    );
    expect(processDataJuicer.notInKey).not.toContain('dj_configs.executor_type');
  });

  it('the memory of a Ray of its own is a size', () => {
    const { extra } = processDataJuicer.config;
    expect(extra!.safeParse({ object_store_memory: '1.5GB' }).success).toBe(true);
    expect(extra!.safeParse({ object_store_memory: '1500' }).error?.message).toMatch(/must be a size such as/);
  });
});
