import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import type { Component } from '../../../activities/component.ts';
import { evaluateHeldOutLoss } from '../../../activities/evaluate/held-out-loss.ts';
import { evaluateVBench } from '../../../activities/evaluate/vbench.ts';
import { inferEasyAnimate } from '../../../activities/infer/easyanimate.ts';
import type { ComponentUnderTest } from '../../../activities/own/conformance/index.ts';
import { pythonFile, pythonOf, sandboxHome } from '../../../activities/runtime/paths.ts';
import { trainEasyAnimate } from '../../../activities/train/easyanimate.ts';
import type { JsonObject } from '../../../plan/plan.ts';
import { makeInputs, trialConfig } from '../../soak/trials.ts';
import { writeDatasets } from './inputs.ts';

/** One job of the soak's trial, which the player of EasyAnimate's home runs; what earlier jobs would hand over is written here. */
const played = (component: Component, metaName: string): ComponentUnderTest => ({
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

/** With programs that are played (tests/fixtures/easyanimate-home). */
export const PLAYED_EASYANIMATE: ComponentUnderTest[] = [
  played(trainEasyAnimate, 'train'),
  played(inferEasyAnimate, 'infer'),
  played(evaluateVBench, 'score'),
];

/** With the small model and real clips. */
export const HELD_OUT_LOSS: ComponentUnderTest = {
  component: evaluateHeldOutLoss,
  async job(folder) {
    const clips = ['cyclist', 'vans'].map(name => `${name}.mp4`);
    for (const clip of clips) await copyFile(join(sandboxHome(), 'clips', clip), join(folder, clip));
    const samples = clips.map(clip => ({ videos: [join(folder, clip)], text: clip }));
    await writeDatasets(folder, { 'clips.jsonl': samples });
    await writeFile(join(folder, 'held_out.json'), JSON.stringify(samples));
    const script = pythonFile('easyanimate-small', 'make_base_model.py');
    const made = ['--clips', join(folder, 'clips.jsonl'), '--out', join(folder, 'base'), '--steps', '1'];
    await execa(pythonOf('train'), [script, ...made]);
    return {
      extra_configs: {
        type: evaluateHeldOutLoss.type!,
        easyanimate_home: pythonFile('easyanimate-small'),
        train: {
          model_path: { pretrained_model_name_or_path: join(folder, 'base') },
          dataset_path: { dataset_meta_name: join(folder, 'held_out.json') },
          eval_config: { sample_size: 32, sample_stride: 1, timesteps: 2 },
        },
      },
    };
  },
};
