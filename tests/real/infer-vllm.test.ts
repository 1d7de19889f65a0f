// InferModelHook `vllm` with a program that plays vLLM's engine (tests/fixtures/vllm/player): vLLM itself needs a GPU and is not here.
import { join, resolve } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { inferVllm } from '../../activities/infer/vllm.ts';
import { pythonOf } from '../../activities/runtime/paths.ts';
import type { JsonObject } from '../../plan/plan.ts';
import { failureOf, workFolder } from '../support/evaluators.ts';
import { plainRun, printed, samplesOf } from '../support/inference.ts';
import { dataset } from '../support/pools.ts';

const PLAYER = resolve('tests/fixtures/vllm/player');

afterEach(() => vi.unstubAllEnvs());

async function asking(queries: string[], extra: JsonObject = {}, player = PLAYER) {
  const work = await workFolder();
  vi.stubEnv('PYTHONPATH', player);
  const data = await dataset(
    join(work, 'd.jsonl'),
    queries.map(query => ({ system: 'be brief', query })),
  );
  const run = await plainRun(inferVllm, join(work, 'job'), {
    ...{ model: work, dataset_path: data, export_path: join(work, 'job', 'out', 'answers') },
    launcher: { python: pythonOf('data-juicer') },
    ...extra,
  });
  return { run, output: join(work, 'job', 'out', 'answers', 'd_inference.jsonl') };
}

test('vLLM gets many chats at a time, as many GPUs as the job holds, and tells tokens and what was cut off', async () => {
  const { run, output } = await asking(['a', 'b b b', 'c'], {
    batch_size: 2,
    sampling_params: { temperature: 0, max_new_tokens: 3 },
    model_params: { max_model_len: 8 },
  });
  run.devices = ['GPU-1', 'GPU-2'];
  const { results, metrics, notes, versions } = await inferVllm.run(run);
  expect(results).toEqual([{ path: output }]);
  expect(await samplesOf(output)).toEqual([
    { system: 'be brief', query: 'a', response: '2/3: a' },
    { system: 'be brief', query: 'b b b', response: '2/3: b b' },
    { system: 'be brief', query: 'c', response: '1/3: c' },
  ]);
  expect(metrics).toEqual({
    ...{ samples: 3, answered: 3, failed: 0, cut_off: 1, requests: 3, retries: 0 },
    ...{ prompt_tokens: 11, completion_tokens: 7, total_tokens: 18 },
  });
  expect(notes).toContain('1 answers ended at the limit of their length: raise max_tokens');
  expect(versions).toEqual({ vllm: '0.10.2' });
  expect(await printed(run)).toContain('tensor_parallel_size=2');
});

describe('fails with what is wrong', () => {
  test.each<[string, JsonObject, string, RegExp]>([
    [
      'without vLLM',
      {},
      '',
      /cannot import vllm \(No module named 'vllm'\): name an environment that has it in env_name or launcher\.python$/,
    ],
    [
      'with an argument that vLLM does not have',
      { model_params: { max_len: 8 } },
      PLAYER,
      /vLLM cannot load .*: TypeError: .*unexpected keyword argument 'max_len'$/,
    ],
    [
      'with a sampling parameter that it does not have',
      { sampling_params: { beams: 2 } },
      PLAYER,
      /TypeError: Unexpected keyword argument 'beams'$/,
    ],
    [
      'with a question that is too long',
      { model_params: { max_model_len: 2 } },
      PLAYER,
      /one of the 1 samples from .*d\.jsonl, line 1 on: vLLM cannot answer: The decoder prompt \(length 3\) is longer/,
    ],
  ])('%s', async (_, extra, player, message) => {
    const { run } = await asking(['a'], extra, player);
    expect((await failureOf(inferVllm.run(run))).message).toMatch(message);
  });
});
