import { z } from 'zod';
import { ENVIRONMENT_NOT_IN_KEY, environmentKeys } from '../../plan/environment.ts';

const key = z.string().min(1);

/** Keys that every inference by a language model has; names and defaults are the original's, whose default for the first does not exist there. */
export const ASKING = {
  build_messages_func: z
    .enum(['build_messages', 'build_messages_for_math_qa'])
    .default('build_messages')
    .describe("Makes a sample's messages, by the name that the original has for it"),
  parse_output_func: z
    .enum(['parse_output'])
    .default('parse_output')
    .describe('Makes the value of an answer, likewise'),
  /** Keys of the samples that the two functions look at. */
  func_kwargs: z
    .looseObject({ system_key: key.nullish(), query_key: key.nullish(), response_key: key.nullish() })
    .nullish()
    .describe('Keys of the samples that the two look at'),
  dataset_path: z.union([key, z.array(key).min(1)]).describe('Datasets whose samples are asked about'),
  export_path: key.describe('Folder for `<dataset>_inference.jsonl`'),
  infer_res_key: key.default('response').describe('Key of the answer in a sample'),
  sampling_params: z
    .record(z.string(), z.unknown())
    .nullish()
    .describe('Passed on with each question: temperature, max_tokens, …'),
  ...environmentKeys,
  launcher: z
    .object({ python: key.nullish() })
    .nullish()
    .describe('`python`: an interpreter that has what the model needs'),
};

const asking = z.object(ASKING);
export type Asking = z.infer<typeof asking>;

/** How the program is started: no part of what it makes. */
export const ASKING_NOT_IN_KEY = ['extra_configs.launcher', ...ENVIRONMENT_NOT_IN_KEY];
