import { z } from 'zod';
import { environmentKeys } from '../../plan/environment.ts';

const key = z.string().min(1);

/** Keys that every inference by a language model has; names and defaults are the original's, whose default for the first does not exist there. */
export const ASKING = {
  build_messages_func: z.enum(['build_messages', 'build_messages_for_math_qa']).default('build_messages'),
  parse_output_func: z.enum(['parse_output']).default('parse_output'),
  /** Keys of the samples that the two functions look at. */
  func_kwargs: z
    .looseObject({ system_key: key.nullish(), query_key: key.nullish(), response_key: key.nullish() })
    .nullish(),
  dataset_path: z.union([key, z.array(key).min(1)]),
  /** Folder for `<dataset>_inference.jsonl`. */
  export_path: key,
  infer_res_key: key.default('response'),
  /** Passed on with each question: temperature, max_tokens, … */
  sampling_params: z.record(z.string(), z.unknown()).nullish(),
  ...environmentKeys,
  /** `python`: an interpreter that has what the model needs. */
  launcher: z.object({ python: key.nullish() }).nullish(),
};

const asking = z.object(ASKING);
export type Asking = z.infer<typeof asking>;

/** How the program is started: no part of what it makes. */
export const ASKING_NOT_IN_KEY = ['extra_configs.launcher'];
