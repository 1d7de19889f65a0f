import { join } from 'node:path';
import { ENVIRONMENT_NOT_IN_KEY, ENVIRONMENT_READS } from '../../plan/environment.ts';
import type { Json } from '../../plan/plan.ts';
import { vbenchTotals } from '../../plan/vbench-totals.ts';
import { defineComponent } from '../component.ts';
import { writeAtomically } from '../runtime/atomic.ts';
import { checkVBench, type VBenchConfig, vbenchSchema } from './vbench-config.ts';
import { type DimensionScore, scoreDimension } from './vbench-part.ts';
import { scoresByPrompt } from './vbench-result.ts';

/** EvaluateDataHook `vbench_video_evaluator`: VBench (Huang et al., CVPR 2024), each dimension a part of its own. */
export const evaluateVBench = defineComponent({
  name: 'evaluate.vbench',
  hook: 'EvaluateDataHook',
  type: 'vbench_video_evaluator',
  version: 2,
  summary: 'Scores generated videos with VBench; the result is the mean of the raw scores of its dimensions.',
  resources: { tag: 'gpu', gpus: 1 },
  claims: true,
  cacheable: true,
  config: { extra: vbenchSchema },
  reads: [
    { at: 'extra_configs.videos_path', kind: 'video-directory' },
    { at: 'extra_configs.full_json_dir', kind: 'file' },
    ...ENVIRONMENT_READS,
  ],
  writes: [{ at: 'extra_configs.output_path', kind: 'directory', fallback: 'eval_results' }],
  results: [{ value: 'mean_score' }],
  notInKey: [
    ...['num_gpus', 'load_ckpt_from_local', 'launcher'].map(key => `extra_configs.${key}`),
    ...ENVIRONMENT_NOT_IN_KEY,
  ],
  gpus: ({ extra_configs }) => (extra_configs as Partial<VBenchConfig> | null)?.num_gpus ?? null,
  parts: ({ extra_configs }) => (extra_configs as unknown as VBenchConfig).dimension_list,
  check: checkVBench,

  async runPart(run, dimension) {
    const config = vbenchSchema.parse(run.config.extra_configs);
    return (await scoreDimension(run, config, dimension)) as unknown as Json;
  },

  async run(run) {
    const config = vbenchSchema.parse(run.config.extra_configs);
    const parts = config.dimension_list.map(name => [name, run.parts[name] as unknown as DimensionScore] as const);
    const detail = Object.fromEntries(parts.map(([name, { score }]) => [name, score]));
    const mean = parts.reduce((sum, [, { score }]) => sum + score, 0) / parts.length;
    const totals = vbenchTotals(detail);
    const videos = Object.fromEntries(parts.map(([name, part]) => [name, part.videos]));
    const prompts = Object.fromEntries(parts.map(([name, part]) => [name, scoresByPrompt(part.videos)]));
    const merged = { mean_score: mean, detail, ...totals, prompts, videos };
    const folder = config.output_path ?? join(run.out, 'eval_results');
    await writeAtomically(
      join(folder, `${config.eval_name}_merged_results.json`),
      `${JSON.stringify(merged, null, 2)}\n`,
    );
    return {
      results: [{ value: mean }],
      metrics: {
        mean_score: mean,
        ...Object.fromEntries(Object.entries(detail).map(([name, score]) => [`detail.${name}`, score])),
        ...totals,
      },
      versions: Object.assign({}, ...parts.map(([, { versions }]) => versions)) as Record<string, string>,
      notes: [...new Set(parts.flatMap(([, { notes }]) => notes))],
    };
  },
});
