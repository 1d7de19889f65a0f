import { describe, expect, it } from 'vitest';
import { type Bindings, bindJob, edgePath } from '../../plan/bind.ts';
import type { Manifest } from '../../plan/manifest.ts';
import type { Json, JsonObject } from '../../plan/plan.ts';
import { jobsIn } from './compiled.ts';
import { REGISTRY } from './registry.ts';
import { BY_INPUTS, BY_PATHS, TEXT_FILES, VIDEO_FILES, videoPipeline } from './shapes.ts';

const REFINED: JsonObject = {
  dataset_path: './data/d.jsonl',
  export_path: './out/cleaned.jsonl',
  np: 4,
  process: [{ text_length_filter: { min_len: -11385, max_len: 14576 } }],
};

const bindings = (results: Record<string, Json> = {}, read: string[] = []): Bindings => ({
  result: ref => results[`${ref.job}:${ref.output}`],
  edge: edge => `/jobs/${edge.job}/out/${edge.write}${edge.within && `/${edge.within}`}`,
  recipe: path => {
    read.push(path);
    return REFINED;
  },
  out: '/jobs/k/epoch-1/out',
});

describe('a job bound to run', () => {
  it('takes the refined recipe, then what was set over it, op arguments from outside, absolute paths and its own outputs', () => {
    const [, , process] = jobsIn(BY_INPUTS, TEXT_FILES, { set: { 'text_length_filter.max_len': 500 } });
    const read: string[] = [];
    const bound = bindJob(process!, bindings({ 'anonymous.2-before:recipe': '/jobs/r/refined.yaml' }, read));
    expect(read).toEqual(['/jobs/r/refined.yaml']);
    expect(bound).toEqual({
      config: {
        extra_configs: null,
        dj_configs: {
          project_name: 'short-texts',
          dataset_path: '/base/data/d.jsonl',
          export_path: '/jobs/k/epoch-1/out/cleaned.jsonl',
          np: 2,
          process: [{ text_length_filter: { min_len: -11385, max_len: 500 } }],
        },
      },
      writes: { 'dj_configs.export_path': '/jobs/k/epoch-1/out/cleaned.jsonl' },
    });
  });

  it('reads a recipe by its path where no input says so', () => {
    const read: string[] = [];
    const bound = bindJob(jobsIn(BY_PATHS, TEXT_FILES)[2]!, bindings({}, read));
    expect(read).toEqual(['/jobs/anonymous.2-before/out/extra_configs.path_k_sigma_recipe']);
    expect(bound.config.dj_configs?.process).toEqual(REFINED.process);
  });

  it('has paths of earlier jobs where the config names theirs, and its outputs inside its own folder', () => {
    const train = jobsIn(videoPipeline(true), VIDEO_FILES)[4]!;
    const { config, writes } = bindJob(train, bindings());
    expect(config.extra_configs?.train).toMatchObject({
      model_path: { pretrained_model_name_or_path: 'someone/some-model', transformer_path: '/base/models/base' },
      dataset_path: {
        dataset_name: '',
        dataset_meta_name: '/jobs/anonymous.4-to_trainer_format/out/extra_configs.export_path/chosen_ea_fmt.json',
      },
      saving_config: { output_dir: '/jobs/k/epoch-1/out/models' },
    });
    expect(writes).toEqual({ 'extra_configs.train.saving_config.output_dir': '/jobs/k/epoch-1/out/models' });
  });

  it('has lists and maps from earlier jobs too', () => {
    const job = jobsIn(BY_INPUTS, TEXT_FILES)[5]!;
    const value = [{ path: 'a', score: 1 }];
    expect(bindJob(job, bindings({ 'anonymous.3-clean:cleaned': value })).config.extra_configs?.dataset_path).toEqual(
      value,
    );
  });

  it('names an output that the config does not name', () => {
    const [job] = jobsIn('execution_job_configs: [{hook: ProcessDataHook, dj_configs: {dataset_path: data/d.jsonl}}]');
    expect(bindJob(job!, bindings()).writes).toEqual({
      'dj_configs.export_path': '/jobs/k/epoch-1/out/processed.jsonl',
    });
  });

  it('says which result is missing', () => {
    expect(() => bindJob(jobsIn(BY_INPUTS, TEXT_FILES)[3]!, bindings())).toThrow(
      'anonymous.4-train: anonymous.3-clean has no result "cleaned" (input -1.cleaned)',
    );
  });

  it('leaves the plan as it was', () => {
    const job = jobsIn(BY_INPUTS, TEXT_FILES)[2]!;
    const before = structuredClone(job);
    bindJob(job, bindings({ 'anonymous.2-before:recipe': '/r.yaml' }));
    expect(job).toEqual(before);
  });
});

describe('the path of an edge', () => {
  const jobs = jobsIn(videoPipeline(true), VIDEO_FILES);
  const manifest = (writes: Record<string, string>, extra: JsonObject = {}) =>
    ({ writes, config: { dj_configs: null, extra_configs: extra } }) as Partial<Manifest> as Manifest;
  const convert = REGISTRY.find(spec => spec.name === 'convert.easyanimate');

  it('is found in the manifest of its maker', () => {
    const [edge] = jobs[5]!.edges;
    const made = manifest({ 'extra_configs.train.saving_config.output_dir': 'epoch-2/out/models' });
    expect(edgePath(edge!, undefined, made, '/w/jobs/k')).toBe('/w/jobs/k/epoch-2/out/models/checkpoint-1.safetensors');
  });
  it('is the file that was made, also where the trial that made it named its dataset otherwise', () => {
    const [edge] = jobs[4]!.edges;
    const made = manifest(
      { 'extra_configs.export_path': 'epoch-1/out/bench' },
      { dataset_path: '/w/jobs/p/out/sampled.json' },
    );
    expect(edgePath(edge!, convert, made, '/w/jobs/k')).toBe('/w/jobs/k/epoch-1/out/bench/sampled_ea_fmt.json');
  });
  it('is an error where nothing was made', () => {
    expect(() => edgePath(jobs[4]!.edges[0]!, convert, manifest({}), '/w')).toThrow(
      'made nothing for extra_configs.export_path',
    );
  });
});
