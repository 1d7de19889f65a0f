import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { evaluateAccuracy } from '../../activities/evaluate/accuracy.ts';
import { evaluateMse } from '../../activities/evaluate/mse.ts';
import { pythonOf } from '../../activities/runtime/paths.ts';
import type { JsonObject } from '../../plan/plan.ts';
import { failureOf, supervisedRun, workFolder } from '../support/evaluators.ts';

const lines = (...samples: object[]) => samples.map(sample => `${JSON.stringify(sample)}\n`).join('');
const LABELS = { predicted_label_key: 'guess', ground_truth_label_key: 'label' };
const VALUES = { predicted_value_key: 'guess', ground_truth_value_key: 'truth' };
let jobs = 0;
const components = { accuracy: evaluateAccuracy, mse: evaluateMse };

async function score(work: string, type: 'accuracy' | 'mse', extra: JsonObject) {
  const keys = type === 'accuracy' ? LABELS : VALUES;
  const run = await supervisedRun(components[type], join(work, `job-${++jobs}`), { ...keys, ...extra });
  return { ...(await components[type].run(run)), seen: run.seen, out: run.out };
}

async function file(work: string, name: string, content: string | Buffer): Promise<string> {
  await writeFile(join(work, name), content);
  return join(work, name);
}

test('accuracy is the share of equal labels, numbers as numbers, the truth beside the prediction', async () => {
  const work = await workFolder();
  const samples = [
    { guess: 'cat', label: 'cat' },
    { guess: 1, label: 1.0 },
    { guess: '1', label: 1 },
    { guess: 'dog', label: 'cat' },
    { guess: null, label: 'cat' },
  ];
  const path = await file(work, 'p.jsonl', lines(...samples));
  const { results, metrics } = await score(work, 'accuracy', { predicted_dataset_path: path });
  const outcome = { pred_path: path, gt_path: path, samples: 5, accuracy: 0.6 };
  expect(results).toEqual([{ value: [outcome] }, { value: 0.6 }]);
  expect(metrics).toEqual({ max_accuracy: 0.6, accuracy: 0.6, samples: 5 });
});

test('several datasets are compared each with its own truth, and the best counts', async () => {
  const work = await workFolder();
  const truth = await file(work, 'truth.jsonl', lines({ q: { truth: 1 } }, { q: { truth: 2 } }, { q: { truth: 4 } }));
  const a = await file(work, 'a.json', JSON.stringify([{ guess: 1 }, { guess: 2.5 }, { guess: '4.5' }]));
  const b = await file(work, 'b.jsonl.gz', gzipSync(lines({ guess: 0 }, { guess: 0 }, { guess: 0 })));
  const { results, metrics, seen } = await score(work, 'mse', {
    predicted_dataset_path: [a, b],
    ground_truth_dataset_path: [truth, truth],
    ground_truth_value_key: 'q.truth',
  });
  expect(results[1]).toEqual({ value: 0.5 / 3 });
  expect(metrics).toEqual({
    min_mse: 0.5 / 3,
    samples: 6,
    'mse.a': 0.5 / 3,
    'mse.b': 7,
    'format_error.a': 0,
    'format_error.b': 0,
  });
  expect(seen.at(-1)).toMatchObject({ step: 2, total: 2, unit: 'dataset' });
});

test('Parquet, CSV and Zstandard are read too', async () => {
  const work = await workFolder();
  const script = `
import pyarrow as pa, pyarrow.parquet as pq, zstandard
pq.write_table(pa.table({'guess': [1.0, 3.0], 'm': [{'truth': 1}, {'truth': 2}]}), 'p.parquet')
open('z.jsonl.zst', 'wb').write(zstandard.compress(b'{"guess": 1, "m.truth": 2}\\n'))
open('c.tsv', 'w').write('guess\\tm.truth\\n1\\t3\\n')`;
  await execa(pythonOf('data-juicer'), ['-c', script], { cwd: work });
  const { metrics } = await score(work, 'mse', {
    predicted_dataset_path: ['p.parquet', 'z.jsonl.zst', 'c.tsv'].map(name => join(work, name)),
    ground_truth_value_key: 'm.truth',
  });
  expect(metrics).toMatchObject({ 'mse.p': 0.5, 'mse.z': 1, 'mse.c': 4, min_mse: 0.5 });
});

test('an answer that is no number is counted and told, not scored', async () => {
  const work = await workFolder();
  const samples = [
    { guess: '3', truth: 1 },
    { guess: 'I cannot grade this', truth: 1 },
    { guess: null, truth: 2 },
  ];
  const predicted_dataset_path = await file(work, 'p.jsonl', lines(...samples));
  const { metrics, notes } = await score(work, 'mse', { predicted_dataset_path });
  expect(metrics).toEqual({ min_mse: 4, mse: 4, format_error: 2, samples: 3 });
  expect(notes).toEqual([
    expect.stringMatching(/^2 of 3 predictions are no numbers .* line 2: "I cannot grade this"$/),
  ]);
});

test.each([
  ['no answer is a number', lines({ guess: 'x', truth: 1 }), /none of the 1 predictions is a number; .* line 1: "x"/],
  ['the truth is no number', lines({ guess: 1, truth: 'one' }), /line 1: the truth is "one", which is no number/],
  ['the truth is NaN', '{"guess": 1, "truth": NaN}\n', /line 1: the truth is NaN, which is no number/],
  ['true is no number', lines({ guess: 1, truth: true }), /line 1: the truth is true, which is no number/],
  ['the truth is null', lines({ guess: 1, truth: null }), /"truth" is null; the truth must be known of every sample/],
  [
    'a key is missing',
    lines({ guess: 1, truth: 1 }, { gues: 1, truth: 1 }),
    /line 2: there is no "guess" .*\(gues, truth\)/,
  ],
  ['a sample is no map', '[1, 2]\n', /line 1: there is no "guess" in the sample \(it is \[1, 2\]\)/],
  ['the file is empty', '', /p\.jsonl is empty/],
  ['the file has blank lines only', '\n\n', /p\.jsonl holds no sample/],
  ['a line is not JSON', '{"guess": 1, "truth": 1}\n{"guess"\n', /p\.jsonl, line 2 is not JSON/],
  ['the file is not text', Buffer.from([0xff, 0xfe, 0x00, 0x81]), /p\.jsonl cannot be read as \.jsonl/],
])('mse ends with a sentence where %s', async (_, content, message) => {
  const work = await workFolder();
  const predicted_dataset_path = await file(work, 'p.jsonl', content);
  expect((await failureOf(score(work, 'mse', { predicted_dataset_path }))).message).toMatch(message);
});

test('datasets of different lengths, either way round, are an error and not cut to the shorter', async () => {
  const work = await workFolder();
  const two = await file(work, 'two.jsonl', lines({ guess: 1, label: 1 }, { guess: 1, label: 1 }));
  const one = await file(work, 'one.jsonl', lines({ guess: 1, label: 1 }));
  const told = async (predicted_dataset_path: string, ground_truth_dataset_path: string) =>
    (await failureOf(score(work, 'accuracy', { predicted_dataset_path, ground_truth_dataset_path }))).message;
  expect(await told(two, one)).toMatch(/one\.jsonl has 1 samples and .*two\.jsonl has more: .* one sample each/);
  expect(await told(one, two)).toMatch(/one\.jsonl has 1 samples and .*two\.jsonl has more/);
});

test('a file that is away, a folder, an ending that is not known and a false Parquet are each told', async () => {
  const work = await workFolder();
  await mkdir(join(work, 'folder'));
  await file(work, 'p.xml', '<a/>');
  await file(work, 'p.parquet', 'hello');
  const told = async (name: string) =>
    (await failureOf(score(work, 'accuracy', { predicted_dataset_path: join(work, name) }))).message;
  expect(await told('nowhere.jsonl')).toMatch(/nowhere\.jsonl is not there/);
  expect(await told('folder')).toMatch(/folder is a folder; give a file/);
  expect(await told('p.xml')).toMatch(/p\.xml has no ending that is known here; give one of \.jsonl/);
  expect(await told('p.parquet')).toMatch(/p\.parquet is no Parquet file/);
});

test('the outcomes are published as a file too', async () => {
  const work = await workFolder();
  const predicted_dataset_path = await file(work, 'p.jsonl', lines({ guess: 1, label: 1 }));
  const { results, out } = await score(work, 'accuracy', { predicted_dataset_path });
  const written: unknown = JSON.parse(await readFile(join(out, 'accuracy.json'), 'utf8'));
  expect(results[0]).toEqual({ value: written });
});
