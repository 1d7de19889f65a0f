// What the plan knows of jobs on pools: their paths, their names, and what is wrong with their configs.
import { describe, expect, it } from 'vitest';
import { registry } from '../../../activities/components.ts';
import { compile } from '../../../plan/compile.ts';
import { formatDiagnostic } from '../../../plan/diagnostic.ts';
import { keyPlan } from '../../../plan/keys.ts';
import { jobsOf, type Plan, type PlanJob } from '../../../plan/plan.ts';
import { CATALOGUE } from '../../plan/catalogue.ts';
import { BASE, filesOf, type Texts } from '../../plan/compiled.ts';

const DATA: Texts = { 'data/a.jsonl': '{}', 'data/b.jsonl.gz': 'x', 'other/a.parquet': 'x', 'home/x': '' };

function compiled(yaml: string) {
  return compile(
    { config: `${BASE}/sandbox.yaml`, baseDir: BASE },
    registry,
    filesOf({ ...DATA, 'sandbox.yaml': yaml }),
    CATALOGUE,
  );
}

function planOf(yaml: string): Plan {
  const result = compiled(yaml);
  if (!result.ok) throw new Error(result.diagnostics.map(formatDiagnostic).join('\n'));
  return result.plan;
}

const jobsIn = (yaml: string): PlanJob[] => jobsOf(planOf(yaml));

function saidOf(yaml: string): string[] {
  const result = compiled(yaml);
  return (result.ok ? result.warnings : result.diagnostics).map(formatDiagnostic);
}

/** A config whose execution jobs have these extra configs; `at` where one is to be read is a line of its own. */
const config = (...jobs: string[]) =>
  `execution_job_configs:\n${jobs
    .map(
      (extra, i) =>
        `  - {hook: ${/type: (?:coco|dj_)/.test(extra) ? 'GeneralDataExecutorHook' : 'DataPoolManipulationHook'}, meta_name: j${i}, output: made,\n     extra_configs: {${extra}}}\n`,
    )
    .join('')}`;

describe('a later job finds by its path what a job on pools makes', () => {
  it.each([
    ['data_pool_construction, dataset_path: data/a.jsonl', 'text_len/a_text_len_0.jsonl', undefined],
    ['data_pool_construction, dataset_path: data/a.jsonl, ignore_stats: true', 'a_ignore_stats_2.jsonl', 2],
    [
      'data_pool_construction, dataset_path: data/a.jsonl, ignore_stats: true, split_ratios: [0.5]',
      'a_ignore_stats_1.jsonl',
      1,
    ],
    [
      'data_pool_combination, dataset_path: [data/a.jsonl, data/b.jsonl.gz]',
      'default_prefix_top_0_1_num_3.jsonl',
      undefined,
    ],
    [
      'data_pool_duplication, dataset_path: [data/a.jsonl, data/b.jsonl.gz], duplicating_times: [2, 4]',
      'b_x4.jsonl',
      3,
    ],
    ['data_pool_downsampling, dataset_path: data/b.jsonl.gz, target_num_samples: 5', 'b_5.jsonl', 0],
    ['data_pool_merging, dataset_path: [data/a.jsonl, other/a.parquet]', 'a_merged.jsonl', 0],
    [
      'data_pool_cartesian_join, dataset_path_1: data/a.jsonl, dataset_path_2: [data/a.jsonl, data/b.jsonl.gz]',
      'a__cartesian_join_0_1.jsonl',
      1,
    ],
    ['coco_caption_to_dj_conversion, dataset_path: data/a.jsonl', 'a_dj_fmt.jsonl', 0],
    ['coco_caption_meta_generation, dataset_path: data/a.jsonl, data_root_path: home', 'a_meta.json', 0],
  ])('%s → %s', (extra, name, also) => {
    for (const written of [`out/${name}`, `out/iter_1/${name}`]) {
      const [, reader] = jobsIn(
        config(
          `type: ${extra}, export_path: out`,
          `type: data_pool_merging, dataset_path: ${written}, export_path: merged`,
        ),
      );
      const edge = {
        at: 'extra_configs.dataset_path',
        path: written,
        job: 'anonymous.1-j0',
        write: 'extra_configs.export_path',
      };
      expect(reader!.edges).toEqual([{ ...edge, within: name, ...(also !== undefined && { also }) }]);
    }
  });

  it('and the one that lists the name wins over another that exports to the same folder', () => {
    const jobs = jobsIn(
      config(
        'type: data_pool_duplication, dataset_path: data/a.jsonl, duplicating_times: [2], export_path: out',
        'type: data_pool_combination, dataset_path: [data/a.jsonl, data/b.jsonl.gz], export_path: out',
        'type: data_pool_merging, dataset_path: out/a_x2.jsonl, export_path: merged',
      ),
    );
    expect(jobs[2]!.edges[0]).toMatchObject({ job: 'anonymous.1-j0', within: 'a_x2.jsonl' });
  });
});

it('results go on as inputs, of whole lists and of single metrics', () => {
  const plan = planOf(`pipelines:
  - one:
      execution_job_configs:
        - hook: DataPoolManipulationHook
          meta_name: split
          output: pools
          extra_configs: {type: data_pool_construction, dataset_path: data/a.jsonl, export_path: out/pools}
  - two:
      probe_job_configs:
        - hook: GeneralProbeHook
          meta_name: rank
          input: {extra_configs.dataset_path: one.split.pools}
          output: best
          extra_configs: {type: data_pool_ranking, dataset_path: '<filled>', metrics: [3, 1, 2], top_n: 2}
      execution_job_configs:
        - hook: DataPoolManipulationHook
          meta_name: repeat
          input: {extra_configs.dataset_path: two.rank.best}
          extra_configs: {type: data_pool_duplication, export_path: out/repeated, duplicating_times: [2], shuffle: true}
`);
  const [split, rank, repeat] = jobsOf(plan);
  expect(rank!.component).toBe('probe.data-pool-ranking');
  expect(rank!.inputs).toMatchObject([{ ref: { job: split!.id, output: 'pools' } }]);
  expect(repeat!.inputs).toMatchObject([{ ref: { job: rank!.id, output: 'best' } }]);
});

describe('a job key', () => {
  const keyOf = (yaml: string) => {
    const plan = planOf(yaml);
    const reads = new Map(jobsOf(plan).flatMap(job => job.reads.map(read => [read.path, 'same content'] as const)));
    return jobsOf(keyPlan(plan, registry, reads))[0]!.key;
  };
  it('does not depend on the memory that DuckDB may use', () => {
    const merge = 'type: data_pool_merging, dataset_path: data/a.jsonl, export_path: out';
    expect(keyOf(config(`${merge}, memory_limit: 4GB`))).toBe(keyOf(config(merge)));
  });
  it('depends on where InternVL is, which its meta file names, and not on what is in it', () => {
    const meta = 'type: coco_caption_meta_generation, dataset_path: data/a.jsonl, export_path: out, data_root_path';
    expect(keyOf(config(`${meta}: home`))).toBe(keyOf(config(`${meta}: ./home`)));
    expect(keyOf(config(`${meta}: home`))).not.toBe(keyOf(config(`${meta}: data`)));
    expect(jobsIn(config(`${meta}: home`))[0]!.reads[1]).toMatchObject({ content: [], placed: true });
  });
});

describe('bad input', () => {
  it.each([
    [
      'a missing dataset',
      'type: data_pool_merging, export_path: o',
      /dataset_path: "dataset_path" is missing; expected a string or a list/,
    ],
    [
      'a missing export path',
      'type: data_pool_merging, dataset_path: data/a.jsonl',
      /export_path: "export_path" is missing; expected a string/,
    ],
    [
      'missing times',
      'type: data_pool_duplication, dataset_path: data/a.jsonl, export_path: o',
      /"duplicating_times" is missing; expected a list/,
    ],
    [
      'no times at all',
      'type: data_pool_duplication, dataset_path: data/a.jsonl, export_path: o, duplicating_times: []',
      /duplicating_times: expected at least 1 items/,
    ],
    [
      'a time that is none',
      'type: data_pool_duplication, dataset_path: data/a.jsonl, export_path: o, duplicating_times: [0]',
      /duplicating_times\[0\]: expected more than 0, got 0/,
    ],
    [
      'a time that is no whole number',
      'type: data_pool_duplication, dataset_path: data/a.jsonl, export_path: o, duplicating_times: [1.5]',
      /duplicating_times\[0\]: expected a whole number, got 1.5/,
    ],
    [
      'a time given twice',
      'type: data_pool_duplication, dataset_path: data/a.jsonl, export_path: o, duplicating_times: [2, 2]',
      /duplicating_times: 2 stands there twice/,
    ],
    [
      'a wrong type',
      'type: data_pool_construction, dataset_path: 7, export_path: o',
      /dataset_path: expected a string or a list, got 7/,
    ],
    [
      'ignore_stats that is a word',
      'type: data_pool_construction, dataset_path: data/a.jsonl, export_path: o, ignore_stats: maybe',
      /ignore_stats: expected true or false, got "maybe"/,
    ],
    [
      'a ratio out of range',
      'type: data_pool_construction, dataset_path: data/a.jsonl, export_path: o, split_ratios: [0.5, 1.5]',
      /split_ratios: 1.5 is out of range: a split ratio is above 0 and below 1/,
    ],
    [
      'ratios that fall',
      "type: data_pool_construction, dataset_path: data/a.jsonl, export_path: o, split_ratios: ['2/3', '1/3']",
      /split_ratios: "1\/3" is not above "2\/3"/,
    ],
    [
      'parts of no samples',
      'type: data_pool_construction, dataset_path: data/a.jsonl, export_path: o, split_num: 0',
      /split_num: expected more than 0, got 0/,
    ],
    [
      'no samples wanted',
      'type: data_pool_downsampling, dataset_path: data/a.jsonl, export_path: o, target_num_samples: 0',
      /target_num_samples: expected more than 0, got 0/,
    ],
    [
      'memory in no unit',
      'type: data_pool_merging, dataset_path: data/a.jsonl, export_path: o, memory_limit: much',
      /memory_limit: must be a size such as "1GB" or "512MiB", got "much"/,
    ],
    [
      'a dataset that is not there',
      'type: data_pool_merging, dataset_path: [data/a.jsonl, data/c.jsonl], export_path: o',
      /dataset_path\[1\]: data\/c.jsonl is not there, and no job before this one makes it/,
    ],
    [
      'an InternVL that is not there',
      'type: coco_caption_meta_generation, dataset_path: data/a.jsonl, export_path: o, data_root_path: gone',
      /data_root_path: gone is not there/,
    ],
    [
      'pools that would have one name',
      'type: data_pool_downsampling, dataset_path: [data/a.jsonl, other/a.parquet], export_path: o',
      /would give pools of the same names, "a…": give them different file names/,
    ],
    [
      'more pools than combine',
      `type: data_pool_combination, dataset_path: [${Array(13).fill('data/a.jsonl').join(', ')}], export_path: o`,
      /13 pools have 2\^13 - 1 combinations; combine at most 12/,
    ],
    [
      'fewer metrics than datasets',
      'type: data_pool_ranking, dataset_path: [data/a.jsonl, other/a.parquet], metrics: [1]',
      /metrics: there are 1 metrics for 2 datasets; give one for each, in their order/,
    ],
    [
      'metrics that are no list',
      'type: data_pool_ranking, dataset_path: data/a.jsonl, metrics: 3',
      /metrics: expected a list, got 3/,
    ],
    ['no metrics', 'type: data_pool_ranking, dataset_path: data/a.jsonl', /"metrics" is missing; expected a list/],
  ])('%s is an error that says what would be right', (_, extra, message) => {
    const said = saidOf(config(extra));
    expect(said).toHaveLength(1);
    expect(said[0]).toMatch(/^sandbox\.yaml:3:\d+ execution_job_configs\[0\]\.extra_configs/);
    expect(said[0]).toMatch(message);
  });
  it('a key that nothing reads is told, with the one that is meant', () => {
    expect(
      saidOf(config('type: data_pool_merging, dataset_path: data/a.jsonl, export_path: o, memory_limt: 1GB')),
    ).toEqual([
      expect.stringMatching(/pools\.merging has no key "memory_limt"; did you mean "memory_limit"\? .*It is ignored/),
    ]);
  });
  it('the seed of published configs is no unknown key', () => {
    expect(
      saidOf(config('type: data_pool_downsampling, dataset_path: data/a.jsonl, export_path: o, seed: 42')),
    ).toEqual([]);
  });
});
