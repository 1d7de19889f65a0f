import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import type { Component } from '../../../activities/component.ts';
import { evaluateAccuracy } from '../../../activities/evaluate/accuracy.ts';
import { evaluateInternVL } from '../../../activities/evaluate/internvl-coco-caption.ts';
import { evaluateMse } from '../../../activities/evaluate/mse.ts';
import { evaluateQualityClassifier } from '../../../activities/evaluate/quality-classifier.ts';
import { evaluateVideoInception } from '../../../activities/evaluate/video-inception.ts';
import { evaluateVideoQuality } from '../../../activities/evaluate/video-quality.ts';
import type { ComponentUnderTest } from '../../../activities/own/conformance/index.ts';
import { type EnvironmentName, pythonFile, pythonOf } from '../../../activities/runtime/paths.ts';
import { videoFolder } from '../evaluators.ts';
import { writeDatasets } from './inputs.ts';

/** Runs a script of tests/fixtures/evaluators, which imports what python/evaluate has. */
async function made(environment: EnvironmentName, script: string, ...args: string[]): Promise<void> {
  const env = { PYTHONPATH: pythonFile('evaluate') };
  await execa(pythonOf(environment), [resolve('tests/fixtures/evaluators', script), ...args], { env });
}

const compared = (component: Component, what: 'label' | 'value'): ComponentUnderTest => ({
  component,
  async job(folder) {
    await writeDatasets(folder, {
      'answers.jsonl': [
        { guess: 1, truth: 1 },
        { guess: 2, truth: 4 },
      ],
    });
    const keys = { [`predicted_${what}_key`]: 'guess', [`ground_truth_${what}_key`]: 'truth' };
    return { extra_configs: { type: component.type!, predicted_dataset_path: 'answers.jsonl', ...keys } };
  },
});

export const COMPARISONS: ComponentUnderTest[] = [compared(evaluateAccuracy, 'label'), compared(evaluateMse, 'value')];

export const VIDEO_QUALITY: ComponentUnderTest = {
  component: evaluateVideoQuality,
  async job(folder) {
    await videoFolder(join(folder, 'videos'), 'a.mp4:moving:64x48:8', 'b.mp4:flicker:64x48:8');
    return { extra_configs: { type: evaluateVideoQuality.type!, videos_path: 'videos', frames: 4 } };
  },
};

/** With networks that are made for it. */
export const VIDEO_INCEPTION: ComponentUnderTest = {
  component: evaluateVideoInception,
  async job(folder) {
    await made('vbench', 'colour_videos.py', folder, 'real:3:8:120', 'fake:3:8:140');
    await made('vbench', 'inception_parts.py', join(folder, 'nets'));
    return {
      extra_configs: {
        type: evaluateVideoInception.type!,
        fake_data_path: 'fake.jsonl',
        real_data_path: 'real.jsonl',
        metric: 'fid50k',
        detector_path: 'nets/frames.pt',
        height: 30,
        width: 40,
        num_gpus: 0,
      },
    };
  },
};

/** With a classifier that Data-Juicer's own tool trains first, on Spark. */
export const QUALITY_CLASSIFIER: ComponentUnderTest = {
  component: evaluateQualityClassifier,
  async job(folder) {
    await made('quality', 'quality_parts.py', folder);
    await writeDatasets(folder, { 'd.jsonl': [{ text: 'buy a cheap free prize' }, { text: 'a history of water' }] });
    return {
      extra_configs: {
        type: evaluateQualityClassifier.type!,
        dataset_path: 'd.jsonl',
        model: 'model',
        driver_memory: '1g',
      },
    };
  },
};

export const INTERNVL_SCORES: ComponentUnderTest = {
  component: evaluateInternVL,
  async job(folder) {
    for (const [name, play] of Object.entries({ pool_a: 'newer', pool_b: 'older' })) {
      await mkdir(join(folder, name));
      await writeFile(join(folder, name, 'play'), play);
    }
    const home = resolve('tests/fixtures/internvl');
    return {
      extra_configs: { type: evaluateInternVL.type!, internvl_home: home, ckpt_paths: ['pool_a', 'pool_b'] },
    };
  },
};
