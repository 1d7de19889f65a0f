// ProbeViaModelInferHook with a program that plays ModelScope (tests/fixtures/modelscope/player); tests/slow-data/model-infer.test.ts has the real one.
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { catalogue } from '../../activities/catalogue.ts';
import { probeModelInfer } from '../../activities/probe/model-infer.ts';
import { pythonFile, pythonOf } from '../../activities/runtime/paths.ts';
import { refineRecipe } from '../../plan/k-sigma.ts';
import { parseOverallCsv } from '../../plan/overall-csv.ts';
import type { JsonObject } from '../../plan/plan.ts';
import { supervisedRun, workFolder } from '../support/evaluators.ts';
import { dataset, linesOf } from '../support/pools.ts';

const PLAYER = resolve('tests/fixtures/modelscope/player');
const PYTHON = pythonOf('data-juicer');

/** Twenty texts that the model is sure of and right, two of it is not sure, and two whose label it contradicts. */
const TEXTS: JsonObject[] = [
  ...Array.from({ length: 20 }, (_, i) => ({
    text: `${i % 2 ? 'good' : 'bad'} 0.9${i % 5}`,
    label: i % 2 ? 'good' : 'bad',
  })),
  { text: 'good 0.55', label: 'good', __dj__stats__: { text_len: 9 } },
  { text: 'bad 0.6', label: 'bad' },
  { text: 'good 0.99', label: 'bad' },
  { text: 'good 0.7', label: 'bad' },
];

test('a probe gives each sample its loss, confidence and disagreement as stats, and names the hard and the dirty ones', async () => {
  const work = await workFolder();
  const path = await dataset(join(work, 'texts.jsonl'), TEXTS);
  const run = await supervisedRun(probeModelInfer, join(work, 'job'), {
    task: 'text-classification',
    model: work,
    device: 'cpu',
    probe: { label_key: 'label', hard_ratio: 0.125, call: { batch_size: 4 } },
    launcher: { python: PYTHON },
  });
  const export_path = join(run.out, 'probed.jsonl');
  run.config = { ...run.config, dj_configs: { dataset_path: path, export_path } };
  const { program } = run;
  run.program = spec => program({ ...spec, env: { ...spec.env, PYTHONPATH: PLAYER } });
  const { results, metrics, notes, provides } = await probeModelInfer.run(run);

  const probed = (await linesOf(export_path)).map(line => JSON.parse(line));
  expect(probed.map(({ text }) => text)).toEqual(TEXTS.map(({ text }) => text));
  expect(probed[20]).toEqual({
    text: 'good 0.55',
    label: 'good',
    __dj__stats__: {
      text_len: 9,
      model_infer_loss: expect.closeTo(-Math.log(0.55), 9),
      model_infer_confidence: 0.55,
      model_infer_disagreement: 0,
    },
    __dj__meta__: { model_infer_label: 'good' },
  });
  expect(probed[22].__dj__stats__).toMatchObject({
    model_infer_loss: expect.closeTo(-Math.log(0.01), 9),
    model_infer_disagreement: 1,
  });

  const findings = join(run.out, 'probed_findings.jsonl');
  expect(results.slice(0, 2)).toEqual([{ path: export_path }, { path: findings }]);
  const found = (await linesOf(findings)).map(line => JSON.parse(line));
  expect(found.map(({ text, __dj__meta__: meta }) => [text, meta.model_infer_finding])).toEqual([
    ['good 0.99', ['hard', 'dirty']],
    ['good 0.7', ['hard']],
    ['good 0.55', ['hard']],
  ]);
  expect(notes).toEqual(['24 of 24 samples probed: 3 hard, 1 dirty']);
  expect(metrics).toMatchObject({ samples: 24, hard: 3, dirty: 1, failed: 0, model_infer_disagreement: 2 / 24 });
  expect(run.seen.at(-1)).toMatchObject({ step: 24, total: 24, unit: 'sample' });

  const overall = parseOverallCsv(await readFile(provides!.stats!, 'utf8'));
  expect(overall.rows).toEqual(['count', 'mean', 'std', 'min', '25%', '50%', '75%', 'max']);
  expect(['25%', 'max'].map(row => overall.at(row, 'model_infer_confidence'))).toEqual([expect.closeTo(0.9, 9), 0.99]);
  const [mean, std] = ['mean', 'std'].map(row => overall.at(row, 'model_infer_loss'));
  const process = [{ specified_numeric_field_filter: { field_key: '__dj__stats__.model_infer_loss', max_value: 9 } }];
  const refined = refineRecipe({ process }, overall, { k: 1, catalogue: catalogue() });
  expect(refined.changes).toMatchObject([{ arg: 'max_value', to: mean! + std! }]);
});

describe('the program', () => {
  /** Runs it alone; resolves with what it wrote, or with its last sentence. */
  async function asked(work: string, request: JsonObject, dataset_path: string) {
    const [output, findings, overall, summary] = ['o.jsonl', 'f.jsonl', 'c.csv', 's.json'].map(name =>
      join(work, name),
    );
    const pipeline = { task: 'text-classification', model: work, ...(request.pipeline as JsonObject) };
    const defaults = {
      ...{
        ratio: 1,
        seed: 42,
        call: {},
        input: 'text',
        label_key: null,
        label_map: {},
        scores_key: 'scores',
        labels_key: 'labels',
      },
      ...{ loss_key: null, chunk: 3, hard_ratio: 0.1, dirty_confidence: 0.9, allow_failed: false },
    };
    const file = await dataset(join(work, 'request.json'), [
      {
        ...defaults,
        ...request,
        pipeline,
        dataset: dataset_path,
        output: output!,
        findings: findings!,
        overall: overall!,
        summary: summary!,
      },
    ]);
    const args = [pythonFile('evaluate', 'model_infer.py'), file];
    const ended = await execa(PYTHON, args, { env: { PYTHONPATH: PLAYER }, reject: false });
    if (ended.exitCode !== 0) return { said: ended.stderr.split('\n').at(-1)! };
    const probed = (await linesOf(output!)).map(line => JSON.parse(line));
    return { probed, summary: JSON.parse(await readFile(summary!, 'utf8')), said: '' };
  }
  const given = async (samples: (string | JsonObject)[], request: JsonObject = {}) => {
    const work = await workFolder();
    return await asked(work, request, await dataset(join(work, 'd.jsonl'), samples));
  };

  test('asks about a uniform sample, the same with the same seed, in the order of the dataset', async () => {
    const first = await given(TEXTS, { ratio: 0.25 });
    const texts = first.probed!.map(({ text }) => text);
    expect(texts).toHaveLength(6);
    expect(TEXTS.map(({ text }) => text).filter(text => texts.includes(text as string))).toEqual(
      expect.arrayContaining(texts),
    );
    expect((await given(TEXTS, { ratio: 0.25 })).probed).toEqual(first.probed);
    expect(first.probed![0].__dj__stats__).not.toHaveProperty('model_infer_loss');
  });
  test("takes a loss of the pipeline's own", async () => {
    const { probed } = await given([{ text: 'a 0.5' }], { loss_key: 'loss', pipeline: { own_loss: true } });
    expect(probed![0].__dj__stats__).toEqual({ model_infer_loss: Math.log(2) });
  });
  test('leaves out samples that the model fails on only where it may, and names the first', async () => {
    const samples = [{ text: 'good 0.8' }, { text: null }, { text: 'broken 0.5' }, { text: 'bad 0.8' }];
    expect((await given(samples)).said).toMatch(
      /^dj-sandbox: error: the model cannot tell anything of a sample \(.*d\.jsonl, line 2: ValueError: cannot classify None\); probe\.allow_failed_samples: true/,
    );
    const { probed, summary } = await given(samples, { allow_failed: true });
    expect(probed!.map(({ text }) => text)).toEqual(['good 0.8', 'bad 0.8']);
    expect(summary).toMatchObject({ samples_in: 4, samples: 2, failed: 2 });
    expect((await given([{ text: 'broken 0.5' }], { allow_failed: true })).said).toMatch(
      /no sample of .* was left.*its scores is nan, not a number/,
    );
  });
  test.each<[string, (string | JsonObject)[], JsonObject, RegExp]>([
    ['an empty dataset', [], {}, /the dataset .*d\.jsonl is empty/],
    ['a key that is not in the samples', [{ txt: 'x' }], {}, /line 1: there is no "text" in the sample \(txt\)/],
    [
      'a label that is not in the samples',
      [{ text: 'good 1' }],
      { label_key: 'label' },
      /there is no "label" in the sample/,
    ],
    [
      'labels that the model does not give',
      [{ text: 'good 1', label: 1 }],
      { label_key: 'label' },
      /no label of the dataset \(1\) is one that the model gives \(good\): say in probe\.label_map which is which/,
    ],
    [
      'a model that is not there',
      [{ text: 'good 1' }],
      { pipeline: { model: 'org/name' } },
      /pipeline\(task='text-classification', model='org\/name'\) failed: ValueError: .*modelscope download --model org\/name/,
    ],
    [
      'another output',
      [{ text: 'good 1' }],
      { scores_key: 'logits' },
      /its output has no "logits" \(scores, labels\); say in probe\.scores_key/,
    ],
    [
      'fewer labels than scores',
      [{ text: 'good 1' }],
      { pipeline: { most_labels: 1 } },
      /it gives 2 scores and 1 labels/,
    ],
    ['what is no sample', ['[1]'], {}, /line 1: this is no sample \(a JSON object\)/],
  ])('of %s says what would be right', async (_, samples, request, message) => {
    const { said } = await given(samples, request);
    expect(said).toMatch(/^dj-sandbox: error: /);
    expect(said).toMatch(message);
  });
});
