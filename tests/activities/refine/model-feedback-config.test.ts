import { expect, it } from 'vitest';
import { catalogue } from '../../../activities/catalogue.ts';
import { registry } from '../../../activities/components.ts';
import { compile } from '../../../plan/compile.ts';
import { formatDiagnostic } from '../../../plan/diagnostic.ts';
import { keyPlan } from '../../../plan/keys.ts';
import { type JsonObject, jobsOf, type Plan } from '../../../plan/plan.ts';
import { filesOf } from '../../plan/compiled.ts';

const POOLS = {
  low: { max: 10, results: [0.1, 0.2] },
  high: { min: 10, results: ['tries.a.score', 'tries.b.score', 0.7] },
};
const EXTRA = { goal: 'maximize', baseline: 0.5, ops: { text_length_filter: { pools: POOLS } } };

function compiled(extra_configs: JsonObject, process: JsonObject[] = [{ text_length_filter: { min_len: 1 } }]) {
  const rank = (meta_name: string, metrics: number[]) => ({
    hook: 'GeneralProbeHook',
    meta_name,
    output: ['score'],
    extra_configs: { type: 'data_pool_ranking', dataset_path: 'data/d.jsonl', metrics },
  });
  const refine = {
    hook: 'RefineRecipeViaModelFeedbackHook',
    meta_name: 'feedback',
    dj_configs: { process },
    extra_configs,
  };
  const config = {
    pipelines: {
      tries: { probe_job_configs: [rank('a', [1]), rank('b', [2])] },
      better: { refine_recipe_job_configs: [refine] },
    },
  };
  return compile({ config, baseDir: '/base' }, registry, filesOf({ 'data/d.jsonl': '{}' }), catalogue());
}

function planOf(extra: JsonObject = EXTRA): Plan {
  const result = compiled(extra);
  if (!result.ok) throw new Error(result.diagnostics.map(formatDiagnostic).join('\n'));
  return result.plan;
}

function errorsOf(extra: JsonObject, process?: JsonObject[]): string {
  const result = compiled(extra, process);
  return result.ok ? '' : result.diagnostics.map(formatDiagnostic).join('\n');
}

const withOp = (op: JsonObject) => ({ ...EXTRA, ops: { text_length_filter: op } });
const withPool = (pool: JsonObject) => withOp({ pools: { high: pool } });

it('context keys among the results become inputs, numbers stay', () => {
  const job = jobsOf(planOf()).at(-1)!;
  expect(job.component).toBe('refine.model-feedback');
  expect(job.inputs.map(({ into, from, ref }) => [into, from, ref.job])).toEqual([
    ['extra_configs.ops.text_length_filter.pools.high.results.0', 'tries.a.score', 'tries.1-a'],
    ['extra_configs.ops.text_length_filter.pools.high.results.1', 'tries.b.score', 'tries.2-b'],
  ]);
});

it('baselines, whole lists of results and the pools themselves can be context keys as well', () => {
  const pool = { range_of: 'tries.a.score', results: 'tries.a.score' };
  const op = { baseline: ['tries.b.score', 1], pools: { low: pool } };
  const { inputs } = jobsOf(planOf({ ...withOp(op), baseline: 'tries.a.score' })).at(-1)!;
  expect(inputs.map(({ into }) => into.replace('extra_configs.', ''))).toEqual([
    'baseline',
    'ops.text_length_filter.baseline.0',
    'ops.text_length_filter.pools.low.range_of',
    'ops.text_length_filter.pools.low.results',
  ]);
});

it('the job is another one where a result is that of another job, or a number differs', () => {
  const keyOf = (extra: JsonObject) => {
    const plan = planOf(extra);
    const reads = new Map(jobsOf(plan).flatMap(job => job.reads.map(read => [read.path, 'content'] as const)));
    return jobsOf(keyPlan(plan, registry, reads)).at(-1)!.key;
  };
  const high = (...results: (string | number)[]) => withPool({ min: 10, results });
  expect(keyOf({ ...high('tries.a.score', 0.7), path_model_feedback_recipe: 'y.yaml' })).toBe(
    keyOf({ ...high('tries.a.score', 0.7), path_model_feedback_recipe: 'x.yaml' }),
  );
  const keys = [
    high('tries.a.score', 0.7),
    high('tries.b.score', 0.7),
    high('tries.a.score', 0.8),
    high(0.7, 'tries.a.score'),
  ].map(keyOf);
  expect(new Set(keys).size).toBe(4);
});

it('a key that names no result is an error that says which there are', () => {
  expect(errorsOf({ ...EXTRA, baseline: 'eval.whole.loss' })).toMatch(
    /baseline: "eval\.whole\.loss": names no result; known: tries\.a\.score, tries\.b\.score/,
  );
  expect(errorsOf(withPool({ min: 1, results: ['tries.a.scor'] }))).toMatch(
    /"tries\.a\.scor": tries\.1-a has no result "scor"; did you mean "score"\?/,
  );
});

const { goal: _, ...withoutGoal } = EXTRA;
const { baseline: __, ...withoutBaseline } = EXTRA;

it.each<[string, JsonObject, RegExp]>([
  ['no goal', withoutGoal, /"goal" is missing; expected one of "maximize", "minimize"/],
  ['another goal', { ...EXTRA, goal: 'best' }, /goal: expected one of "maximize", "minimize", got "best"/],
  ['no baseline', withoutBaseline, /"baseline" is missing/],
  ['no ops', { ...EXTRA, ops: {} }, /ops: expected at least one op/],
  ['no pools', withOp({ pools: {} }), /pools: expected at least one pool/],
  ['a pool without results', withPool({ min: 1 }), /"results" is missing/],
  ['a pool without any', withPool({ min: 1, results: [] }), /results: expected /],
  [
    'results of another type',
    withPool({ min: 1, results: { a: 1 } }),
    /results: expected a number or a string or null or a list|results: expected/,
  ],
  ['a pool without a range', withPool({ results: [1] }), /a pool needs its range: min, max, or range_of/],
  ['a range twice', withPool({ min: 1, range_of: 'tries.a.score', results: [1] }), /range_of already gives the range/],
  ['a range that is turned round', withPool({ min: 2, max: 1, results: [1] }), /min 2 is above max 1/],
  ['a bound that is a text', withPool({ min: 'much', results: [1] }), /min: expected a number, got "much"/],
  [
    'a pool named with a dot',
    withOp({ pools: { 'a.b': { min: 1, results: [1] } } }),
    /pool "a\.b": expected a name without dots/,
  ],
  ['a confidence of certainty', { ...EXTRA, confidence: 1 }, /confidence: expected less than 1, got 1/],
  ['a confidence of chance', { ...EXTRA, confidence: 0.5 }, /confidence: expected more than 0.5, got 0.5/],
  ['an effect below 0', { ...EXTRA, min_effect: -1 }, /min_effect: expected at least 0, got -1/],
  ['an unknown key', { ...EXTRA, min_efect: 1 }, /unknown key; did you mean "min_effect"\?/],
  ['a path of another kind', { ...EXTRA, path_model_feedback_recipe: 'r.txt' }, /must end in \.yaml, \.yml or \.json/],
  [
    'an op that the recipe does not have',
    { ...EXTRA, ops: { text_len_filter: { pools: POOLS } } },
    /the recipe has no op "text_len_filter"; did you mean "text_length_filter"\?/,
  ],
  [
    'a stat that the op does not have',
    withOp({ stat: 'words', pools: POOLS }),
    /text_length_filter has no stat "words"; it has text_len/,
  ],
  [
    'an argument that the op does not have',
    withOp({ min_arg: 'least', pools: POOLS }),
    /has no argument "least" that bounds a stat; it has .*min_len/,
  ],
])('%s is told before anything runs', (_what, extra, message) => {
  expect(errorsOf(extra)).toMatch(message);
});

it('an op with several stats needs to be told which; its arguments are found by the words of that', () => {
  const resolution = (op: JsonObject) => ({ ...EXTRA, ops: { video_resolution_filter: { pools: POOLS, ...op } } });
  const process = [{ video_resolution_filter: {} }];
  expect(errorsOf(resolution({}), process)).toMatch(/several stats \(video_width, video_height\); say in stat/);
  expect(errorsOf(resolution({ stat: 'video_height' }), process)).toBe('');
});
