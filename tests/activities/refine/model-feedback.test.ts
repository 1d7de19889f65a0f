import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { refineModelFeedback } from '../../../activities/refine/model-feedback.ts';
import type { Json, JsonObject } from '../../../plan/plan.ts';
import { jobRun } from '../../support/job-run.ts';
import { dataset, tempFolder } from '../../support/pools.ts';

const BASELINE = [0.5, 0.52, 0.48, 0.51];
const GOOD = BASELINE.map(value => value + 0.2);

async function refine(extra: JsonObject, name = 'refined.yaml') {
  const dir = join(await tempFolder(), 'job');
  const path = join(dir, 'out', name);
  const extra_configs = { goal: 'maximize', baseline: BASELINE, path_model_feedback_recipe: path, ...extra };
  const process = [{ text_length_filter: { min_len: 20, max_len: 20000 } }];
  const run = await jobRun(refineModelFeedback, dir, { dj_configs: { np: 2, process }, extra_configs });
  return { result: await refineModelFeedback.run(run), text: await readFile(path, 'utf8') };
}

const withPools = (pools: JsonObject) => ({ ops: { text_length_filter: { pools } } });
const failureOf = (extra: JsonObject) => refine(extra).catch((error: Error) => error);

describe('a refined recipe', () => {
  it('says at the argument why it is so, and on top what was found of each op', async () => {
    const { result, text } = await refine(
      withPools({ low: { max: 100, results: BASELINE }, high: { min: 99.5, results: GOOD } }),
    );
    expect(parse(text)).toEqual({ np: 2, process: [{ text_length_filter: { min_len: 99, max_len: 20000 } }] });
    expect(text).toMatch(
      /^# Refined by model feedback: 1 argument changed\.\n# text_length_filter \(text_len\): high helped: effect 0\.2, p \S+ after Holm over 2\n/,
    );
    expect(text).toMatch(
      /min_len: 99 # was 20; text_len of pool high: 0\.7025 ± 0\.01708 of 4 against 0\.5025 ± 0\.01708 of 4; effect 0\.2, p \S+ after Holm over 2, rounded down\n/,
    );
    expect(result.notes).toHaveLength(2);
    expect(result.results[1]).toMatchObject({
      value: [
        {
          op: 'text_length_filter',
          stat: 'text_len',
          chosen: 'high',
          pools: [
            { name: 'low', helps: false },
            { name: 'high', min: 99.5, max: null, n: 4, failed: 0 },
          ],
        },
      ],
    });
    expect(result.metrics).toMatchObject({
      arguments_changed: 1,
      'text_length_filter.high.effect': expect.closeTo(0.2, 9),
    });
  });
  it('is the given one where nothing helped, and says why', async () => {
    const { result, text } = await refine(withPools({ high: { min: 100, results: [0.9] } }), 'refined.json');
    expect(JSON.parse(text)).toEqual({ np: 2, process: [{ text_length_filter: { min_len: 20, max_len: 20000 } }] });
    expect(result.notes).toEqual([
      'Refined by model feedback: 0 arguments changed.',
      'text_length_filter (text_len): left alone; high: it has a result of one seed alone, from which nothing can be said',
    ]);
  });
});

describe('the range of a pool', () => {
  const sample = (text_len: Json) => ({ text: 'x', __dj__stats__: { text_len } });
  it('is that of its samples, lists by their mean; beyond the data that was split it is open', async () => {
    const folder = await tempFolder();
    const lengths: Record<string, Json[]> = { low: [50, 1, 90], middle: [100, [90, 130], 400.5], high: [401, 900] };
    const pools: JsonObject = {};
    for (const [name, values] of Object.entries(lengths)) {
      const range_of = await dataset(join(folder, `${name}.jsonl`), values.map(sample));
      pools[name] = { range_of, results: BASELINE };
    }
    const chosen = async (name: string) => {
      const good = { ...pools, [name]: { ...(pools[name] as JsonObject), results: GOOD } };
      return (parse((await refine(withPools(good))).text) as { process: Json[] }).process[0];
    };
    expect(await chosen('low')).toEqual({ text_length_filter: { min_len: 20, max_len: 90 } });
    expect(await chosen('middle')).toEqual({ text_length_filter: { min_len: 100, max_len: 401 } });
    expect(await chosen('high')).toEqual({ text_length_filter: { min_len: 401, max_len: 20000 } });
    const alone = await refine(withPools({ high: { ...(pools.high as JsonObject), results: GOOD } }));
    expect(parse(alone.text)).toMatchObject({ process: [{ text_length_filter: { min_len: 401, max_len: 900 } }] });
  });
  it('of a pool that is not there, empty, without the stat or no pool at all is a failure that says so', async () => {
    const folder = await tempFolder();
    const failure = async (range_of: Json) => failureOf(withPools({ low: { range_of, results: GOOD } }));
    const file = (name: string, samples: (string | JsonObject)[]) => dataset(join(folder, name), samples);
    expect(await failure(join(folder, 'gone.jsonl'))).toMatchObject({
      name: 'JobFailure',
      message: expect.stringMatching(/gone\.jsonl cannot be read: ENOENT/),
    });
    expect(await failure(await file('empty.jsonl', []))).toMatchObject({
      message: expect.stringMatching(/empty\.jsonl has no sample/),
    });
    const other = await file('other.jsonl', [{ __dj__stats__: { num_words: 1 } }]);
    expect(await failure(other)).toMatchObject({
      message: expect.stringMatching(/other\.jsonl, line 1: the sample has no stat text_len; it has num_words/),
    });
    expect(await failure(await file('plain.jsonl', [{ text: 'x' }]))).toMatchObject({
      message: expect.stringContaining('analyse the dataset before it is split'),
    });
    expect(await failure(await file('broken.jsonl', ['{']))).toMatchObject({
      message: expect.stringMatching(/line 1: this is no sample/),
    });
    expect(await failure(await file('word.jsonl', [sample('long')]))).toMatchObject({
      message: expect.stringMatching(/text_len is "long"; expected a number/),
    });
    expect(await failure(join(folder, 'pool.parquet'))).toMatchObject({
      message: expect.stringContaining('expected a pool of JSON Lines'),
    });
    expect(await failure(['a.jsonl', 'b.jsonl'])).toMatchObject({
      message: expect.stringContaining('expected the path of one pool'),
    });
  });
});

describe('results as earlier jobs gave them', () => {
  it('may be lists, and null (the NaN of JSON) is a run that failed', async () => {
    const { result } = await refine({
      ...withPools({ high: { min: 100, results: [GOOD, null] } }),
      allow_failed_results: true,
    });
    expect(result.results[1]).toMatchObject({ value: [{ chosen: 'high', pools: [{ n: 4, failed: 1 }] }] });
    const strict = await refine(withPools({ high: { min: 100, results: [GOOD, null] } }));
    expect(strict.result.results[1]).toMatchObject({
      value: [{ chosen: null, pools: [{ why: expect.stringContaining('1 of its 5 runs failed') }] }],
    });
  });
  it.each<[string, Json, string]>([
    ['a path', '/models/a', 'pools.high.results[0] is "/models/a"; expected a number'],
    ['a map', { loss: 1, acc: 2 }, 'expected a number; add one of its keys: loss, acc'],
    ['a flag', true, 'is true; expected a number'],
  ])('that are %s are a failure that says what would be right', async (_, value, message) => {
    const failure = await failureOf(withPools({ high: { min: 1, results: [value] } }));
    expect(failure).toMatchObject({ name: 'JobFailure', message: expect.stringContaining(message) });
  });
});
