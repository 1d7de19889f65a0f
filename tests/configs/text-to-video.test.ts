// The configs that come with the project, compiled against the real op catalogue: their jobs, and which job reads what of which.
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../../activities/runtime/paths.ts';
import type { PlanJob } from '../../plan/plan.ts';
import { compiledJobs } from '../support/compiled-jobs.ts';

/** Where the configs are run from; what set-up makes is played by small files. */
let baseDir: string;

beforeAll(async () => {
  baseDir = await mkdtemp(join(tmpdir(), 'configs-'));
  await cp(join(packageRoot(), 'configs'), join(baseDir, 'configs'), { recursive: true });
  const folders = ['.sandbox/clips', '.sandbox/data', '.sandbox/models/easyanimate-small', 'python/easyanimate-small'];
  for (const folder of folders) await mkdir(join(baseDir, folder), { recursive: true });
  for (const program of ['train_lora.py', 'infer_lora.py'])
    await writeFile(join(baseDir, 'python/easyanimate-small', program), '');
  await writeFile(join(baseDir, '.sandbox/clips/clips.jsonl'), '{"text": "a clip", "videos": ["a.mp4"]}\n');
  await writeFile(join(baseDir, '.sandbox/data/text.jsonl'), '{"text": "one"}\n');
});
afterAll(() => rm(baseDir, { recursive: true }));

const jobsIn = (config: string) => compiledJobs(baseDir, config);

const componentsOf = (jobs: PlanJob[]) => jobs.map(job => `${job.metaName}: ${job.component}`);
const pathsOf = (jobs: PlanJob[]) => jobs.flatMap(job => job.writes.map(write => write.named?.replace(baseDir, '.')));
const takenBy = (jobs: PlanJob[], metaName: string) => {
  const { inputs, edges } = jobs.find(job => job.metaName === metaName)!;
  return [...inputs.map(({ into, ref }) => `${into} <- ${ref.job}`), ...edges.map(({ at, job }) => `${at} <- ${job}`)];
};

const TRAINED = [
  'convert_to_ea_fmt: convert.easyanimate',
  'train_lora: train.easyanimate',
  'infer_lora: infer.easyanimate',
  'vbench_eval: evaluate.vbench',
];

describe('the pipelines of the paper on the small clips', () => {
  it('single operator: probe, a range of its stat, a sample, then training and scores', () => {
    const jobs = jobsIn('text-to-video/1_single_op_pipeline.yaml');
    expect(componentsOf(jobs)).toEqual([
      'analysis_ori_data: probe.analyzer',
      'select_range: process.data-juicer',
      'sample: process.data-juicer',
      ...TRAINED,
    ]);
    expect(takenBy(jobs, 'select_range')).toEqual(['dj_configs.dataset_path <- anonymous.1-analysis_ori_data']);
    expect(takenBy(jobs, 'sample')).toEqual(['dj_configs.dataset_path <- anonymous.2-select_range']);
    expect(takenBy(jobs, 'train_lora')).toEqual([
      'extra_configs.train.dataset_path.dataset_meta_name <- anonymous.4-convert_to_ea_fmt',
    ]);
    expect(takenBy(jobs, 'vbench_eval')).toEqual(['extra_configs.videos_path <- anonymous.6-infer_lora']);
    expect(pathsOf(jobs)).toContain('./outputs/text-to-video/single-op/models');
  });

  it('several operators: the ranges of all of them, a sample, then the same', () => {
    const jobs = jobsIn('text-to-video/2_multi_op_pipeline.yaml');
    expect(componentsOf(jobs)).toEqual(['combine: process.data-juicer', 'sample: process.data-juicer', ...TRAINED]);
    expect(takenBy(jobs, 'convert_to_ea_fmt')).toEqual(['extra_configs.dataset_path <- anonymous.2-sample']);
  });

  it('duplicates: the clips of several operators, which are not chosen again, for twice the epochs', () => {
    const jobs = jobsIn('text-to-video/3_duplicate_pipeline.yaml');
    expect(componentsOf(jobs)).toEqual(['combine: process.data-juicer', ...TRAINED]);
    const [combined] = jobsIn('text-to-video/2_multi_op_pipeline.yaml');
    expect(jobs[0]?.config).toEqual(combined?.config);
    const epochs = (of: PlanJob[]) => {
      const { extra_configs } = of.find(job => job.metaName === 'train_lora')!.config;
      const { training_config } = extra_configs!.train as { training_config: { num_train_epochs: number } };
      return training_config.num_train_epochs;
    };
    expect(epochs(jobs)).toBe(2 * epochs(jobsIn('text-to-video/2_multi_op_pipeline.yaml')));
  });

  it('write to places of their own, but for the clips that they share', () => {
    const named = ['1_single_op', '2_multi_op', '3_duplicate'].map(name =>
      pathsOf(jobsIn(`text-to-video/${name}_pipeline.yaml`)),
    );
    const shared = named.flat().filter((path, i, all) => path !== undefined && all.indexOf(path) !== i);
    expect(shared).toEqual(['./outputs/text-to-video/multi-op/clips-multi-op.jsonl']);
  });
});

it('the other text-to-video configs and the text examples compile as they are', () => {
  const configs = ['text-to-video/demo', 'text-to-video/sweep-demo', 'demo/sandbox-text', 'demo/sandbox-pools'];
  for (const config of configs) expect(jobsIn(`${config}.yaml`).length).toBeGreaterThan(3);
});

it('the text example by language probes, refines by k-sigma, processes and probes again', () => {
  expect(componentsOf(jobsIn('demo/sandbox-language.yaml'))).toEqual([
    'before: probe.analyzer',
    'before: refine.k-sigma',
    'filter: process.data-juicer',
    'after: probe.analyzer',
  ]);
});
