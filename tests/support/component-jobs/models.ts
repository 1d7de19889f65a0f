import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { inferApi } from '../../../activities/infer/api.ts';
import { inferHuggingFace } from '../../../activities/infer/huggingface.ts';
import { inferVllm } from '../../../activities/infer/vllm.ts';
import type { ComponentUnderTest } from '../../../activities/own/conformance/index.ts';
import { probeModelInfer } from '../../../activities/probe/model-infer.ts';
import { pythonOf } from '../../../activities/runtime/paths.ts';
import { startChatServer } from '../chat-server.ts';
import { playedPython, writeDatasets } from './inputs.ts';

const fixture = (...parts: string[]) => resolve('tests/fixtures', ...parts);

const QUESTIONS = { dataset_path: 'd.jsonl', export_path: 'answers' };

async function writeQuestions(folder: string): Promise<void> {
  const colours = ['red', 'green', 'blue'];
  await writeDatasets(folder, { 'd.jsonl': colours.map(colour => ({ query: `say ${colour}` })) });
}

/** A folder that stands for a model where a player does not look into it. */
async function writeModel(folder: string): Promise<string> {
  await mkdir(join(folder, 'model'));
  await writeFile(join(folder, 'model', 'config.json'), '{}');
  return 'model';
}

/** Real HTTP with a server of this process. */
export const API: ComponentUnderTest = {
  component: inferApi,
  async job(folder) {
    await writeQuestions(folder);
    const { url } = await startChatServer(({ text }) => `re: ${text}`);
    return {
      extra_configs: { type: 'api', model: 'm', model_params: { base_url: url }, concurrency: 1, ...QUESTIONS },
    };
  },
};

/** Real Transformers with a model that is made for it. */
export const HUGGING_FACE: ComponentUnderTest = {
  component: inferHuggingFace,
  async job(folder) {
    await writeQuestions(folder);
    await execa(pythonOf('train'), [fixture('inference', 'make_chat_model.py'), join(folder, 'model')]);
    const sampling_params = { do_sample: false, max_new_tokens: 4 };
    const model = { model: 'model', model_params: { device: 'cpu' }, sampling_params };
    return { extra_configs: { type: 'huggingface', ...model, ...QUESTIONS } };
  },
};

export const VLLM: ComponentUnderTest = {
  component: inferVllm,
  async job(folder) {
    await writeQuestions(folder);
    const python = await playedPython(folder, 'data-juicer', fixture('vllm', 'player'));
    return {
      extra_configs: {
        type: 'vllm',
        model: await writeModel(folder),
        launcher: { python },
        batch_size: 2,
        ...QUESTIONS,
      },
    };
  },
};

export const MODELSCOPE_PROBE: ComponentUnderTest = {
  component: probeModelInfer,
  async job(folder) {
    const texts = ['good 0.9', 'bad 0.8', 'good 0.95', 'good 0.99'];
    const samples = texts.map((text, i) => ({ text, label: i === 3 ? 'bad' : text.split(' ')[0]! }));
    await writeDatasets(folder, { 'texts.jsonl': samples });
    const python = await playedPython(folder, 'data-juicer', fixture('modelscope', 'player'));
    return {
      dj_configs: { dataset_path: 'texts.jsonl', export_path: 'probed/texts.jsonl' },
      extra_configs: {
        type: 'modelscope',
        task: 'text-classification',
        model: await writeModel(folder),
        device: 'cpu',
        probe: { label_key: 'label' },
        launcher: { python },
      },
    };
  },
};
