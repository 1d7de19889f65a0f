// A sweep file as one zod schema, for editors: what a file shows wrong by itself. Reading it says the same, and more, with places.
import { z } from 'zod';
import { argumentsOf, DISTRIBUTIONS } from '../sweep/distributions.ts';
import { SAMPLERS } from '../sweep/types.ts';

const goal = z.enum(['minimize', 'maximize']);
const step = z.int().min(1).nullish();
const eta = z.number().gt(1).nullish();
const anything = z.json().optional();
const text = z.string().nullish();

const metric = z.strictObject({
  name: z.string().min(1).describe('<meta_name>.<key>, as the job reports it'),
  goal: goal.nullish(),
  target: z.number().nullish().describe('the sweep ends when a trial reaches it'),
  impute: z.enum(['worst', 'latest', 'best']).nullish(),
  impute_while_running: anything,
});
const rungMetric = z.strictObject({ name: z.string().min(1), goal }).nullish();

const earlyTerminate = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('hyperband'),
    eta,
    s: step,
    min_iter: step,
    max_iter: step,
    strict: z.boolean().nullish(),
    metric: rungMetric,
  }),
  z.strictObject({ type: z.literal('median'), every: step, min_iter: step, min_trials: step, metric: rungMetric }),
  z.strictObject({
    type: z.literal('asha'),
    eta,
    r: step,
    R: step,
    min_iter: step,
    max_iter: step,
    metric: rungMetric,
  }),
]);

const LISTS: Record<string, z.ZodType> = {
  value: z.json(),
  values: z.array(z.json()).min(1).nullable(),
  probabilities: z.array(z.number().min(0)).min(1).nullable(),
};
const keys = [
  ...new Set(['value', 'values', 'probabilities', ...DISTRIBUTIONS.flatMap(kind => Object.keys(argumentsOf(kind)))]),
];
const distribution = z.strictObject({
  distribution: z.enum(DISTRIBUTIONS).nullish(),
  ...Object.fromEntries(keys.map(key => [key, (LISTS[key] ?? z.number().nullable()).optional()])),
});
/** A distribution, or a group of parameters whose names follow its own. */
const parameter: z.ZodType = z.lazy(() =>
  z.union([z.strictObject({ parameters: z.record(z.string(), parameter) }), distribution]),
);

const runCap = step.describe('so many trials are begun');
const shape = {
  name: text,
  sweep_name: text,
  description: text,
  method: z.union([
    z.enum([...SAMPLERS, 'bayes']),
    z.string().regex(/^[\w.]+:[A-Za-z_]\w*$/, 'expected module:Class of your own'),
  ]),
  metric: metric.nullish(),
  metrics: z.array(metric).min(1).nullish().describe('instead of metric, for nsga2'),
  parameters: z
    .record(z.string(), parameter)
    .describe('<op>.<arg>, [<pipeline>.]<meta_name>.extra_configs.…, or a global key'),
  early_terminate: earlyTerminate.nullish(),
  run_cap: runCap,
  sweep_max_count: runCap,
  sweep_count: runCap,
  max_hours: z.number().gt(0).nullish(),
  patience: step.describe('ends after so many finished trials one after another without a better one'),
  max_failures: z.int().min(0).nullish(),
  concurrency: z.int().min(1).max(500).nullish().describe('trials at once'),
  seed: z
    .int()
    .min(0)
    .max(2 ** 32 - 1)
    .nullish(),
  priority: z.int().min(1).max(5).nullish().describe('1 is served first'),
  weight: z.number().min(0.001).max(1000).nullish().describe('share of a queue'),
};
/** Keys of W&B that mean nothing here. */
const IGNORED = [
  'program',
  'command',
  'job',
  'image_uri',
  'controller',
  'scheduler',
  'project',
  'entity',
  'apiVersion',
  'kind',
];

export const sweepFile = z
  .strictObject({ ...shape, ...Object.fromEntries(IGNORED.map(key => [key, anything])) })
  .describe('Sweep file of dj-sandbox, in the format of W&B');
