// A job that each component does well, for the conformance suite.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generateCocoMeta } from '../../activities/convert/coco-caption-meta.ts';
import { convertCocoCaption } from '../../activities/convert/coco-caption-to-dj.ts';
import { convertEasyAnimate } from '../../activities/convert/easyanimate.ts';
import { evaluateAccuracy } from '../../activities/evaluate/accuracy.ts';
import { evaluateMse } from '../../activities/evaluate/mse.ts';
import { evaluateVBench } from '../../activities/evaluate/vbench.ts';
import { inferEasyAnimate } from '../../activities/infer/easyanimate.ts';
import type { ComponentUnderTest } from '../../activities/own/conformance/index.ts';
import { joinPools } from '../../activities/pools/cartesian-join.ts';
import { combinePools } from '../../activities/pools/combination.ts';
import { constructPools } from '../../activities/pools/construction.ts';
import { downsamplePools } from '../../activities/pools/downsampling.ts';
import { duplicatePools } from '../../activities/pools/duplication.ts';
import { mergePools } from '../../activities/pools/merging.ts';
import { probePoolRanking, rankPoolsInExecution } from '../../activities/pools/ranking.ts';
import { refineKSigma } from '../../activities/refine/k-sigma.ts';
import { trainEasyAnimate } from '../../activities/train/easyanimate.ts';
import type { Json, JsonObject } from '../../plan/plan.ts';
import { makeInputs, trialConfig } from '../soak/trials.ts';

const lines = (samples: readonly JsonObject[]) => samples.map(sample => `${JSON.stringify(sample)}\n`).join('');
const analysed = Array.from({ length: 6 }, (_, i) => ({
  id: i,
  text: `text ${i}`,
  __dj__stats__: { text_len: i + 1 },
}));
const POOLS: Record<string, readonly JsonObject[]> = { 'a.jsonl': analysed.slice(0, 4), 'b.jsonl': analysed.slice(2) };
const CAPTION = {
  image: 'train2014/1.jpg',
  conversations: [
    { from: 'human', value: '<image>' },
    { from: 'gpt', value: 'a cat' },
  ],
};

async function write(folder: string, files: Record<string, readonly JsonObject[]>): Promise<void> {
  for (const [name, samples] of Object.entries(files)) await writeFile(join(folder, name), lines(samples));
}

/** Two pools, and what an operation on them is told besides its type and folder. */
const onPools = (
  component: ComponentUnderTest['component'],
  extra: JsonObject = { dataset_path: ['a.jsonl', 'b.jsonl'] },
): ComponentUnderTest => ({
  component,
  async job(folder) {
    await write(folder, POOLS);
    return { extra_configs: { type: component.type!, export_path: 'pools', ...extra } };
  },
});

const ranked = (component: ComponentUnderTest['component']): ComponentUnderTest => ({
  component,
  async job(folder) {
    await write(folder, POOLS);
    return {
      extra_configs: { type: component.type!, dataset_path: ['a.jsonl', 'b.jsonl'], metrics: [1, 2] as Json[] },
    };
  },
});

const compared = (component: ComponentUnderTest['component'], what: 'label' | 'value'): ComponentUnderTest => ({
  component,
  async job(folder) {
    await write(folder, {
      'answers.jsonl': [
        { guess: 1, truth: 1 },
        { guess: 2, truth: 4 },
      ],
    });
    const keys = { [`predicted_${what}_key`]: 'guess', [`ground_truth_${what}_key`]: 'truth' };
    return { extra_configs: { type: component.type!, predicted_dataset_path: 'answers.jsonl', ...keys } };
  },
});

/** Components that need nothing but this process: seconds for all of them. */
export const QUICK: ComponentUnderTest[] = [
  {
    component: convertEasyAnimate,
    async job(folder) {
      await mkdir(join(folder, 'videos'));
      await writeFile(join(folder, 'videos', 'a.mp4'), 'a');
      await write(folder, { 'clips.jsonl': [{ text: '<__dj__video> a street', videos: ['videos/a.mp4'] }] });
      return { extra_configs: { type: convertEasyAnimate.type!, dataset_path: 'clips.jsonl', export_path: 'ea' } };
    },
  },
  {
    component: refineKSigma,
    needs: { stats: 'overall.csv' },
    async job(folder) {
      await writeFile(join(folder, 'overall.csv'), ',text_len\nmean,50\nstd,10\n');
      return {
        dj_configs: { process: [{ text_length_filter: { min_len: 1, max_len: 900 } }] },
        extra_configs: { path_k_sigma_recipe: 'refined.yaml', k: 2 },
      };
    },
  },
  ranked(probePoolRanking),
  ranked(rankPoolsInExecution),
];

/** Components whose programs start Python: some seconds each. */
export const WITH_PYTHON: ComponentUnderTest[] = [
  onPools(constructPools, { dataset_path: 'a.jsonl' }),
  onPools(combinePools),
  onPools(duplicatePools, { dataset_path: 'a.jsonl', duplicating_times: [2] }),
  onPools(downsamplePools, { dataset_path: ['a.jsonl', 'b.jsonl'], target_num_samples: 2 }),
  onPools(mergePools),
  {
    component: joinPools,
    async job(folder) {
      await write(folder, {
        'left.jsonl': [{ left: 1 }, { left: 2 }],
        'right.jsonl': [{ right: 'a' }, { right: 'b' }],
      });
      const paths = { dataset_path_1: 'left.jsonl', dataset_path_2: 'right.jsonl', export_path: 'pools' };
      return { extra_configs: { type: joinPools.type!, ...paths } };
    },
  },
  compared(evaluateAccuracy, 'label'),
  compared(evaluateMse, 'value'),
  {
    component: convertCocoCaption,
    async job(folder) {
      await write(folder, { 'coco.jsonl': [CAPTION] });
      return { extra_configs: { type: convertCocoCaption.type!, dataset_path: 'coco.jsonl', export_path: 'dj' } };
    },
  },
  {
    component: generateCocoMeta,
    async job(folder) {
      await write(folder, { 'coco.jsonl': [CAPTION] });
      const paths = { dataset_path: 'coco.jsonl', export_path: 'meta', data_root_path: '.' };
      return { extra_configs: { type: generateCocoMeta.type!, ...paths } };
    },
  },
];

/** One job of the soak's trial, which the player of EasyAnimate's home runs; what earlier jobs would hand over is written here. */
const played = (component: ComponentUnderTest['component'], metaName: string): ComponentUnderTest => ({
  component,
  async job(folder) {
    const inputs = join(folder, 'inputs');
    await makeInputs(inputs);
    const clip = { file_path: join(inputs, 'one.mp4'), text: 'a clip', type: 'video' };
    await mkdir(join(folder, 'videos'));
    await writeFile(join(folder, 'videos', 'a cat looks up-0.mp4'), 'a');
    await writeFile(join(folder, 'meta.json'), JSON.stringify([clip]));
    await writeFile(join(folder, 'checkpoint-9.safetensors'), 'weights');
    const config = trialConfig(inputs, join(folder, 'made'), '', { seed: 1, steps: 20, checkpointEvery: 5 });
    const jobs = [config.execution_job_configs, config.evaluation_job_configs].flat() as JsonObject[];
    const { extra_configs } = jobs.find(job => job.meta_name === metaName)!;
    const given = {
      '<from convert>': 'meta.json',
      '<from train>': 'checkpoint-9.safetensors',
      '<from infer>': 'videos',
    };
    const text = Object.entries(given).reduce(
      (told, [mark, name]) => told.replaceAll(mark, join(folder, name)),
      JSON.stringify(extra_configs),
    );
    return { extra_configs: JSON.parse(text) as JsonObject };
  },
});

/** Components whose programs are played (tests/fixtures/easyanimate-home). */
export const PLAYED: ComponentUnderTest[] = [
  played(trainEasyAnimate, 'train'),
  played(inferEasyAnimate, 'infer'),
  played(evaluateVBench, 'score'),
];
