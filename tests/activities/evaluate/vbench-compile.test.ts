import { expect, test } from 'vitest';
import { z } from 'zod';
import { evaluateVBench } from '../../../activities/evaluate/vbench.ts';
import { evaluateVideoQuality } from '../../../activities/evaluate/video-quality.ts';
import { compile } from '../../../plan/compile.ts';
import type { ComponentSpec } from '../../../plan/component.ts';
import { formatDiagnostic } from '../../../plan/diagnostic.ts';
import { type JsonObject, jobsOf, type PlanJob } from '../../../plan/plan.ts';

const infer: ComponentSpec = {
  name: 'infer.videos',
  hook: 'InferModelHook',
  version: 1,
  summary: 'Makes videos.',
  resources: { tag: 'gpu', gpus: 1 },
  claims: true,
  cacheable: true,
  config: { extra: z.object({ output_video_dir: z.string() }) },
  reads: [],
  writes: [{ at: 'extra_configs.output_video_dir', kind: 'directory' }],
  results: [{ write: 'extra_configs.output_video_dir' }],
};
const inferJob = {
  hook: 'InferModelHook',
  meta_name: 'infer',
  extra_configs: { output_video_dir: '/base/outputs/videos' },
};

const registry = [infer, evaluateVBench, evaluateVideoQuality];
const files = {
  read: () => null,
  stat: (path: string) => (path === '/base/VBench_mini_info.json' ? ('file' as const) : null),
};

function evaluation(extra_configs: JsonObject, more: JsonObject = {}): JsonObject {
  return { hook: 'EvaluateDataHook', meta_name: 'score', extra_configs, ...more };
}

function compiled(job: JsonObject): { job?: PlanJob; errors: string[] } {
  const config = { work_dir: 'work', execution_job_configs: [inferJob], evaluation_job_configs: [job] };
  const result = compile({ config, baseDir: '/base' }, registry, files, {} as never);
  if (!result.ok) return { errors: result.diagnostics.map(formatDiagnostic) };
  return { job: jobsOf(result.plan)[1]!, errors: [] };
}

const vbench = (more: JsonObject = {}): JsonObject => ({
  type: 'vbench_video_evaluator',
  full_json_dir: 'VBench_mini_info.json',
  videos_path: 'outputs/videos',
  output_path: 'outputs/scores',
  dimension_list: ['temporal_flickering', 'dynamic_degree'],
  ...more,
});

test.each(['outputs/videos', './outputs/videos/', 'outputs/iter_1/videos', 'outputs/videos/iter_1'])(
  'videos_path %s is what the infer job makes',
  videos_path => {
    for (const extra of [vbench({ videos_path }), { type: 'video_quality_evaluator', videos_path }]) {
      const { job, errors } = compiled(evaluation(extra));
      expect(errors).toEqual([]);
      expect(job!.edges).toMatchObject([{ at: 'extra_configs.videos_path', job: 'anonymous.1-infer' }]);
    }
  },
);

test('dimensions are parts, and num_gpus is the GPUs that the job claims unless the job itself says otherwise', () => {
  expect(compiled(evaluation(vbench())).job).toMatchObject({
    component: 'evaluate.vbench',
    parts: ['temporal_flickering', 'dynamic_degree'],
    resources: { tag: 'gpu', gpus: 1 },
    claims: true,
  });
  expect(compiled(evaluation(vbench({ num_gpus: 4 }))).job!.resources.gpus).toBe(4);
  expect(compiled(evaluation(vbench({ num_gpus: 4 }), { resources: { gpus: 2 } })).job!.resources.gpus).toBe(2);
  expect(compiled(evaluation(vbench({ num_gpus: 0 }))).job!.resources.gpus).toBe(0);
});

test('wrong dimensions, folders and prompts are all told before anything runs', () => {
  const { errors } = compiled(
    evaluation(vbench({ videos_path: 'outputs/vidoes', dimension_list: ['dynamic_degre'], full_json_dir: 'no.json' })),
  );
  expect(errors).toEqual([
    expect.stringMatching(
      /dimension_list\[0\]: VBench has no dimension "dynamic_degre"; did you mean "dynamic_degree"/,
    ),
    expect.stringMatching(/videos_path: outputs\/vidoes is not there/),
    expect.stringMatching(/full_json_dir: no\.json is not there/),
  ]);
});

test('a metric that there is not is told with those that there are', () => {
  const extra = { type: 'video_quality_evaluator', videos_path: 'outputs/videos', metrics: ['brisk'] };
  expect(compiled(evaluation(extra)).errors.join()).toMatch(/metrics\[0\]: expected one of "brisque"/);
});
