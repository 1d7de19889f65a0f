import { chmod, copyFile, mkdir, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import type { ComponentUnderTest } from '../../../activities/own/conformance/index.ts';
import { pythonOf } from '../../../activities/runtime/paths.ts';
import { trainInternVL } from '../../../activities/train/internvl-coco-caption.ts';
import { trainModelScope } from '../../../activities/train/modelscope.ts';
import { trainTrinity } from '../../../activities/train/trinity-rft.ts';
import { playedPython, writeDatasets } from './inputs.ts';

const fixture = (...parts: string[]) => resolve('tests/fixtures', ...parts);

/** A folder that stands for a virtual environment: a Python, and a program that plays one. */
async function environmentWith(folder: string, program: string): Promise<{ env_name: string; env_manager: string }> {
  const bin = join(folder, 'env', 'bin');
  await mkdir(bin, { recursive: true });
  await writeFile(join(bin, 'python'), `#!/bin/sh\nexec '${pythonOf('pools')}' "$@"\n`, { mode: 0o755 });
  await copyFile(program, join(bin, basename(program)));
  await chmod(join(bin, basename(program)), 0o755);
  return { env_name: join(folder, 'env'), env_manager: 'venv' };
}

const MODELSCOPE_TRAINER: ComponentUnderTest = {
  component: trainModelScope,
  async job(folder) {
    await writeDatasets(folder, { 'train.jsonl': Array.from({ length: 6 }, (_, i) => ({ text: `text ${i}` })) });
    await mkdir(join(folder, 'model'));
    await writeFile(join(folder, 'model', 'configuration.json'), '{}');
    const python = await playedPython(folder, 'pools', fixture('modelscope', 'trainer-player'));
    return {
      extra_configs: {
        type: 'modelscope',
        model_name: 'model',
        trainer_name: 'nlp-base-trainer',
        train_dataset: 'train.jsonl',
        work_dir: 'trained',
        device: 'cpu',
        train: { max_epochs: 2, dataloader: { batch_size_per_gpu: 1 }, seconds: 0.1 },
        launcher: { python },
      },
    };
  },
};

const INTERNVL_TRAINING: ComponentUnderTest = {
  component: trainInternVL,
  // Scripts name the run's own folder.
  varies: true,
  async job(folder) {
    await mkdir(join(folder, 'InternVL2-1B'));
    await writeFile(join(folder, 'InternVL2-1B', 'play'), 'slow');
    const meta = { pool: { root: 'data/coco/', annotation: 'pool.jsonl', length: 12 * 512 } };
    await writeFile(join(folder, 'meta.json'), JSON.stringify(meta));
    return {
      extra_configs: {
        type: 'internvl_coco_caption',
        internvl_home: fixture('internvl'),
        model_name_or_path: 'InternVL2-1B',
        conv_style_or_scale: '1B',
        meta_paths: 'meta.json',
        work_dir: 'trained',
        script_dir: 'scripts',
        ...(await environmentWith(folder, fixture('internvl', 'bin', 'torchrun'))),
      },
    };
  },
};

const TRINITY: ComponentUnderTest = {
  component: trainTrinity,
  async job(folder) {
    const config = { project: 'rft', name: 'small', mode: 'both', buffer: { total_steps: 12 } };
    await writeFile(
      join(folder, 'rft.yaml'),
      JSON.stringify({ ...config, trainer: { save_interval: 4 }, seconds: 0.1 }),
    );
    return {
      extra_configs: {
        type: 'trinity-rft',
        trinity_config_path: 'rft.yaml',
        ...(await environmentWith(folder, fixture('trinity', 'bin', 'trinity'))),
      },
    };
  },
};

/** With programs that are played: ModelScope's trainers, InternVL's script, `trinity run`. */
export const PLAYED_TRAINERS: ComponentUnderTest[] = [MODELSCOPE_TRAINER, INTERNVL_TRAINING, TRINITY];
