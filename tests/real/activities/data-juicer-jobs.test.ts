import { readdirSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parse } from 'yaml';
import { probeAnalyzer } from '../../../activities/probe/analyzer.ts';
import { processDataJuicer } from '../../../activities/process/data-juicer.ts';
import { refineKSigma } from '../../../activities/refine/k-sigma.ts';
import { stopDataJuicer, warmDataJuicer } from '../../../activities/runtime/data-juicer-host.ts';
import { packageRoot, pythonFile, pythonOf } from '../../../activities/runtime/paths.ts';
import type { Manifest } from '../../../plan/manifest.ts';
import type { JsonObject } from '../../../plan/plan.ts';
import { jobRun } from '../../support/job-run.ts';
import { makeTexts } from '../../support/text-dataset.ts';

let folder: string;
let texts: string;
let example: JsonObject;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'jobs-'));
  texts = join(folder, 'texts.jsonl');
  const recipe = join(packageRoot(), 'configs', 'demo', 'process-text.yaml');
  example = parse(await readFile(recipe, 'utf8')) as JsonObject;
  await Promise.all([makeTexts(texts, 500), warmDataJuicer()]);
});

afterAll(async () => {
  await stopDataJuicer();
  await rm(folder, { recursive: true, force: true });
});

/** The example's recipe inside a job's folder. */
const recipeIn = (dir: string, more: JsonObject = {}): JsonObject => ({
  ...example,
  dataset_path: texts,
  export_path: join(dir, 'out', 'texts.jsonl'),
  ...more,
});

it('the text example probes, refines by what it probed, processes with the refined recipe, and probes again', async () => {
  const before = join(folder, 'before');
  const probed = await probeAnalyzer.run(await jobRun(probeAnalyzer, before, { dj_configs: recipeIn(before) }));
  expect(probed.metrics).toMatchObject({ samples: 500, 'text_len.count': 500 });
  expect(Object.keys(probed.metrics!).some(name => /\.(unique|top|freq)$/.test(name))).toBe(false);

  const refine = join(folder, 'refine');
  const path = join(refine, 'out', 'refined.yaml');
  const stats = { path: probed.provides!.stats!, manifest: {} as Manifest };
  const config = { dj_configs: recipeIn(before), extra_configs: { path_k_sigma_recipe: path, k: 2 } };
  const refined = await refineKSigma.run(await jobRun(refineKSigma, refine, config, { needs: { stats } }));
  expect(refined.results).toEqual([{ path }]);
  const text = await readFile(path, 'utf8');
  expect(text).toMatch(/max_len: \d+ # was 1000000; text_len: mean [\d.]+ \+ 2 x std [\d.]+, rounded up/);

  const execution = join(folder, 'execution');
  const dj_configs = { ...(parse(text) as JsonObject), export_path: join(execution, 'out', 'texts.jsonl') };
  const processed = await processDataJuicer.run(await jobRun(processDataJuicer, execution, { dj_configs }));
  expect(processed.metrics?.samples_in).toBe(500);
  expect(processed.metrics?.samples_out).toBeLessThan(480);
  expect(processed.metrics?.['kept.maximum_line_length_filter']).toBe(processed.metrics?.samples_out);

  const after = join(folder, 'after');
  const result = processed.results[0] as { path: string };
  const again = await probeAnalyzer.run(
    await jobRun(probeAnalyzer, after, { dj_configs: recipeIn(after, { dataset_path: result.path }) }),
  );
  expect(again.metrics!['text_len.max']).toBeLessThan(probed.metrics!['text_len.max']!);
  expect(again.metrics!.samples).toBe(processed.metrics!.samples_out);
});

it('an analysis that exports only stats says so', async () => {
  const dir = join(folder, 'stats-only');
  const dj_configs = recipeIn(dir, { export_original_dataset: false });
  const result = await probeAnalyzer.run(await jobRun(probeAnalyzer, dir, { dj_configs }));
  expect(result.notes?.join()).toMatch(/not exported: dj_configs\.export_original_dataset: true does that/);
  expect(readdirSync(join(dir, 'out')).sort()).toEqual(['analysis', 'texts_stats.jsonl']);
});

it('an analysis leaves nothing but its results where they are published', async () => {
  const dir = join(folder, 'clean');
  await probeAnalyzer.run(await jobRun(probeAnalyzer, dir, { dj_configs: recipeIn(dir) }));
  expect(readdirSync(join(dir, 'out'), { recursive: true }).sort()).toEqual([
    'analysis',
    'analysis/overall.csv',
    'analysis/overall.md',
    'texts.jsonl',
    'texts_stats.jsonl',
  ]);
  const [line = ''] = (await readFile(join(dir, 'out', 'texts.jsonl'), 'utf8')).split('\n');
  expect(JSON.parse(line)).toMatchObject({ id: 'text-0001', __dj__stats__: { text_len: expect.any(Number) } });
});

it('the same job run again in the same folder, as after a lost worker, makes the same files', async () => {
  const dir = join(folder, 'again');
  const run = async () => {
    await processDataJuicer.run(await jobRun(processDataJuicer, dir, { dj_configs: recipeIn(dir) }));
    return await readFile(join(dir, 'out', 'texts.jsonl'), 'utf8');
  };
  expect(await run()).toBe(await run());
});

it('the text dataset is the same at each set-up', async () => {
  await makeTexts(join(folder, 'again.jsonl'), 500);
  expect(await readFile(join(folder, 'again.jsonl'), 'utf8')).toBe(await readFile(texts, 'utf8'));
});

it('the op catalogue is what the installed Data-Juicer says', async () => {
  const fresh = join(folder, 'catalogue.json');
  await execa(pythonOf('data-juicer'), [pythonFile('data-juicer-host', 'make_catalogue.py'), '--out', fresh]);
  const committed = join(packageRoot(), 'plan', 'op-catalogue.json');
  expect((await readFile(fresh, 'utf8')) === (await readFile(committed, 'utf8'))).toBe(true);
});
