import { z } from 'zod';
import type { ReadField } from '../../plan/component.ts';
import { ENVIRONMENT_NOT_IN_KEY, ENVIRONMENT_READS, environmentKeys } from '../../plan/environment.ts';

/** EasyAnimate's folder; the config's relative paths start there. */
export const HOME = 'extra_configs.easyanimate_home';

/** What decides results in it: its scripts and packages, in EasyAnimate itself and in the small one of this repository. */
export const HOME_READ: ReadField = {
  at: HOME,
  kind: 'directory',
  content: ['train_lora.py', 'infer_lora.py', 'easyanimate', 'small', 'config'],
};

/** Keys that EasyAnimate's training and inference share. Keys that nothing reads are let through, as in the original. */
export const commonKeys = {
  type: z.literal('easyanimate'),
  easyanimate_home: z
    .string()
    .min(1)
    .default('thirdparty/models/EasyAnimate')
    .describe("EasyAnimate's folder; relative paths in the config start there"),
  launcher: z
    .object({ python: z.string().optional(), args: z.array(z.string()).optional() })
    .nullish()
    .describe(
      "Interpreter, and arguments for `accelerate launch`; without `python` the environment is that of `env_name`, else set-up's own",
    ),
  ...environmentKeys,
};

export const precision = z.enum(['no', 'fp16', 'bf16']);
export const modelPath = {
  pretrained_model_name_or_path: z.string().min(1).describe('The base model: a folder, or a name on a hub'),
  transformer_path: z.string().nullish().describe("Weights in place of the base model's own transformer"),
};

/** What all of them read: model and environment. */
export const MODEL_READS: ReadField[] = [
  { at: 'extra_configs.train.model_path.pretrained_model_name_or_path', kind: 'model', hub: true, relativeTo: HOME },
  { at: 'extra_configs.train.model_path.transformer_path', kind: 'model', relativeTo: HOME },
  ...ENVIRONMENT_READS,
];

/** How it is started and what it is called: no part of what it makes. */
export const COMMON_NOT_IN_KEY = [
  ...['launcher', 'model_name'].map(key => `extra_configs.${key}`),
  ...ENVIRONMENT_NOT_IN_KEY,
];

/** The model's config file in EasyAnimate's folder, as its own scripts name it. */
export const MODEL_CONFIG = 'config/easyanimate_video_motion_module_v1.yaml';

/** `{a: 1, b: null, c: true}` → `--a=1 --c`; what is absent, null, '' or false is left out. */
export function flagsOf(values: Record<string, string | number | boolean | null | undefined>): string[] {
  return Object.entries(values)
    .filter(([, value]) => value != null && value !== '' && value !== false)
    .map(([name, value]) => (value === true ? `--${name}` : `--${name}=${value}`));
}
