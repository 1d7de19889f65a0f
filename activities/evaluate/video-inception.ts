import { join } from 'node:path';
import { z } from 'zod';
import type { JobConfig } from '../../plan/component.ts';
import { ENVIRONMENT_NOT_IN_KEY, ENVIRONMENT_READS, environmentKeys } from '../../plan/environment.ts';
import type { Json } from '../../plan/plan.ts';
import { defineComponent } from '../component.ts';
import { tqdm } from '../runtime/log-patterns.ts';
import { pythonFile } from '../runtime/paths.ts';
import { runEvaluation } from './evaluation-program.ts';
import { readEvaluation } from './evaluation-result.ts';

/** Of single frames; python/evaluate/inception_names.py says what each is. */
const OF_FRAMES = ['fid50k', 'kid50k', 'is50k', 'pr50k_3n'] as const;
const OF_CLIPS = [
  'fvd2048_16f',
  'fvd2048_128f',
  'fvd2048_128f_subsample8f',
  'kvd2048_16f',
  'isv2048_ucf',
  'prv2048_3n_16f',
] as const;
/** Look at the generated videos alone. */
const WITHOUT_REAL: readonly string[] = ['is50k', 'isv2048_ucf'];

const metric = z.enum([...OF_FRAMES, ...OF_CLIPS]);

const schema = z.object({
  type: z.literal('video_inception_evaluator'),
  fake_data_path: z.string().min(1).describe('Dataset that lists the generated videos under `videos`'),
  real_data_path: z.string().min(1).nullish().describe('The same of real videos; is50k and isv2048_ucf do without'),
  fake_mm_dir: z
    .string()
    .min(1)
    .nullish()
    .describe("Folder that relative paths of generated videos start at; default the dataset's own"),
  real_mm_dir: z.string().min(1).nullish().describe('The same of real videos'),
  metric: z
    .union([metric, z.array(metric).min(1)])
    .default('fvd2048_16f')
    .describe('One or several measures'),
  detector_path: z
    .string()
    .min(1)
    .nullish()
    .describe("TorchScript file; default: the metric's own network in Data-Juicer's folder of models"),
  result_path: z.string().nullish().describe('File for the numbers, a JSON line a measure'),
  num_runs: z.int().positive().default(1).describe('Draws of videos, each with a seed of its own'),
  height: z.int().positive().default(240).describe('Frames are resized to this height before the network sees them'),
  width: z.int().positive().default(320).describe('The same of their width'),
  seed: z.int().min(0).default(42).describe('Of the first draw'),
  replace_cache: z.boolean().nullish().describe('Of the original; nothing reads it here'),
  verbose: z.boolean().nullish().describe('Of the original; nothing reads it here'),
  num_gpus: z.int().min(0).max(1).nullish().describe('0: on a CPU. On a host without GPUs it is a CPU anyway'),
  ...environmentKeys,
  launcher: z
    .object({ python: z.string().min(1).nullish() })
    .nullish()
    .describe('`python`: an interpreter that has torch, numpy, OpenCV and tqdm'),
});

type Config = z.infer<typeof schema>;

/** One metric's line of the result file. */
interface Line {
  metric: string;
  results: Record<string, number>;
  notes: string[];
  versions: Record<string, string>;
}

/** EvaluateDataHook `video_inception_evaluator`: distances between generated and real videos in a network's features. */
export const evaluateVideoInception = defineComponent({
  name: 'evaluate.video-inception',
  hook: 'EvaluateDataHook',
  type: 'video_inception_evaluator',
  version: 1,
  summary:
    'Compares generated with real videos by the features of a TorchScript network (FID, FVD, KID, KVD, IS, ISV, PR, PRV); the result is a map with the numbers under `results`.',
  resources: { tag: 'gpu', gpus: 1 },
  claims: true,
  cacheable: true,
  config: { extra: schema },
  reads: [
    { at: 'extra_configs.fake_data_path', kind: 'dataset', placed: true },
    { at: 'extra_configs.real_data_path', kind: 'dataset', placed: true },
    { at: 'extra_configs.fake_mm_dir', kind: 'video-directory' },
    { at: 'extra_configs.real_mm_dir', kind: 'video-directory' },
    { at: 'extra_configs.detector_path', kind: 'file' },
    ...ENVIRONMENT_READS,
  ],
  writes: [{ at: 'extra_configs.result_path', kind: 'file', fallback: 'inception_results.jsonl' }],
  results: [{ value: 'scores' }],
  notInKey: [
    ...['num_gpus', 'replace_cache', 'verbose', 'launcher'].map(key => `extra_configs.${key}`),
    ...ENVIRONMENT_NOT_IN_KEY,
  ],
  gpus: ({ extra_configs }) => (extra_configs as Partial<Config> | null)?.num_gpus ?? null,
  check,

  async run(run) {
    const config = schema.parse(run.config.extra_configs);
    const output = config.result_path ?? join(run.out, 'inception_results.jsonl');
    const { python, env } = await run.environment(config, 'vbench');
    await runEvaluation(run, {
      argv: [...python, pythonFile('evaluate', 'video_inception.py'), ...options(config, output)],
      env,
      unit: 'video',
      phase: 'measuring',
      patterns: [tqdm(), { kind: 'phase', pattern: '^measuring (?<phase>[a-z0-9_]+)$' }],
    });
    const lines = (await readEvaluation(output, { lines: true })) as Line[];
    const results = Object.assign({}, ...lines.map(line => line.results)) as Record<string, number>;
    const scores = { results, metric: config.metric, num_runs: config.num_runs };
    return {
      results: [{ value: scores as Json }],
      metrics: results,
      versions: lines[0]?.versions ?? {},
      notes: lines.flatMap(line => line.notes),
    };
  },
});

function options(config: Config, output: string): string[] {
  const given = (flag: string, value: string | number | null | undefined) =>
    value === null || value === undefined ? [] : [`--${flag}`, String(value)];
  return [
    ...given('fake', config.fake_data_path),
    ...given('real', config.real_data_path),
    ...given('fake_folder', config.fake_mm_dir),
    ...given('real_folder', config.real_mm_dir),
    ...['--metric', ...metricsOf(config)],
    ...given('detector', config.detector_path),
    ...given('output', output),
    ...given('runs', config.num_runs),
    ...given('height', config.height),
    ...given('width', config.width),
    ...given('seed', config.seed),
    ...(config.num_gpus === 0 ? ['--cpu'] : []),
  ];
}

function metricsOf({ metric = 'fvd2048_16f' }: Partial<Config>): string[] {
  return [...new Set(Array.isArray(metric) ? metric : [metric])];
}

function check({ extra_configs }: JobConfig): { at: string; message: string }[] {
  const config = (extra_configs ?? {}) as Partial<Config>;
  const metrics = metricsOf(config);
  const problems: { at: string; message: string }[] = [];
  const needsReal = metrics.find(name => !WITHOUT_REAL.includes(name));
  if (needsReal !== undefined && !config.real_data_path) {
    const message = `${needsReal} compares with real videos: give a dataset of them (${WITHOUT_REAL.join(' and ')} do without)`;
    problems.push({ at: 'extra_configs.real_data_path', message });
  }
  const ofFrames = metrics.filter(name => (OF_FRAMES as readonly string[]).includes(name));
  if (config.detector_path && ofFrames.length > 0 && ofFrames.length < metrics.length) {
    const message = `one network sees frames or clips, not both: ${ofFrames.join(', ')} are of frames; make two jobs of it, or leave detector_path out`;
    problems.push({ at: 'extra_configs.metric', message });
  }
  return problems;
}
