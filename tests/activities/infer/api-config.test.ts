import { describe, expect, it, test } from 'vitest';
import { catalogue } from '../../../activities/catalogue.ts';
import { evaluateMse } from '../../../activities/evaluate/mse.ts';
import { answersName } from '../../../activities/infer/answers-name.ts';
import { inferApi } from '../../../activities/infer/api.ts';
import { compile } from '../../../plan/compile.ts';
import { formatDiagnostic } from '../../../plan/diagnostic.ts';
import { keyPlan } from '../../../plan/keys.ts';
import { type JsonObject, jobsOf } from '../../../plan/plan.ts';
import { filesOf } from '../../plan/compiled.ts';

const EXTRA = { type: 'api', model: 'm', dataset_path: 'data/d.jsonl', export_path: 'out/answers/' };
const REGISTRY = [inferApi, evaluateMse];

function compiled(extra_configs: JsonObject, more: JsonObject = {}) {
  const job = { hook: 'InferModelHook', meta_name: 'ask', extra_configs };
  const files = filesOf({ 'data/d.jsonl': '{}', 'other/d.jsonl.gz': '', 'data/e.jsonl': '{}' });
  const config = { execution_job_configs: [job], ...more };
  return compile({ config, baseDir: '/base' }, REGISTRY, files, catalogue());
}

function saidOf(extra: JsonObject): string {
  const result = compiled({ ...EXTRA, ...extra });
  return (result.ok ? result.warnings : result.diagnostics).map(formatDiagnostic).join('\n');
}

function keyOf(extra: JsonObject): string | null {
  const result = compiled({ ...EXTRA, ...extra });
  if (!result.ok) throw new Error(saidOf(extra));
  const [job] = jobsOf(result.plan);
  const fingerprints = new Map(job!.reads.map(({ path }) => [path, 'same']));
  return jobsOf(keyPlan(result.plan, REGISTRY, fingerprints))[0]!.key;
}

test.each([
  ['a/d.jsonl', 'd_inference.jsonl'],
  ['a.b/pool_0.1.jsonl', 'pool_0.1_inference.jsonl'],
  ['d.json.gz', 'd_inference.jsonl'],
  ['d', 'd_inference.jsonl'],
])('the answers to %s are in %s', (dataset, name) => {
  expect(answersName(dataset)).toBe(name);
});

it('has the defaults of the original, and claims a place of its tag without a GPU', () => {
  const result = compiled(EXTRA);
  if (!result.ok) throw new Error(saidOf({}));
  const [job] = jobsOf(result.plan);
  expect(job).toMatchObject({ component: 'infer.api', claims: true, resources: { tag: 'cpu', gpus: 0 }, cache: true });
  expect(job!.config.extra_configs).toMatchObject({
    ...{ max_retry_num: 5, infer_res_key: 'response', build_messages_func: 'build_messages' },
    ...{ parse_output_func: 'parse_output', concurrency: 8 },
  });
});

it('its answers go on to later jobs, by name and by path', () => {
  const judge = (predicted_dataset_path: string) => ({
    hook: 'EvaluateDataHook',
    meta_name: 'judge',
    extra_configs: {
      type: 'mse',
      predicted_dataset_path,
      predicted_value_key: 'response',
      ground_truth_value_key: 't',
    },
  });
  const result = compiled(
    { ...EXTRA, dataset_path: ['data/d.jsonl', 'data/e.jsonl'] },
    { evaluation_job_configs: [judge('out/answers/e_inference.jsonl'), judge('out/answers/iter_1/d_inference.jsonl')] },
  );
  if (!result.ok) throw new Error(result.diagnostics.map(formatDiagnostic).join('\n'));
  const [ask, ...judges] = jobsOf(result.plan);
  expect(judges.map(({ edges }) => edges.map(({ job, also }) => [job, also]))).toEqual([
    [[ask!.id, 1]],
    [[ask!.id, 0]],
  ]);
});

it('is another job for another question, and the same whoever pays and however fast', () => {
  const same = { concurrency: 3, requests_per_minute: 10, price: { input: 1, output: 2 }, max_retry_num: 0 };
  expect(keyOf({ ...same, api_key_env: 'MY_KEY', model_params: { timeout: 5 } })).toBe(keyOf({ model_params: {} }));
  const others: JsonObject[] = [
    { model: 'n' },
    { sampling_params: { temperature: 1 } },
    { model_params: { base_url: 'http://a/v1' } },
  ];
  const keys = [{}, ...others, { build_messages_func: 'build_messages_for_math_qa' }].map(each => keyOf(each));
  expect(new Set(keys).size).toBe(keys.length);
});

describe('keys do not belong into a config: it is an error that does not repeat them', () => {
  it.each<[string, JsonObject]>([
    ['model_params.api_key', { model_params: { api_key: 'sk-123' } }],
    ['sampling_params.api_key', { sampling_params: { api_key: 'sk-123' } }],
    [
      'model_params.default_headers.Authorization',
      { model_params: { default_headers: { Authorization: 'Bearer sk-123' } } },
    ],
    ['model_params.default_query.key', { model_params: { default_query: { key: 'sk-123' } } }],
    ['model_params.base_url', { model_params: { base_url: 'https://me:sk-123@api.example.org/v1' } }],
  ])('at %s', (at, extra) => {
    const said = saidOf(extra);
    expect(said).toContain(`extra_configs.${at}: `);
    expect(said).toMatch(/set OPENAI_API_KEY where the worker runs, or name another variable in api_key_env/);
    expect(said).not.toContain('sk-123');
  });

  it('nor into the name of a variable', () => {
    expect(saidOf({ api_key_env: 'sk-1234567890' })).toMatch(/expected the name of an environment variable, not a key/);
  });

  it('limits of tokens are no keys', () => {
    expect(saidOf({ sampling_params: { max_tokens: 5, stop_token: '#' } })).toBe('');
  });
});

it.each<[string, JsonObject, RegExp]>([
  [
    'a function that is not there',
    { build_messages_func: 'build_input' },
    /expected one of "build_messages", "build_messages_for_math_qa", got "build_input"/,
  ],
  ['retries below none', { max_retry_num: -1 }, /max_retry_num: expected at least 0, got -1/],
  [
    'an endpoint of embeddings',
    { api_endpoint: '/embeddings' },
    /api_endpoint: expected an endpoint of chat completions/,
  ],
  ['another way to ask', { model_params: { api_backend: 'litellm' } }, /api_backend: only "openai_compatible" is here/],
  [
    'a stream from elsewhere',
    { sampling_params: { stream: true }, response_path: 'a' },
    /response_path: of a stream the text is always at/,
  ],
  [
    'datasets of one name',
    { dataset_path: ['data/d.jsonl', 'other/d.jsonl.gz'] },
    /dataset_path: the answers of data\/d\.jsonl and other\/d\.jsonl\.gz would both be d_inference\.jsonl/,
  ],
  ['a price in words', { price: 'cheap' }, /price: expected a map, got "cheap"/],
  ['a misspelt key', { concurency: 2 }, /infer\.api has no key "concurency"; did you mean "concurrency"\?/],
])('says of %s what would be right', (_, extra, message) => {
  expect(saidOf(extra)).toMatch(message);
});
