// The real modelscope.pipelines with a small BERT of the test's own: probe, k-sigma on the losses, and the data without what it drops.
import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { pythonOf } from '../../activities/runtime/paths.ts';
import type { Manifest } from '../../plan/manifest.ts';
import type { TrialResult } from '../../plan/protocol.ts';
import { dataset, linesOf } from '../support/pools.ts';
import { type RealSandbox, startRealSandbox } from '../support/real-sandbox.ts';

const WORDS = { good: ['good', 'great', 'fine', 'nice'], bad: ['bad', 'awful', 'poor', 'ugly'] };
const FLIPPED = [3, 17, 30, 44];
const TEXTS = 60;

let sandbox: RealSandbox;
beforeAll(async () => {
  sandbox = await startRealSandbox('cpu, gpu');
});
afterAll(() => sandbox?.stop());

const samples = Array.from({ length: TEXTS }, (_, i) => {
  const [own, other] = i % 2 ? (['good', 'bad'] as const) : (['bad', 'good'] as const);
  return { text: `the film was very ${WORDS[own][i % 4]}`, label: FLIPPED.includes(i) ? other : own };
});

const config = (folder: string) => `project_name: model-infer
work_dir: ${folder}/work
probe_job_configs:
  - hook: ProbeViaModelInferHook
    meta_name: look
    output: [probed, findings, summary]
    dj_configs: {dataset_path: ${folder}/texts.jsonl, export_path: ${folder}/out/probed.jsonl, data_probe_ratio: 1.0}
    extra_configs:
      type: modelscope
      task: text-classification
      model: ${folder}/model
      device: cpu
      sequence_length: 16
      probe: {label_key: label, hard_ratio: 0.05, dirty_confidence: 0.8, call: {batch_size: 8}}
refine_recipe_job_configs:
  - hook: RefineRecipeViaKSigmaHook
    meta_name: look
    output: [recipe]
    dj_configs:
      dataset_path: ${folder}/out/probed.jsonl
      export_path: ${folder}/out/clean.jsonl
      process: [specified_numeric_field_filter: {field_key: __dj__stats__.model_infer_loss, max_value: 100}]
    extra_configs: {path_k_sigma_recipe: ${folder}/out/refined.yaml, k: 2}
execution_job_configs:
  - hook: ProcessDataHook
    meta_name: clean
    output: [texts]
    input: {dj_configs: '-1.recipe'}
    dj_configs: <filled by input>
`;

it('a real pipeline finds the texts whose labels were changed, and k-sigma on its losses drops them', async () => {
  const { folder } = sandbox;
  const makeModel = resolve('tests/fixtures/modelscope/make_text_classifier.py');
  await execa(pythonOf('modelscope'), [makeModel, join(folder, 'model')]);
  await dataset(join(folder, 'texts.jsonl'), samples);
  await writeFile(join(folder, 'sandbox.yaml'), config(folder));
  const ended = await sandbox.cli('run', '--config', join(folder, 'sandbox.yaml'), '--id', 'infer', '--json');
  expect(ended.exitCode, ended.stdout + ended.stderr).toBe(0);
  const result = JSON.parse(ended.stdout).result as TrialResult;
  const { context } = JSON.parse(await readFile(join(result.trialDir, 'context.json'), 'utf8'));
  const { look, clean } = context.anonymous;

  const probed = (await linesOf(look.probed)).map(line => JSON.parse(line));
  expect(probed).toHaveLength(TEXTS);
  const wrong = probed.flatMap(({ __dj__stats__: stats }, i) => (stats.model_infer_disagreement === 1 ? [i] : []));
  expect(wrong).toEqual(FLIPPED);
  const found = (await linesOf(look.findings)).map(line => JSON.parse(line));
  const dirty = found.filter(({ __dj__meta__: meta }) => meta.model_infer_finding.includes('dirty'));
  expect(dirty.map(({ text }) => text).sort()).toEqual(FLIPPED.map(i => samples[i]!.text).sort());
  expect(look.summary).toMatchObject({ samples: TEXTS, hard: 3, dirty: 4, model_infer_disagreement: 4 / TEXTS });

  const kept = (await linesOf(clean.texts)).map(line => JSON.parse(line));
  expect(kept.map(({ text, label }) => [text, label])).toEqual(
    samples.filter((_, i) => !FLIPPED.includes(i)).map(({ text, label }) => [text, label]),
  );
  const path = join(result.trialDir, 'anonymous', '1-look', 'manifest.json');
  const { versions } = JSON.parse(await readFile(path, 'utf8')) as Manifest;
  expect(versions).toMatchObject({ modelscope: expect.stringMatching(/^\d/), torch: expect.stringMatching(/^2/) });
});
