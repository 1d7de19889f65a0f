import { z } from 'zod';
import type { ComponentSpec } from './component.ts';
import {
  dataset,
  declare,
  environment,
  folder,
  GPU,
  internvl,
  LATER,
  makesFolder,
  model,
  path,
  paths,
} from './declare.ts';

/** Trainers. */
export const DECLARED_TRAINERS: ComponentSpec[] = [
  declare({
    name: 'train.modelscope',
    hook: 'TrainModelHook',
    type: 'modelscope',
    summary: 'Trains a model with a ModelScope trainer.',
    resources: GPU,
    config: {
      extra: z.looseObject({
        type: z.literal('modelscope'),
        model_name: z.string(),
        trainer_name: z.string(),
        work_dir: path,
        train_dataset: path.nullish(),
        eval_dataset: path.nullish(),
        key_remapping: z.record(z.string(), z.string()).nullish(),
        train: z.record(z.string(), z.unknown()).nullish(),
      }),
    },
    reads: [dataset('train_dataset'), dataset('eval_dataset'), model('model_name')],
    writes: [makesFolder('work_dir')],
    results: [{ write: 'extra_configs.work_dir' }],
    notRunnable: `ModelScope training ${LATER}`,
  }),
  declare({
    name: 'train.trinity-rft',
    hook: 'TrainModelHook',
    type: 'trinity-rft',
    summary: 'Fine-tunes a model by reinforcement with Trinity-RFT.',
    resources: GPU,
    config: {
      extra: z.looseObject({
        type: z.literal('trinity-rft'),
        trinity_config_path: path,
        trinity_home: path.nullish(),
        ...environment,
      }),
    },
    reads: [{ at: 'extra_configs.trinity_config_path', kind: 'file' }, folder('trinity_home')],
    results: [{ value: 'checkpoint_root_dir' }],
    notRunnable: `Trinity-RFT ${LATER}`,
  }),
  declare({
    name: 'train.internvl-coco-caption',
    hook: 'TrainModelHook',
    type: 'internvl_coco_caption',
    summary: 'Fine-tunes InternVL2 on COCO captions, once a meta file.',
    resources: GPU,
    config: {
      extra: z.looseObject({
        ...internvl,
        batch_size_per_device: z.int().positive().nullish(),
        work_dir: path,
        model_name_or_path: z.string(),
        conv_style_or_scale: z.string(),
        meta_paths: paths,
        script_dir: path,
      }),
    },
    reads: [{ at: 'extra_configs.meta_paths', kind: 'file' }, model('model_name_or_path'), folder('internvl_home')],
    writes: [makesFolder('work_dir'), makesFolder('script_dir')],
    results: [{ value: 'paths' }],
    notRunnable: `InternVL ${LATER}`,
  }),
];
