import { copyFile, mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { pythonFile, pythonOf, sandboxHome } from '../../activities/runtime/paths.ts';
import type { JsonObject } from '../../plan/plan.ts';

/** Real clips, EasyAnimate's dataset of them and a base model that was hardly trained, in a folder of their own. */
export interface SmallWorld {
  folder: string;
  base: string;
  dataset: string;
  /** Absolute paths of the clips. */
  clips: string[];
  remove: () => Promise<void>;
}

const CLIPS = ['bunny-wakes', 'bunny-meadow', 'cyclist', 'vans', 'phone-talks', 'walker', 'bus-roof'];

export async function smallWorld(): Promise<SmallWorld> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'easyanimate-')));
  process.env.DJ_SANDBOX_STATE = join(folder, 'state');
  const clips = CLIPS.map(name => join(folder, 'clips', `${name}.mp4`));
  await mkdir(join(folder, 'clips'));
  for (const clip of clips) await copyFile(join(sandboxHome(), 'clips', clip.slice(clip.lastIndexOf('/') + 1)), clip);
  const samples = clips.map((clip, i) => ({ videos: [clip], file_path: clip, text: `${CLIPS[i]} in a picture` }));
  const dataset = join(folder, 'clips_ea_fmt.json');
  await writeFile(dataset, JSON.stringify(samples));
  await writeFile(join(folder, 'clips.jsonl'), samples.map(sample => JSON.stringify(sample)).join('\n'));
  const base = join(folder, 'base');
  const script = pythonFile('easyanimate-small', 'make_base_model.py');
  await execa(pythonOf('train'), [script, '--clips', join(folder, 'clips.jsonl'), '--out', base, '--steps', '3']);
  return { folder, base, dataset, clips, remove: () => rm(folder, { recursive: true, force: true }) };
}

/** A training of seven steps on these clips. */
export function trainConfig(world: SmallWorld, output: string): JsonObject {
  return {
    type: 'easyanimate',
    easyanimate_home: pythonFile('easyanimate-small'),
    train: {
      model_path: { pretrained_model_name_or_path: world.base, transformer_path: null },
      dataset_path: { dataset_name: '', dataset_meta_name: world.dataset },
      training_config: {
        sample_size: 32,
        mixed_precision: 'no',
        batch_size_per_gpu: 3,
        num_train_epochs: 1,
        seed: 7,
        max_train_steps: 7,
        learning_rate: 1e-3,
        sample_stride: 1,
        checkpointing_steps: 2,
      },
      saving_config: { output_dir: output },
    },
  };
}

/** Videos of these prompts, one each. */
export async function inferConfig(
  world: SmallWorld,
  output: string,
  prompts: string[],
  lora: string | null,
): Promise<JsonObject> {
  const file = join(world.folder, 'prompts.json');
  await writeFile(file, JSON.stringify(prompts.map(prompt_en => ({ prompt_en, dimension: ['temporal_flickering'] }))));
  return {
    type: 'easyanimate',
    easyanimate_home: pythonFile('easyanimate-small'),
    train: {
      model_path: { pretrained_model_name_or_path: world.base, lora_path: lora },
      infer_config: { image_size: 32, prompt_info_path: file, batch_size: 2, video_num_per_prompt: 1, seed: 3 },
      saving_config: { output_video_dir: output },
    },
  };
}

/** A file's content, for comparing. */
export async function bytesOf(...path: string[]): Promise<string> {
  return (await readFile(join(...path))).toString('base64');
}
