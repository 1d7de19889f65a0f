import { expect, it } from 'vitest';
import { catalogue } from '../../../activities/catalogue.ts';
import { probeAnalyzer } from '../../../activities/probe/analyzer.ts';
import { probeModelInfer } from '../../../activities/probe/model-infer.ts';
import { gpusWanted, pipelineArguments } from '../../../activities/probe/model-infer-config.ts';
import { processDataJuicer } from '../../../activities/process/data-juicer.ts';
import { refineKSigma } from '../../../activities/refine/k-sigma.ts';
import { compile } from '../../../plan/compile.ts';
import { formatDiagnostic } from '../../../plan/diagnostic.ts';
import { type JsonObject, jobsOf } from '../../../plan/plan.ts';
import { filesOf } from '../../plan/compiled.ts';

const RECIPE = { dataset_path: 'data/d.jsonl', export_path: 'out/probed.jsonl' };
const EXTRA = { type: 'modelscope', task: 'text-classification', model: 'models/tiny' };

function compiled(extra_configs: JsonObject, dj_configs: JsonObject = RECIPE, more: JsonObject = {}) {
  const job = { hook: 'ProbeViaModelInferHook', meta_name: 'look', dj_configs, extra_configs };
  const registry = [probeAnalyzer, probeModelInfer, refineKSigma, processDataJuicer];
  const files = filesOf({ 'data/d.jsonl': '{}', 'models/tiny/': '' });
  return compile({ config: { probe_job_configs: [job], ...more }, baseDir: '/base' }, registry, files, catalogue());
}

function saidOf(extra: JsonObject, recipe?: JsonObject): string {
  const result = compiled(extra, recipe);
  return (result.ok ? result.warnings : result.diagnostics).map(formatDiagnostic).join('\n');
}

it('hands to the pipeline what is its own, as it is, and nothing of ours', () => {
  const given = { ...EXTRA, device: 'cpu', model_revision: 'v1', sequence_length: 128, preprocessor: null };
  const ours = { probe: { label_key: 'label' }, env_name: 'x', env_manager: 'venv', launcher: { python: 'p' } };
  expect(pipelineArguments({ ...given, ...ours })).toEqual({
    ...{ task: 'text-classification', model: 'models/tiny', device: 'cpu', model_revision: 'v1', sequence_length: 128 },
  });
});

it('claims a GPU but for a CPU', () => {
  const wanted = (device?: string) => gpusWanted({ dj_configs: null, extra_configs: device ? { device } : {} });
  expect([wanted('cpu'), wanted('gpu'), wanted()]).toEqual([0, null, null]);
});

it('its samples, what stands out among them, and its stats go on to later jobs', () => {
  const refine = {
    hook: 'RefineRecipeViaKSigmaHook',
    meta_name: 'look',
    dj_configs: { process: [] },
    extra_configs: null,
  };
  const read = (name: string) => ({
    hook: 'ProcessDataHook',
    meta_name: name,
    dj_configs: { dataset_path: `out/${name}.jsonl`, process: [] },
  });
  const result = compiled(EXTRA, RECIPE, {
    refine_recipe_job_configs: [refine],
    execution_job_configs: [read('probed'), read('probed_findings')],
  });
  if (!result.ok) throw new Error(result.diagnostics.map(formatDiagnostic).join('\n'));
  const [probe, refined, ...readers] = jobsOf(result.plan);
  expect(probe).toMatchObject({ resources: { tag: 'gpu', gpus: 1 }, claims: true });
  expect(refined!.needs).toEqual([{ as: 'stats', job: probe!.id }]);
  expect(readers.map(({ edges }) => edges.map(({ job, within }) => [job, within]))).toEqual([
    [[probe!.id, '']],
    [[probe!.id, expect.stringContaining('probed_findings.jsonl')]],
  ]);
});

it('a name on the hub is taken as it is', () => {
  expect(saidOf({ ...EXTRA, model: 'damo/some_model' })).toBe('');
});

const { type: _, ...withoutType } = EXTRA;
const { task: __, ...withoutTask } = EXTRA;

it.each<[string, JsonObject, JsonObject, RegExp]>([
  ['no type', withoutType, RECIPE, /ProbeViaModelInferHook chooses by "type", which is missing/],
  ['no task', withoutTask, RECIPE, /pipelines\.pipeline needs task, such as "text-classification", or pipeline_name/],
  ['a task of another type', { ...EXTRA, task: 7 }, RECIPE, /task: expected a string, got 7/],
  ['a model that is not there', { ...EXTRA, model: './models/gone' }, RECIPE, /models\/gone is not there/],
  ['no dataset', EXTRA, { export_path: 'o.jsonl' }, /"dataset_path" is missing; expected a string/],
  ['a dataset that is not there', EXTRA, { ...RECIPE, dataset_path: 'data/x.jsonl' }, /data\/x\.jsonl is not there/],
  ['another ending', EXTRA, { ...RECIPE, export_path: 'o.parquet' }, /export_path: must end in \.jsonl/],
  ['no samples wanted', EXTRA, { ...RECIPE, data_probe_ratio: 0 }, /data_probe_ratio: expected more than 0, got 0/],
  ['more than all samples', EXTRA, { ...RECIPE, data_probe_ratio: 2 }, /data_probe_ratio: expected at most 1, got 2/],
  [
    'another way to sample',
    EXTRA,
    { ...RECIPE, data_probe_algo: 'topk_specified_field_selector' },
    /data_probe_algo: expected "uniform", got "topk_/,
  ],
  ['an unknown key of the probe', { ...EXTRA, probe: { label: 'l' } }, RECIPE, /unknown key; known: input, label_key/],
  [
    'a map without labels',
    { ...EXTRA, probe: { label_map: { a: 'b' } } },
    RECIPE,
    /there is no label to map: set label_key/,
  ],
  [
    'a confidence that is none',
    { ...EXTRA, probe: { dirty_confidence: 90 } },
    RECIPE,
    /dirty_confidence: expected at most 1, got 90/,
  ],
])('%s is told before anything runs', (_what, extra, recipe, message) => {
  const said = saidOf(extra, recipe);
  expect(said).toMatch(message);
});
