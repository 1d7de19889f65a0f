import { describe, expect, it, test } from 'vitest';
import { catalogue } from '../../../activities/catalogue.ts';
import { inferHuggingFace } from '../../../activities/infer/huggingface.ts';
import { inferVllm } from '../../../activities/infer/vllm.ts';
import { compile } from '../../../plan/compile.ts';
import { formatDiagnostic } from '../../../plan/diagnostic.ts';
import { type JsonObject, jobsOf } from '../../../plan/plan.ts';
import { filesOf } from '../../plan/compiled.ts';

const EXTRA = { model: 'models/chat', dataset_path: 'data/d.jsonl', export_path: 'out/answers' };

function compiled(extra_configs: JsonObject) {
  const job = { hook: 'InferModelHook', meta_name: 'ask', extra_configs: { ...EXTRA, ...extra_configs } };
  const files = filesOf({ 'data/d.jsonl': '{}', 'models/chat/': '' });
  return compile(
    { config: { execution_job_configs: [job] }, baseDir: '/base' },
    [inferHuggingFace, inferVllm],
    files,
    catalogue(),
  );
}

function jobOf(extra: JsonObject) {
  const result = compiled(extra);
  if (!result.ok) throw new Error(result.diagnostics.map(formatDiagnostic).join('\n'));
  return jobsOf(result.plan)[0]!;
}

function saidOf(extra: JsonObject): string {
  const result = compiled(extra);
  return (result.ok ? result.warnings : result.diagnostics).map(formatDiagnostic).join('\n');
}

test.each<[JsonObject, number]>([
  [{ type: 'huggingface' }, 1],
  [{ type: 'huggingface', model_params: { device: 'cpu' } }, 0],
  [{ type: 'huggingface', model_params: { device: 'cuda:0' } }, 1],
  [{ type: 'vllm' }, 1],
  [{ type: 'vllm', model_params: { tensor_parallel_size: 2, pipeline_parallel_size: 2 } }, 4],
])('%j claims a host and %i GPUs', (extra, gpus) => {
  expect(jobOf(extra)).toMatchObject({ claims: true, resources: { tag: 'gpu', gpus } });
});

test.each(['huggingface', 'vllm'])(
  '%s takes a name on the hub as it is, and has the defaults of the original',
  type => {
    const { reads, config } = jobOf({ type, model: 'Qwen/Qwen2.5-0.5B-Instruct' });
    expect(reads.map(({ at }) => at)).toEqual(['extra_configs.dataset_path']);
    expect(config.extra_configs).toMatchObject({ infer_res_key: 'response', parse_output_func: 'parse_output' });
  },
);

describe('says what would be right', () => {
  it.each<[string, JsonObject, RegExp]>([
    ['of no model', { type: 'vllm', model: null }, /model: expected a string, got null/],
    ['of a model that is not there', { type: 'huggingface', model: './models/gone' }, /models\/gone is not there/],
    ['of no batch', { type: 'vllm', batch_size: 0 }, /batch_size: expected more than 0, got 0/],
    ['of a key of another type', { type: 'vllm', concurrency: 3 }, /infer\.vllm has no key "concurrency"/],
    [
      'of a result without a name',
      { type: 'huggingface', infer_res_key: '' },
      /infer_res_key: expected at least 1 characters/,
    ],
  ])('%s', (_, extra, message) => {
    expect(saidOf(extra)).toMatch(message);
  });
});
