import { describe, expect, it } from 'vitest';
import { jobsOf, type PlanJob } from '../../plan/plan.ts';
import { BASE, compiled, jobsIn, planOf, saidOf } from './compiled.ts';
import { BY_INPUTS, BY_PATHS, ITERATING, TEXT_FILES, VIDEO_FILES, videoPipeline } from './shapes.ts';

const edgesOf = (job: PlanJob) => job.edges.map(edge => `${edge.at} <- ${edge.job}:${edge.write}/${edge.within}`);
const inputsOf = (job: PlanJob) =>
  job.inputs.map(({ into, ref }) => `${into} <- ${[ref.job, ref.output, ...ref.nested].join(':')}`);

describe('a pipeline whose jobs find each other by paths', () => {
  const jobs = jobsIn(BY_PATHS, TEXT_FILES);

  it('compiles to its six jobs, stage by stage', () => {
    expect(jobs.map(job => [job.id, job.component, job.stage])).toEqual([
      ['anonymous.1-before', 'probe.analyzer', 'probe'],
      ['anonymous.2-before', 'refine.k-sigma', 'refine'],
      ['anonymous.3-process.data-juicer', 'process.data-juicer', 'execution'],
      ['anonymous.4-train.modelscope', 'train.modelscope', 'execution'],
      ['anonymous.5-after', 'probe.analyzer', 'evaluation'],
      ['anonymous.6-score', 'evaluate.quality-classifier', 'evaluation'],
    ]);
  });

  it('gives k-sigma the stats of the probe of its meta_name', () => {
    expect(jobs[1]?.needs).toEqual([{ as: 'stats', job: 'anonymous.1-before' }]);
  });

  it('binds the recipe that k-sigma will write, and plans with the one that it is made from', () => {
    const [, , process] = jobs;
    expect(edgesOf(process!)).toEqual(['dj_configs <- anonymous.2-before:extra_configs.path_k_sigma_recipe/']);
    expect(process?.config.dj_configs).toMatchObject({
      export_path: './out/cleaned.jsonl',
      process: [{ text_length_filter: { min_len: 20 } }],
    });
    expect(process?.reads).toEqual([
      { at: 'dj_configs.dataset_path', path: `${BASE}/data/d.jsonl`, kind: 'dataset', fingerprint: null },
    ]);
    expect(process?.writes).toEqual([
      { at: 'dj_configs.export_path', named: `${BASE}/out/cleaned.jsonl`, kind: 'file' },
    ]);
  });

  it('leads the processed dataset to trainer and scorer, past analyses of the same export path that do not write it', () => {
    expect(edgesOf(jobs[3]!)).toEqual([
      'extra_configs.train_dataset <- anonymous.3-process.data-juicer:dj_configs.export_path/',
    ]);
    expect(edgesOf(jobs[5]!)).toEqual([
      'extra_configs.dataset_path <- anonymous.3-process.data-juicer:dj_configs.export_path/',
    ]);
  });

  it('says which jobs cannot run in this version', () => {
    expect(saidOf(BY_PATHS, TEXT_FILES)).toEqual([
      'sandbox.yaml:34:11 evaluation_job_configs[1].hook: warning: evaluate.quality-classifier cannot run in this version: the text quality classifier comes with a later version',
    ]);
  });

  it('takes less than 50 ms of a processor', () => {
    const started = process.cpuUsage();
    for (let i = 0; i < 10; i++) compiled(BY_PATHS, TEXT_FILES);
    expect(process.cpuUsage(started).user / 10).toBeLessThan(50_000);
  });
});

describe('the same pipeline by inputs and outputs', () => {
  const jobs = jobsIn(BY_INPUTS, TEXT_FILES);

  it('names results', () => {
    expect(jobs.map(job => job.outputs)).toEqual([['res_0'], ['recipe'], ['cleaned'], ['res_0'], ['res_0'], ['res_0']]);
    expect(jobs.map(inputsOf)).toEqual([
      [],
      [],
      ['dj_configs <- anonymous.2-before:recipe'],
      ['extra_configs.train_dataset <- anonymous.3-clean:cleaned'],
      ['dj_configs.dataset_path <- anonymous.3-clean:cleaned'],
      ['extra_configs.dataset_path <- anonymous.3-clean:cleaned'],
    ]);
  });

  it('keeps what `local` sets over a recipe that is read late', () => {
    expect(jobs[2]?.settings).toEqual([{ at: 'dj_configs.np', value: 2 }]);
    expect(jobs[2]?.config.dj_configs).toMatchObject({ np: 2 });
  });

  it('expects at an input the path under which the result is published', () => {
    expect(jobs[3]?.config.extra_configs?.train_dataset).toBe(`${BASE}/out/cleaned.jsonl`);
  });

  it('reads nothing at a key that an input fills', () => {
    expect(jobs[4]?.reads).toEqual([]);
    expect(jobs[4]?.edges).toEqual([]);
  });

  it('carries inputs of the refined recipe on to the job that runs it', () => {
    const config = BY_INPUTS.replace(
      '    output: recipe\n',
      '    output: recipe\n    input: {dj_configs.dataset_path: -1.res_0}\n',
    );
    expect(inputsOf(jobsIn(config, TEXT_FILES)[2]!)).toEqual([
      'dj_configs <- anonymous.2-before:recipe',
      'dj_configs.dataset_path <- anonymous.1-before:res_0',
    ]);
  });
});

describe.each([
  ['with iter_1 folders', true],
  ['without them', false],
])('a video pipeline spelt %s', (_, iter) => {
  const jobs = jobsIn(videoPipeline(iter), VIDEO_FILES);

  it('finds every output, also from within the trainer’s own folder', () => {
    expect(jobs.map(edgesOf)).toEqual([
      [],
      ['dj_configs.dataset_path <- anonymous.1-scores_of_captions:dj_configs.export_path/'],
      ['dj_configs.dataset_path <- anonymous.2-process.data-juicer:dj_configs.export_path/'],
      ['extra_configs.dataset_path <- anonymous.3-process.data-juicer:dj_configs.export_path/'],
      [
        'extra_configs.train.dataset_path.dataset_meta_name <- anonymous.4-to_trainer_format:extra_configs.export_path/chosen_ea_fmt.json',
      ],
      [
        'extra_configs.train.model_path.lora_path <- anonymous.5-train.easyanimate:extra_configs.train.saving_config.output_dir/checkpoint-1.safetensors',
      ],
      [
        'extra_configs.videos_path <- anonymous.6-infer.easyanimate:extra_configs.train.saving_config.output_video_dir/',
      ],
    ]);
  });

  it('fills in defaults of the components, and their parts', () => {
    expect(jobs[4]?.config.extra_configs).toMatchObject({
      easyanimate_home: 'thirdparty/models/EasyAnimate',
      train: { training_config: { gradient_accumulation_steps: 1 } },
    });
    expect(jobs[6]?.parts).toEqual(['temporal_flickering', 'motion_smoothness']);
  });

  it('leaves names on a hub as they are', () => {
    expect(jobs[4]?.reads.map(read => read.path)).toEqual([`${BASE}/models/base`]);
  });
});

describe('several pipelines that iterate', () => {
  const plan = planOf(ITERATING);
  it('resolves results across pipelines, and -1 across their border', () => {
    expect(jobsOf(plan).map(inputsOf)).toEqual([
      [],
      ['extra_configs.dataset_path <- make.1-write:prompts'],
      ['extra_configs.dataset_path <- make.2-split:pools'],
      ['extra_configs.predicted_dataset_path <- make.3-ask:answers'],
      ['extra_configs.dataset_path <- make.2-split:pools', 'extra_configs.metrics <- make.4-judge:each'],
      ['extra_configs.dataset_path <- choose.1-rank:best'],
    ]);
  });
  it('knows targets and updates', () => {
    expect(plan).toMatchObject({
      maxIterNum: 5,
      iterTargetsMode: 'all',
      iterTargets: [
        { key: 'make.judge.least', ref: { job: 'make.4-judge', output: 'least', nested: [] }, op: '<=', value: 0.2 },
      ],
      iterUpdater: [
        {
          from: 'choose.merge.merged',
          ref: { job: 'choose.2-merge', output: 'merged' },
          to: 'make.write.dj_configs.dataset_path',
        },
      ],
    });
  });
  it('starts the next iteration with what the last one made', () => {
    const texts = { 'work/jobs/k/merged.jsonl': '' };
    const [write] = jobsIn(ITERATING, texts, {
      iteration: 2,
      iterValues: { 'make.write.dj_configs.dataset_path': '/base/work/jobs/k/merged.jsonl' },
    });
    expect(write?.reads[0]?.path).toBe('/base/work/jobs/k/merged.jsonl');
  });
  it('reads pipelines written as a map alike', () => {
    const asMap = ITERATING.replace('  - make:', '  make:').replace('  - choose:', '  choose:');
    expect(planOf(asMap).pipelines).toEqual(plan.pipelines);
  });
  it('warns of iterations between which nothing changes', () => {
    const config =
      'max_iter_num: 3\nexecution_job_configs:\n  - {hook: ProcessDataHook, dj_configs: {dataset_path: data/d.jsonl}}\n';
    expect(saidOf(config)).toEqual([
      'sandbox.yaml:1:15 max_iter_num: warning: nothing changes from one iteration to the next, so that each finds the results of the first; give iter_updater, or `cache: false` to a job',
    ]);
  });
});

describe('names', () => {
  const process = (name: string, more = '') => `
      - hook: ProcessDataHook
        meta_name: ${name}
        dj_configs: {dataset_path: data/d.jsonl}
${more}`;
  const two = (first: string, second: string) => `pipelines:\n  a.b:\n    execution_job_configs:${first}${second}`;
  const from = (key: string) => `        input: {dj_configs.dataset_path: ${key}}\n`;

  it('may hold dots', () => {
    const jobs = jobsIn(two(process('v1.5', '        output: the.path\n'), process('next', from('a.b.v1.5.the.path'))));
    expect(jobs[1]?.inputs[0]?.ref).toEqual({ job: 'a.b.1-v1.5', output: 'the.path', nested: [] });
  });
  it.each(['0', 'res_0', 'path'])('find a result as %s', word => {
    const jobs = jobsIn(two(process('one', '        output: path\n'), process('next', from(`'-1.${word}'`))));
    expect(jobs[1]?.inputs[0]?.ref).toEqual({ job: 'a.b.1-one', output: 'path', nested: [] });
  });
  it('that two jobs share mean the first, and a warning says so', () => {
    const config = two(process('one') + process('one'), process('next', from('a.b.one.res_0')));
    expect(jobsIn(config)[2]?.inputs[0]?.ref.job).toBe('a.b.1-one');
    expect(saidOf(config)).toEqual([
      'sandbox.yaml:15:42 pipelines.a.b.execution_job_configs[2].input.dj_configs.dataset_path: warning: "a.b.one.res_0": 2 jobs are called a.b.one; a.b.1-one is meant (give them names of their own)',
    ]);
  });
  it('with signs that no folder should have become plain in ids', () => {
    const config =
      'pipelines:\n  "a/b ..":\n    execution_job_configs:\n      - {hook: ProcessDataHook, meta_name: "x/../y", dj_configs: {dataset_path: data/d.jsonl}}\n';
    expect(jobsIn(config)[0]?.id).toBe('a_b_...1-x_.._y');
  });
});

describe('options of a job', () => {
  it('are its own, else those of the config, else of its component', () => {
    const config = `on_failure: wait
execution_job_configs:
  - hook: ProcessDataHook
    dj_configs: {dataset_path: data/d.jsonl}
    resources: {tag: gpu-h100, gpus: 2}
    cache: false
  - hook: ProcessDataHook
    dj_configs: {dataset_path: data/d.jsonl}
    on_failure: fail
`;
    const options = jobsIn(config).map(({ resources, claims, cache, onFailure }) => ({
      resources,
      claims,
      cache,
      onFailure,
    }));
    expect(options).toEqual([
      { resources: { tag: 'gpu-h100', gpus: 2 }, claims: true, cache: false, onFailure: 'wait' },
      { resources: { tag: 'cpu', gpus: 0 }, claims: false, cache: true, onFailure: 'fail' },
    ]);
  });
  it('may stand with the job in a file of its own', () => {
    const texts = { 'jobs/p.yaml': 'hook: ProcessDataHook\nmeta_name: p\ndj_configs: {dataset_path: data/d.jsonl}\n' };
    expect(jobsIn('execution_job_configs: [jobs/p.yaml]', texts).map(job => job.id)).toEqual(['anonymous.1-p']);
  });
});

describe('the plan', () => {
  const config = 'execution_job_configs:\n  - {hook: ProcessDataHook, dj_configs: {dataset_path: data/d.jsonl}}\n';
  it('says where relative paths start, what resume and a sweep file mean', () => {
    expect(planOf(`resume: true\nhpo_config: sweep.yaml\n${config}`, { 'sweep.yaml': 'a: 1' }).notes).toEqual([
      'Relative paths start at /base.',
      'resume: true: a finished job with the same key is found again either way; set `cache: false` on a job to run it again.',
      'hpo_config: sweep.yaml describes a sweep; this is the one trial that the config describes.',
    ]);
  });
  it('has its folder from the request, else the config, else the project', () => {
    expect(planOf(config).workDir).toBe('/base/outputs/sandbox');
    expect(planOf(`work_dir: ./w\n${config}`).workDir).toBe('/base/w');
    expect(planOf(`work_dir: ./w\n${config}`, {}, { workDir: '/other' }).workDir).toBe('/other');
  });
  it('lists every file that went in, with its hash', () => {
    expect(planOf(BY_PATHS, TEXT_FILES).sources.map(source => source.path)).toEqual([
      `${BASE}/sandbox.yaml`,
      `${BASE}/recipes/short-texts.yaml`,
      `${BASE}/trainers/gpt.json`,
      `${BASE}/scorers/quality.yaml`,
    ]);
  });
  it('is plain JSON', () => {
    const plan = planOf(videoPipeline(true), VIDEO_FILES);
    expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
  });
  it('is the same for a config handed over as data', () => {
    const inline = {
      execution_job_configs: [{ hook: 'ProcessDataHook', dj_configs: { dataset_path: 'data/d.jsonl' } }],
    };
    expect(planOf('', {}, { config: inline }).pipelines).toEqual(planOf(config).pipelines);
  });
  it('names the output of a job that names none', () => {
    expect(jobsIn(config)[0]?.unnamed).toEqual([
      { at: 'dj_configs.export_path', name: 'processed.jsonl', kind: 'file' },
    ]);
  });
});

describe('a dataset that is not on this machine', () => {
  const config = `probe_job_configs:
  - hook: ProbeViaAnalyzerHook
    dj_configs: {dataset_path: ./elsewhere.jsonl, process: [{text_length_filter: {min_len: 1}}]}
`;

  it('is an error for who runs the config', () => {
    expect(compiled(config).ok).toBe(false);
  });

  it('is only said to who looks at the plan, which still knows that it is read', () => {
    const result = compiled(config, {}, { absent: 'warning' });
    expect(result.ok && result.warnings.map(each => each.message)).toEqual([
      expect.stringContaining('./elsewhere.jsonl is not there'),
    ]);
    expect(result.ok && jobsOf(result.plan)[0]?.reads).toMatchObject([
      { path: '/base/elsewhere.jsonl', fingerprint: null },
    ]);
  });

  it('is no error in a job that cannot run yet', () => {
    const scored =
      'evaluation_job_configs:\n  - hook: EvaluateDataHook\n    extra_configs: {type: dj_text_quality_classifier, dataset_path: ./elsewhere.jsonl}\n';
    expect(compiled(scored).ok).toBe(true);
  });
});
