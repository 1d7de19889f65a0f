import { join } from 'node:path';
import { z } from 'zod';
import { ENVIRONMENT_NOT_IN_KEY, ENVIRONMENT_READS, environmentKeys } from '../../plan/environment.ts';
import type { Json } from '../../plan/plan.ts';
import { defineComponent } from '../component.ts';
import { JobFailure } from '../runtime/failure.ts';
import { pythonFile } from '../runtime/paths.ts';
import { runEvaluation } from './evaluation-program.ts';
import { readEvaluation } from './evaluation-result.ts';
import { videosIn } from './video-folder.ts';

/** Measures of python/evaluate/frame_metrics.py, which says what each means. */
const METRICS = [
  'brisque',
  'sharpness',
  'colourfulness',
  'contrast',
  'brightness',
  'motion',
  'temporal_flicker',
] as const;
const SUFFIXES = ['.mp4', '.gif', '.avi', '.mov', '.mkv', '.webm'];

const schema = z.object({
  type: z.literal('video_quality_evaluator'),
  videos_path: z.string().min(1).describe('Folder of the videos to score'),
  output_path: z.string().nullish().describe('Folder for video_quality.json'),
  metrics: z
    .array(z.enum(METRICS))
    .min(1)
    .default([...METRICS])
    .describe('What is measured'),
  primary: z
    .enum(METRICS)
    .nullish()
    .describe("The measure whose mean is the job's result; default the first of `metrics`"),
  frames: z.int().min(2).default(16).describe('Frames looked at in each video, evenly spread'),
  launcher: z
    .object({ python: z.string().min(1).nullish() })
    .nullish()
    .describe('`python`: an interpreter that has numpy, OpenCV, tqdm and the package brisque'),
  ...environmentKeys,
});

interface Scores {
  means: Record<string, number | null>;
  videos: Json[];
  notes: string[];
}

/** EvaluateDataHook `video_quality_evaluator`: no-reference measures that run on a CPU; no blend of them, each under its own name. */
export const evaluateVideoQuality = defineComponent({
  name: 'evaluate.video-quality',
  hook: 'EvaluateDataHook',
  type: 'video_quality_evaluator',
  version: 1,
  summary:
    'Scores videos without a reference on a CPU (BRISQUE, sharpness, colourfulness, contrast, brightness, motion, temporal flicker); the result is the mean of `primary`, BRISQUE by default, where lower is better.',
  resources: { tag: 'cpu', gpus: 0 },
  claims: false,
  cacheable: true,
  config: { extra: schema },
  reads: [{ at: 'extra_configs.videos_path', kind: 'video-directory' }, ...ENVIRONMENT_READS],
  writes: [{ at: 'extra_configs.output_path', kind: 'directory', fallback: 'quality_results' }],
  results: [{ value: 'primary' }],
  notInKey: ['extra_configs.launcher', ...ENVIRONMENT_NOT_IN_KEY],
  check({ extra_configs }) {
    const { metrics = METRICS, primary } = (extra_configs ?? {}) as Partial<z.infer<typeof schema>>;
    if (!primary || metrics.includes(primary)) return [];
    const message = `"${primary}" is not among the metrics, ${metrics.join(', ')}; add it there or choose one of them`;
    return [{ at: 'extra_configs.primary', message }];
  },

  async run(run) {
    const config = schema.parse(run.config.extra_configs);
    const primary = config.primary ?? config.metrics[0]!;
    await videosIn(config.videos_path, SUFFIXES);
    const output = join(config.output_path ?? join(run.out, 'quality_results'), 'video_quality.json');
    const { python, env } = await run.environment(config, 'vbench');
    const paths = ['--videos_path', config.videos_path, '--output', output];
    const options = ['--frames', String(config.frames), '--metrics', ...config.metrics];
    const argv = [...python, pythonFile('evaluate', 'video_quality.py'), ...paths, ...options];
    await runEvaluation(run, { argv, env, unit: 'video', phase: 'scoring' });
    const { means, videos, notes } = (await readEvaluation(output)) as Scores;
    const value = means[primary] ?? null;
    if (value === null) throw new JobFailure(`${primary} is undefined for every video: ${notes.join('; ')}`);
    const defined = Object.entries(means).filter((entry): entry is [string, number] => entry[1] !== null);
    return {
      results: [{ value }],
      metrics: { ...Object.fromEntries(defined), videos: videos.length },
      notes,
    };
  },
});
