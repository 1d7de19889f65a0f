import { expect, test } from 'vitest';
import { evaluateVBench } from '../../../activities/evaluate/vbench.ts';
import { checkVBench, vbenchSchema } from '../../../activities/evaluate/vbench-config.ts';
import type { JsonObject } from '../../../plan/plan.ts';

const PUBLISHED = {
  type: 'vbench_video_evaluator',
  env_name: 'vbench',
  env_manager: 'conda',
  full_json_dir: './thirdparty/mm_eval/vbench_metrics/VBench_mini_info.json',
  videos_path: './outputs/demo-bench/generated_videos',
  output_path: './outputs/demo-bench/eval_results',
  eval_name: 'mini_test',
  load_ckpt_from_local: false,
  num_gpus: 1,
  dimension_list: ['subject_consistency', 'dynamic_degree'],
};

const problems = (extra: JsonObject) =>
  checkVBench({ dj_configs: null, extra_configs: { ...PUBLISHED, ...extra } }).map(
    ({ at, message }) => `${at}: ${message}`,
  );

test('the published config is valid, with a part a dimension and the GPUs that it asks for', () => {
  const extra_configs = vbenchSchema.parse(PUBLISHED) as unknown as JsonObject;
  const config = { dj_configs: null, extra_configs };
  expect(problems({})).toEqual([]);
  expect(evaluateVBench.parts!(config)).toEqual(['subject_consistency', 'dynamic_degree']);
  expect(evaluateVBench.gpus!(config)).toBe(1);
  expect(extra_configs['mode']).toBe('standard');
});

test('a misspelt dimension is told with the one that was meant, at its place in the list', () => {
  expect(problems({ dimension_list: ['subject_consistency', 'motion_smothness'] })).toEqual([
    'extra_configs.dimension_list.1: VBench has no dimension "motion_smothness"; did you mean "motion_smoothness"?',
  ]);
});

test('a dimension named twice is an error', () => {
  expect(problems({ dimension_list: ['color', 'color'] })[0]).toMatch(/dimension_list\.1: "color" is there already/);
});

test("dimensions that need VBench's own prompts are refused in mode custom_input", () => {
  const found = problems({ mode: 'custom_input', dimension_list: ['temporal_flickering', 'object_class'] });
  expect(found).toEqual([expect.stringMatching(/dimension_list\.1: "object_class" .* no mode custom_input/)]);
});

test('an eval_name that would leave the results folder is refused', () => {
  expect(vbenchSchema.safeParse({ ...PUBLISHED, eval_name: '../x' }).success).toBe(false);
});
