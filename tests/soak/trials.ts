import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { packageRoot } from '../../activities/runtime/paths.ts';
import type { JsonObject } from '../../plan/plan.ts';

export const HOME = join(packageRoot(), 'tests', 'fixtures', 'easyanimate-home');
export const DIMENSIONS = ['motion_smoothness', 'temporal_flickering'];
export const PROMPTS = ['a cat looks up', 'waves at a coast', 'a train leaves', 'rain on a window'];
/** Seconds of a training step and of a video, made or scored. */
export const PACE = { PLAY_STEP_SECONDS: '0.1', PLAY_VIDEO_SECONDS: '0.25' };

export interface TrialShape {
  /** Trials of one seed are the same: their jobs have the same keys and are run once. */
  seed: number;
  steps: number;
  checkpointEvery: number;
  /** As in a config, docs/configs.md. */
  durability?: JsonObject;
}

/** What the trials of a sandbox read: a dataset of clips that nothing decodes, and prompts. */
export async function makeInputs(folder: string): Promise<void> {
  const clips = ['one', 'two', 'three'].map(name => join(folder, `${name}.mp4`));
  const samples = clips.map(clip => JSON.stringify({ text: '<__dj__video> a clip <|__dj__eoc|>', videos: [clip] }));
  await mkdir(folder, { recursive: true });
  await Promise.all(clips.map(clip => writeFile(clip, `no video: ${clip.length}`)));
  await writeFile(join(folder, 'clips.jsonl'), `${samples.join('\n')}\n`);
  const prompts = PROMPTS.map(prompt_en => ({ prompt_en, dimension: DIMENSIONS }));
  await writeFile(join(folder, 'prompts.json'), JSON.stringify(prompts));
}

/** Convert → train → infer → score, with the home that plays EasyAnimate. `inputs`: as made by makeInputs. */
export function trialConfig(inputs: string, outputs: string, workDir: string, shape: TrialShape): JsonObject {
  const launcher = { python: join(HOME, 'python') };
  const model_path = { pretrained_model_name_or_path: join(HOME, 'model') };
  const easyAnimate = { type: 'easyanimate', easyanimate_home: HOME, launcher };
  return {
    project_name: 'soak',
    experiment_name: 'soak',
    work_dir: workDir,
    ...(shape.durability && { durability: shape.durability }),
    execution_job_configs: [
      {
        hook: 'GeneralDataExecutorHook',
        meta_name: 'convert',
        output: 'meta',
        // Not `cpu`: workers with that tag import Data-Juicer at every start.
        resources: { tag: 'light' },
        extra_configs: {
          type: 'dj_to_easyanimate_video_dataset_conversion',
          dataset_path: join(inputs, 'clips.jsonl'),
          export_path: join(outputs, 'ea'),
        },
      },
      {
        hook: 'TrainModelHook',
        meta_name: 'train',
        input: { 'extra_configs.train.dataset_path.dataset_meta_name': '-1.meta' },
        output: 'lora',
        extra_configs: {
          ...easyAnimate,
          train: {
            model_path,
            dataset_path: { dataset_name: '', dataset_meta_name: '<from convert>' },
            training_config: {
              sample_size: 64,
              batch_size_per_gpu: 1,
              num_train_epochs: 1,
              max_train_steps: shape.steps,
              checkpointing_steps: shape.checkpointEvery,
              seed: shape.seed,
            },
            saving_config: { output_dir: join(outputs, 'models') },
          },
        },
      },
      {
        hook: 'InferModelHook',
        meta_name: 'infer',
        input: { 'extra_configs.train.model_path.lora_path': '-1.lora' },
        output: 'videos',
        extra_configs: {
          ...easyAnimate,
          train: {
            model_path: { ...model_path, lora_path: '<from train>' },
            infer_config: {
              image_size: 64,
              prompt_info_path: join(inputs, 'prompts.json'),
              batch_size: 1,
              video_num_per_prompt: 2,
              seed: 43,
            },
            saving_config: { output_video_dir: join(outputs, 'videos') },
          },
        },
      },
    ],
    evaluation_job_configs: [
      {
        hook: 'EvaluateDataHook',
        meta_name: 'score',
        input: { 'extra_configs.videos_path': '-1.videos' },
        extra_configs: {
          type: 'vbench_video_evaluator',
          videos_path: '<from infer>',
          dimension_list: DIMENSIONS,
          mode: 'custom_input',
          launcher: { command: [join(HOME, 'vbench')] },
        },
      },
    ],
  };
}

export const PROBE_SAMPLES = 4_000;

/** A look at so many texts that it takes some seconds. */
export async function probeConfig(inputs: string, workDir: string): Promise<JsonObject> {
  const texts = join(inputs, 'texts.jsonl');
  const words = Array.from({ length: 200 }, (_, i) => `word${i}`).join(' ');
  const lines = Array.from({ length: PROBE_SAMPLES }, (_, i) =>
    JSON.stringify({ text: `${i} ${words.slice(i % 500)}` }),
  );
  await writeFile(texts, `${lines.join('\n')}\n`);
  return {
    project_name: 'soak',
    experiment_name: 'probe',
    work_dir: workDir,
    probe_job_configs: [
      {
        hook: 'ProbeViaAnalyzerHook',
        meta_name: 'before',
        dj_configs: {
          dataset_path: texts,
          np: 1,
          process: [{ text_length_filter: {} }, { words_num_filter: {} }, { word_repetition_filter: {} }],
        },
      },
    ],
  };
}
