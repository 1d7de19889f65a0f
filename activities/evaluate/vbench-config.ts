import { z } from 'zod';
import type { JobConfig } from '../../plan/component.ts';
import { environmentKeys } from '../../plan/environment.ts';
import { didYouMean } from '../../plan/suggest.ts';
import { STANDARD_ONLY, VBENCH_DIMENSIONS } from '../../plan/vbench-totals.ts';

export const vbenchSchema = z.object({
  type: z.literal('vbench_video_evaluator'),
  videos_path: z.string().min(1).describe('Folder of the videos to score'),
  output_path: z.string().nullish().describe('Folder for `<eval_name>_merged_results.json`'),
  eval_name: z
    .string()
    .regex(/^[^/\0]+$/, 'expected a name without slashes: it becomes part of a file name')
    .default('vbench_evaluator')
    .describe('Begins the names of result files'),
  dimension_list: z.array(z.string()).min(1).describe('What is scored, each dimension a part of its own'),
  full_json_dir: z
    .string()
    .min(1)
    .nullish()
    .describe("VBench's prompts with their dimensions; default: those that the package brings (VBench_full_info.json)"),
  mode: z
    .enum(['standard', 'custom_input'])
    .default('standard')
    .describe(
      "`standard` scores videos named `<prompt>-<0…4>` of VBench's prompts; `custom_input` any videos, their names as prompts",
    ),
  load_ckpt_from_local: z
    .boolean()
    .nullish()
    .describe('Takes CLIP and DINO from VBENCH_CACHE_DIR too, instead of their own caches'),
  num_gpus: z.int().min(0).nullish().describe('0: on a CPU. Default 1; on a host without GPUs it is a CPU anyway'),
  ...environmentKeys,
  launcher: z
    .object({ python: z.string().min(1).nullish(), command: z.array(z.string().min(1)).min(1).nullish() })
    .nullish()
    .describe(
      "`python`: an interpreter that has vbench, instead of env_name's. `command`: what to call in place of `vbench`, such as [srun, vbench]",
    ),
});

export type VBenchConfig = z.infer<typeof vbenchSchema>;

/** Unknown and repeated dimensions, and ones that the mode does not have. */
export function checkVBench({ extra_configs }: JobConfig): { at: string; message: string }[] {
  const { dimension_list = [], mode } = (extra_configs ?? {}) as Partial<VBenchConfig>;
  return dimension_list.flatMap((name, i) => {
    const message = problemOf(name, dimension_list.indexOf(name) < i, mode);
    return message === null ? [] : [{ at: `extra_configs.dimension_list.${i}`, message }];
  });
}

function problemOf(name: string, repeated: boolean, mode?: string): string | null {
  if (!VBENCH_DIMENSIONS.includes(name)) {
    return `VBench has no dimension "${name}"; ${didYouMean(name, VBENCH_DIMENSIONS)}`;
  }
  if (repeated) return `"${name}" is there already: each dimension is scored once`;
  if (mode === 'custom_input' && STANDARD_ONLY.includes(name)) {
    return `"${name}" compares videos with what VBench's own prompts ask for: it has no mode custom_input; use mode: standard with videos of those prompts, or leave it out`;
  }
  return null;
}
