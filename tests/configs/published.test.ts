// The configs of ours in the shapes that Data-Juicer publishes (InternVL on COCO captions, prompts of a grader): their jobs, and what takes what.
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { packageRoot } from '../../activities/runtime/paths.ts';
import type { PlanJob } from '../../plan/plan.ts';
import { compiledJobs } from '../support/compiled-jobs.ts';

const HOME = 'thirdparty/models/InternVL/internvl_chat';
let baseDir: string;

beforeAll(async () => {
  baseDir = await mkdtemp(join(tmpdir(), 'published-'));
  await cp(join(packageRoot(), 'configs'), join(baseDir, 'configs'), { recursive: true });
  const models = ['1B', '2B', '4B', '26B'].map(size => `pretrained/InternVL2-${size}`);
  for (const folder of [...models, 'internvl/train', 'eval/caption', 'data/coco/annotations'])
    await mkdir(join(baseDir, HOME, folder), { recursive: true });
  for (const file of ['evaluate.sh', 'zero_stage1_config.json', 'data/coco/annotations/coco_karpathy_train_567k.jsonl'])
    await writeFile(join(baseDir, HOME, file), '');
});
afterAll(() => rm(baseDir, { recursive: true }));

const jobsIn = (config: string) => compiledJobs(baseDir, config);

const takenBy = (job: PlanJob | undefined) => job?.inputs.map(({ into, ref }) => `${into} <- ${ref.job}`);

it('InternVL on COCO captions: pools by each stat, the best combined, and larger models, each trained and scored', () => {
  const jobs = jobsIn('internvl-coco-caption/sandbox_internvl_coco_caption.yaml');
  const [chosen, combined] = [
    ['train.internvl-coco-caption', 'evaluate.internvl-coco-caption'],
    ['probe.data-pool-ranking', 'pools.combination', 'pools.downsampling'],
  ] as const;
  expect(jobs.map(({ component }) => component)).toEqual([
    ...['convert.coco-caption-to-dj', 'convert.coco-caption-meta'],
    ...['probe.analyzer', 'pools.construction', 'convert.coco-caption-meta', ...chosen],
    ...[...combined, 'convert.coco-caption-meta', ...chosen],
    ...['probe.data-pool-ranking', 'convert.coco-caption-meta'],
    ...[chosen[0], chosen[0], chosen[0], chosen[1], chosen[1], chosen[1]],
  ]);
  const trainings = jobs.filter(({ component }) => component === chosen[0]);
  expect(trainings.map(job => job.config.extra_configs?.conv_style_or_scale)).toEqual(['1B', '1B', '2B', '4B', '26B']);
  for (const { resources } of trainings) expect(resources).toMatchObject({ tag: 'gpu', gpus: 8 });
  expect(takenBy(trainings[2])).toEqual([
    expect.stringMatching(/^extra_configs\.meta_paths <- scaling_exps\.\d+-scaling_metas$/),
  ]);
});

it('prompts of a grader: made, tried, compared with the truth, and the best go into the next iteration', () => {
  const jobs = jobsIn('auto-prompt-optimization/sandbox_auto_prompt_optimization.yaml');
  expect(jobs.map(({ component }) => component)).toEqual([
    ...['process.data-juicer', 'pools.construction', 'pools.cartesian-join', 'infer.api', 'evaluate.mse'],
    ...['probe.data-pool-ranking', 'pools.merging'],
  ]);
  expect(takenBy(jobs[5])).toEqual([
    expect.stringMatching(/^extra_configs\.dataset_path <- optimize_prompt\.\d+-construct_pools$/),
    expect.stringMatching(/^extra_configs\.metrics <- optimize_prompt\.\d+-evaluate_grades$/),
  ]);
});
