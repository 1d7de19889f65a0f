import { describe, expect, it } from 'vitest';
import { compile } from '../../plan/compile.ts';
import { formatDiagnostic } from '../../plan/diagnostic.ts';
import { CATALOGUE } from './catalogue.ts';
import { BASE, filesOf, saidOf, type Texts } from './compiled.ts';
import { REGISTRY } from './registry.ts';

const HOOKS = [
  'ProbeViaAnalyzerHook',
  'RefineRecipeViaKSigmaHook',
  'ProcessDataHook',
  'GeneralDataExecutorHook',
  'TrainModelHook',
  'InferModelHook',
  'EvaluateDataHook',
  'GeneralProbeHook',
  'DataPoolManipulationHook',
  'RefineRecipeViaModelFeedbackHook',
  'ProbeViaModelInferHook',
  'EvaluateModelHook',
].join(', ');
const LISTS = 'probe_job_configs, refine_recipe_job_configs, execution_job_configs, evaluation_job_configs';

/** A job that is right, as the only one of its list. */
const job = (more = '', recipe = 'dataset_path: data/d.jsonl, process: []') => `execution_job_configs:
  - hook: ProcessDataHook
    meta_name: p
    output: done
    dj_configs: {${recipe}}
${more}`;
const probe = (more: string) => `probe_job_configs:
  - hook: ProbeViaAnalyzerHook
    meta_name: look
    dj_configs: {dataset_path: data/d.jsonl, process: [text_length_filter: {min_len: 1}]}
${more}`;
const recipe = (process: string, more = '') => `execution_job_configs:
  - hook: ProcessDataHook
    dj_configs:
      dataset_path: data/d.jsonl
${more}      process:
${process}`;

type Case = [what: string, config: string, said: string[], texts?: Texts];

const outer: Case[] = [
  [
    'an unknown global key',
    `projct_name: x\n${job()}`,
    [
      `sandbox.yaml:1:1 projct_name: unknown key; did you mean "project_name"? (known: project_name, experiment_name, work_dir, hpo_config, resume, debug, max_iter_num, iter_targets, iter_targets_mode, iter_updater, on_failure, durability, trackers, notify, set, pipelines, ${LISTS})`,
    ],
  ],
  [
    'a number as project name',
    `project_name: 5\n${job()}`,
    ['sandbox.yaml:1:15 project_name: expected a string (put it in quotes), got 5'],
  ],
  ['a flag that is none', `resume: maybe\n${job()}`, ['sandbox.yaml:1:9 resume: expected true or false, got "maybe"']],
  [
    'a sweep file that is not there',
    `hpo_config: sweep.yaml\n${job()}`,
    ['sandbox.yaml:1:13 hpo_config: there is no file sweep.yaml; give the path of a sweep file, or null'],
  ],
  ['no jobs', 'project_name: x', [`sandbox.yaml:1:1: there are no jobs; give at least one of ${LISTS}`]],
  [
    'both forms at once',
    `${job()}pipelines:\n  - a:\n      execution_job_configs: []\n`,
    [
      'sandbox.yaml:1:1 execution_job_configs: the top-level lists make one pipeline and "pipelines" names several: give one or the other; move this list into a pipeline',
    ],
  ],
  [
    'a pipeline that is not indented',
    'pipelines:\n  - a:\n    execution_job_configs: []\n',
    [
      'sandbox.yaml:2:5 pipelines[0]: expected one pipeline, written `- name: {job lists}`; indent the lists under the name',
    ],
  ],
  [
    'an unknown job list',
    'pipelines:\n  a:\n    train_job_configs: []\n',
    [
      `sandbox.yaml:3:5 pipelines.a.train_job_configs: unknown job list; did you mean "probe_job_configs"? (known: ${LISTS})`,
    ],
  ],
  [
    'a list that is a map',
    'probe_job_configs:\n  hook: ProbeViaAnalyzerHook\n',
    ['sandbox.yaml:2:3 probe_job_configs: expected a list of jobs, each `- hook: …`'],
  ],
  [
    'two pipelines of one name',
    'pipelines:\n  - a: {evaluation_job_configs: [{hook: EvaluateDataHook, extra_configs: {type: dj_text_quality_classifier, dataset_path: data/d.jsonl}}]}\n  - a:\n',
    [
      'sandbox.yaml:2:41 pipelines[0].a.evaluation_job_configs[0].hook: warning: evaluate.quality-classifier cannot run in this version: the text quality classifier comes with a later version',
      'sandbox.yaml:3:5 pipelines[1].a: there is a pipeline "a" already; give this one another name',
    ],
  ],
];

const jobs: Case[] = [
  [
    'no hook',
    'probe_job_configs:\n  - meta_name: x\n',
    [`sandbox.yaml:2:5 probe_job_configs[0].hook: "hook" is missing; known: ${HOOKS}`],
  ],
  [
    'an unknown hook',
    'probe_job_configs:\n  - hook: ProbeViaAnalyserHook\n',
    [
      `sandbox.yaml:2:11 probe_job_configs[0].hook: unknown hook "ProbeViaAnalyserHook"; did you mean "ProbeViaAnalyzerHook"? (known: ${HOOKS})`,
    ],
  ],
  [
    'an unknown type',
    'execution_job_configs:\n  - hook: TrainModelHook\n    extra_configs:\n      type: easyanimated\n',
    [
      'sandbox.yaml:4:13 execution_job_configs[0].extra_configs.type: unknown type "easyanimated" of TrainModelHook; did you mean "easyanimate"? (known: easyanimate, modelscope, trinity-rft, internvl_coco_caption)',
    ],
  ],
  [
    'no type',
    'execution_job_configs:\n  - hook: TrainModelHook\n    extra_configs:\n',
    [
      'sandbox.yaml:3:5 execution_job_configs[0].extra_configs: TrainModelHook chooses by "type", which is missing in extra_configs; known: easyanimate, modelscope, trinity-rft, internvl_coco_caption',
    ],
  ],
  [
    'an unknown job key',
    job('    dj_config: x\n'),
    ['sandbox.yaml:6:5 execution_job_configs[0].dj_config: unknown job key; did you mean "dj_configs"?'],
  ],
  [
    'a number as meta_name',
    job().replace('meta_name: p', 'meta_name: 3'),
    ['sandbox.yaml:3:16 execution_job_configs[0].meta_name: expected a name, got 3; put it in quotes'],
  ],
  [
    'more outputs than results',
    job().replace('output: done', 'output: [a, b]'),
    ['sandbox.yaml:4:13 execution_job_configs[0].output: 2 names for 1 result; process.data-juicer has 1: leave out b'],
  ],
  [
    'an output that is a number',
    job().replace('output: done', 'output: 1'),
    ['sandbox.yaml:4:13 execution_job_configs[0].output: expected a name or a list of names, got 1'],
  ],
  [
    'resources of another kind',
    job('    resources: {gpu: 1, gpus: -1, tag: "my gpu"}\n'),
    [
      'sandbox.yaml:6:17 execution_job_configs[0].resources.gpu: unknown key; did you mean "gpus"? (known: tag, gpus)',
      'sandbox.yaml:6:31 execution_job_configs[0].resources.gpus: expected a whole number of GPUs, got -1',
      'sandbox.yaml:6:40 execution_job_configs[0].resources.tag: expected a tag such as cpu, gpu or gpu-h100, got "my gpu"',
    ],
  ],
  [
    'a wrong on_failure',
    job('    on_failure: ignore\n'),
    ['sandbox.yaml:6:17 execution_job_configs[0].on_failure: expected "fail" or "wait", got "ignore"'],
  ],
  [
    'k-sigma before any probe',
    `refine_recipe_job_configs:
  - hook: RefineRecipeViaKSigmaHook
    meta_name: look
    dj_configs: {process: []}
`,
    [
      'sandbox.yaml:3:16 refine_recipe_job_configs[0].meta_name: RefineRecipeViaKSigmaHook takes stats of an earlier job with the same meta_name, and none before it is called "look"; put a job with hook ProbeViaAnalyzerHook or ProbeViaModelInferHook and this meta_name before it',
    ],
  ],
  [
    'k-sigma with a misspelt meta_name',
    probe(`refine_recipe_job_configs:
  - hook: RefineRecipeViaKSigmaHook
    meta_name: lok
    dj_configs: {process: []}
`),
    [
      'sandbox.yaml:7:16 refine_recipe_job_configs[0].meta_name: RefineRecipeViaKSigmaHook takes stats of an earlier job with the same meta_name, and none before it is called "lok"; did you mean "look"?',
    ],
  ],
  [
    'a value that the component does not take',
    probe(`refine_recipe_job_configs:
  - hook: RefineRecipeViaKSigmaHook
    meta_name: look
    dj_configs: {process: []}
    extra_configs:
      path_k_sigma_recipe: out.txt
      k: -1
      kk: 2
`),
    [
      'sandbox.yaml:10:28 refine_recipe_job_configs[0].extra_configs.path_k_sigma_recipe: expected a string that matches /\\.(ya?ml|json)$/, got "out.txt"',
      'sandbox.yaml:11:10 refine_recipe_job_configs[0].extra_configs.k: expected more than 0, got -1',
      'sandbox.yaml:12:7 refine_recipe_job_configs[0].extra_configs.kk: unknown key; did you mean "k"?',
    ],
  ],
  [
    'missing and wrong values deep inside a file',
    `execution_job_configs:
  - hook: TrainModelHook
    extra_configs: train.yaml
`,
    [
      'train.yaml:3:3 train.model_path: "model_path" is missing; expected a map',
      'train.yaml:3:17 train.dataset_path.dataset_name: "dataset_name" is missing; expected a string',
      'train.yaml:5:34 train.training_config.sample_size: expected a number, got "large"',
      'train.yaml:5:58 train.training_config.mixed_precision: expected one of "no", "fp16", "bf16", got "fp8"',
      'train.yaml:5:83 train.training_config.batch_size_per_gpu: expected more than 0, got 0',
    ],
    {
      'train.yaml': `type: easyanimate
train:
  dataset_path: {dataset_meta_name: data/d.jsonl}
  saving_config: {output_dir: out}
  training_config: {sample_size: large, mixed_precision: fp8, batch_size_per_gpu: 0, num_train_epochs: 1, seed: 1}
`,
    },
  ],
  [
    'a config of a component that is not given',
    'execution_job_configs:\n  - hook: ProcessDataHook\n',
    [
      'sandbox.yaml:2:5 execution_job_configs[0].dj_configs: dj_configs is needed by process.data-juicer: "dataset_path" is missing; expected a string',
    ],
  ],
];

const files: Case[] = [
  [
    'a config file that is not there',
    job().replace(/\{dataset.*\}/, 'recipe.yaml'),
    [
      'sandbox.yaml:5:17 execution_job_configs[0].dj_configs: there is no file recipe.yaml and no job before this one makes it; relative paths start at /base',
    ],
  ],
  [
    'a config file of another kind',
    job().replace(/\{dataset.*\}/, 'recipe.txt'),
    [
      'sandbox.yaml:5:17 execution_job_configs[0].dj_configs: expected the path of a .yaml, .yml or .json file, got "recipe.txt"',
    ],
  ],
  [
    'a config that is a number',
    job().replace(/\{dataset.*\}/, '3'),
    [
      'sandbox.yaml:5:17 execution_job_configs[0].dj_configs: expected a map, the path of a YAML or JSON file, or null, got 3',
    ],
  ],
  [
    'every error of every file at once',
    `resume: 1
probe_job_configs:
  - hook: ProbeViaAnalyzerHook
    dj_configs: broken.yaml
execution_job_configs:
  - hook: TrainModelHook
    extra_configs: hostile.json
  - hook: ProcesDataHook
`,
    [
      'sandbox.yaml:1:9 resume: expected true or false, got 1',
      `sandbox.yaml:8:11 execution_job_configs[1].hook: unknown hook "ProcesDataHook"; did you mean "ProcessDataHook"? (known: ${HOOKS})`,
      'broken.yaml:2:1 a: this key is given twice; keep one',
      'hostile.json:1:2: "__proto__" cannot be a key; name it otherwise',
    ],
    { 'broken.yaml': 'a: 1\na: 2\n', 'hostile.json': '{"__proto__": {}}' },
  ],
  [
    'a missing dataset',
    job('', 'dataset_path: data/e.jsonl, process: []'),
    [
      'sandbox.yaml:5:32 execution_job_configs[0].dj_configs.dataset_path: data/e.jsonl is not there, and no job before this one makes it; relative paths start at /base',
    ],
  ],
  [
    'a dataset that a later job makes',
    `execution_job_configs:
  - hook: ProcessDataHook
    dj_configs: {dataset_path: out/a.jsonl, process: []}
  - hook: ProcessDataHook
    dj_configs: {dataset_path: data/d.jsonl, export_path: out/a.jsonl, process: []}
`,
    [
      'sandbox.yaml:3:32 execution_job_configs[0].dj_configs.dataset_path: out/a.jsonl is not there yet: anonymous.2-process.data-juicer makes it, but runs later; put it before anonymous.1-process.data-juicer',
    ],
  ],
  [
    'a dataset that an earlier job makes elsewhere',
    `execution_job_configs:
  - hook: ProcessDataHook
    dj_configs: {dataset_path: data/d.jsonl, export_path: out/a.jsonl, process: []}
  - hook: ProcessDataHook
    dj_configs: {dataset_path: output/a.jsonl, process: []}
`,
    [
      'sandbox.yaml:5:32 execution_job_configs[1].dj_configs.dataset_path: output/a.jsonl is not there; did you mean /base/out/a.jsonl, which anonymous.1-process.data-juicer makes?',
    ],
  ],
  [
    'a folder of videos that is a file',
    `evaluation_job_configs:
  - hook: EvaluateDataHook
    extra_configs: {type: vbench_video_evaluator, full_json_dir: prompts.json, videos_path: prompts.json, output_path: o, dimension_list: [a]}
`,
    [
      'sandbox.yaml:3:93 evaluation_job_configs[0].extra_configs.videos_path: prompts.json is a file; expected a folder',
    ],
  ],
  [
    'a placeholder that nothing fills',
    job('', 'dataset_path: <your data>, process: []'),
    [
      'sandbox.yaml:5:32 execution_job_configs[0].dj_configs.dataset_path: nothing fills in <your data>; write the value here, or add `input: {dj_configs.dataset_path: <context key>}`',
    ],
  ],
  [
    'a config that is a placeholder that nothing fills',
    job().replace(/\{dataset.*\}/, "'<auto>'"),
    [
      'sandbox.yaml:5:17 execution_job_configs[0].dj_configs: nothing fills in <auto>; give a path or a map, or add `input: {dj_configs: <context key>}`',
    ],
  ],
  [
    'a job in a file that is not there',
    'execution_job_configs:\n  - jobs/a.yaml\n',
    [
      'sandbox.yaml:2:5 execution_job_configs[0]: there is no file jobs/a.yaml; a job is a map (`hook: …`) or the path of a file that holds one',
    ],
  ],
];

const inputs: Case[] = [
  [
    'an input of no config',
    job('    input: {dj_config.np: -1.x}\n'),
    [
      'sandbox.yaml:6:13 execution_job_configs[0].input.dj_config.np: a config key begins with dj_configs or extra_configs; did you mean "dj_configs"?',
    ],
  ],
  [
    'an input of the first job',
    job('    input: {dj_configs.dataset_path: -1.x}\n'),
    [
      'sandbox.yaml:6:38 execution_job_configs[0].input.dj_configs.dataset_path: "-1.x": no job before this one has results; name one as <pipeline>.<meta_name>.<output>, or move this job',
    ],
  ],
  [
    'an input that names no result',
    probe(job('    input: {dj_configs.dataset_path: anonymous.lok.res_0}\n')),
    [
      'sandbox.yaml:10:38 execution_job_configs[0].input.dj_configs.dataset_path: "anonymous.lok.res_0": names no result; did you mean "anonymous.look.res_0"?',
    ],
  ],
  [
    'an input without its pipeline',
    probe(job('    input: {dj_configs.dataset_path: look.res_0}\n')),
    [
      'sandbox.yaml:10:38 execution_job_configs[0].input.dj_configs.dataset_path: "look.res_0": names no result; did you mean "anonymous.look.res_0"?',
    ],
  ],
  [
    'an input with no output of that name',
    probe(job('    input: {dj_configs.dataset_path: anonymous.look.path}\n')),
    [
      'sandbox.yaml:10:38 execution_job_configs[0].input.dj_configs.dataset_path: "anonymous.look.path": anonymous.1-look has no result "path"; known: res_0',
    ],
  ],
  [
    'an input of a later job',
    `${job('    input: {dj_configs.dataset_path: anonymous.q.x}\n')}  - hook: ProcessDataHook
    meta_name: q
    output: x
    dj_configs: {dataset_path: data/d.jsonl, process: []}
`,
    [
      'sandbox.yaml:6:38 execution_job_configs[0].input.dj_configs.dataset_path: "anonymous.q.x": anonymous.q runs later; a job takes results of jobs before it',
    ],
  ],
  [
    '-1 without an output',
    probe(job('    input: {dj_configs.dataset_path: "-1"}\n')),
    ['sandbox.yaml:10:38 execution_job_configs[0].input.dj_configs.dataset_path: "-1": name the result: -1.<output>'],
  ],
  [
    '-1 where an older job was meant',
    `${probe(job())}  - hook: ProcessDataHook
    input: {dj_configs.dataset_path: -1.done}
    dj_configs: {process: []}
  - hook: ProcessDataHook
    input: {dj_configs.dataset_path: -1.done}
    dj_configs: {process: []}
`,
    [
      'sandbox.yaml:14:38 execution_job_configs[2].input.dj_configs.dataset_path: "-1.done": the job before, anonymous.3-process.data-juicer, has no result "done"; did you mean "anonymous.p.done"?',
    ],
  ],
  [
    'something inside a path',
    probe(job('    input: {dj_configs.dataset_path: -1.res_0.mean}\n')),
    [
      'sandbox.yaml:10:38 execution_job_configs[0].input.dj_configs.dataset_path: res_0 of anonymous.1-look is a path, so that there is no "mean" in it; end the key at the output',
    ],
  ],
  [
    'a whole config from what is no recipe',
    probe(job('    input: {dj_configs: -1.res_0}\n').replace(/ {4}dj_configs: \{data.*\n/, '')),
    [
      'sandbox.yaml:9:25 execution_job_configs[0].input.dj_configs: -1.res_0 is no recipe, so that nothing is known of dj_configs; take the result of a refine job, or give the config as a map',
    ],
  ],
  [
    'a local value through a word',
    job('    local: {dj_configs.dataset_path.x: 1}\n'),
    [
      'sandbox.yaml:6:40 execution_job_configs[0].local.dj_configs.dataset_path.x: cannot set dj_configs.dataset_path.x: "dj_configs.dataset_path" is "data/d.jsonl", not a map',
    ],
  ],
  [
    'a local __proto__',
    job('    local: {dj_configs.__proto__.x: 1}\n'),
    [
      'sandbox.yaml:6:37 execution_job_configs[0].local.dj_configs.__proto__.x: cannot set dj_configs.__proto__.x: "__proto__" cannot be a key',
    ],
  ],
];

const recipes: Case[] = [
  [
    'an unknown recipe key',
    recipe('        - random_selector:\n', '      npp: 2\n'),
    ['sandbox.yaml:5:7 execution_job_configs[0].dj_configs.npp: unknown recipe key; did you mean "np"?'],
  ],
  [
    'an unknown op',
    recipe('        - text_lenght_filter:\n            min_len: 1\n'),
    [
      'sandbox.yaml:6:11 execution_job_configs[0].dj_configs.process[0].text_lenght_filter: Data-Juicer 1.6.1 has no op of this name; did you mean "text_length_filter"?',
    ],
  ],
  [
    'an unknown op argument',
    recipe('        - text_length_filter:\n            min_length: 1\n'),
    [
      'sandbox.yaml:7:13 execution_job_configs[0].dj_configs.process[0].text_length_filter.min_length: text_length_filter has no argument of this name; did you mean "min_len"?',
    ],
  ],
  [
    'a float for a whole number',
    recipe('        - text_length_filter:\n            min_len: 1.5\n'),
    [
      'sandbox.yaml:7:22 execution_job_configs[0].dj_configs.process[0].text_length_filter.min_len: expected a whole number, got 1.5',
    ],
  ],
  [
    'a flag for a number',
    recipe('        - alphanumeric_filter: {min_ratio: yes}\n'),
    [
      'sandbox.yaml:6:44 execution_job_configs[0].dj_configs.process[0].alphanumeric_filter.min_ratio: expected a number, got true',
    ],
  ],
  [
    'a value out of bounds',
    recipe(
      '        - text_pair_similarity_filter: {min_score: -1, max_score: 2}\n        - video_motion_score_filter: {max_size: 0}\n',
    ),
    [
      'sandbox.yaml:6:52 execution_job_configs[0].dj_configs.process[0].text_pair_similarity_filter.min_score: expected at least 0, got -1',
      'sandbox.yaml:6:67 execution_job_configs[0].dj_configs.process[0].text_pair_similarity_filter.max_score: expected at most 1, got 2',
      'sandbox.yaml:7:49 execution_job_configs[0].dj_configs.process[1].video_motion_score_filter.max_size: expected more than 0, got 0',
    ],
  ],
  [
    'an op that needs an argument',
    recipe('        - llm_extract_mapper:\n'),
    [
      'sandbox.yaml:6:11 execution_job_configs[0].dj_configs.process[0].llm_extract_mapper: argument "input_keys" is missing; llm_extract_mapper needs it',
    ],
  ],
  [
    'two ops in one item',
    recipe('        - random_selector:\n          alphanumeric_filter:\n'),
    [
      'sandbox.yaml:6:11 execution_job_configs[0].dj_configs.process[0]: expected one op, written `- op_name: {arguments}`',
    ],
  ],
  [
    'arguments not indented',
    recipe('        - text_length_filter:\n          min_len: 1\n'),
    [
      'sandbox.yaml:6:11 execution_job_configs[0].dj_configs.process[0]: expected one op, written `- op_name: {arguments}`',
    ],
  ],
];

const iterations: Case[] = [
  [
    'no limit and no target',
    `max_iter_num: 0\n${job('    cache: false\n')}`,
    [
      'sandbox.yaml:1:15 max_iter_num: no limit (0) needs iter_targets, else it would never end; give targets, or a number of iterations',
    ],
  ],
  [
    'a negative number of iterations',
    `max_iter_num: -2\n${job()}`,
    ['sandbox.yaml:1:15 max_iter_num: expected a whole number, 0 for no limit, got -2'],
  ],
  [
    'targets that are none',
    `iter_targets:
  - anonymous.p.done
  - anonymous.p.done >= high
  - __import__('os').system('id') > 1
  - anonymous.p.dome > 1
  - anonymous.p.done > 1
${job()}`,
    [
      'sandbox.yaml:2:5 iter_targets[0]: "anonymous.p.done" is no target: expected "<pipeline>.<meta_name>.<output> <op> <number>", where the op is one of == >= <= > <',
      'sandbox.yaml:3:5 iter_targets[1]: "anonymous.p.done >= high" is no target: expected a number after >=, got "high"',
      "sandbox.yaml:4:5 iter_targets[2]: \"__import__('os').system('id')\": names no result; known: anonymous.p.done",
      'sandbox.yaml:5:5 iter_targets[3]: "anonymous.p.dome": anonymous.1-p has no result "dome"; did you mean "done"?',
      'sandbox.yaml:6:5 iter_targets[4]: "anonymous.p.done" is a path, which no number can be compared with; name a score',
    ],
  ],
  [
    'an updater from and to nothing',
    `max_iter_num: 2
iter_updater:
  anonymous.p.dne: anonymous.q.dj_configs.dataset_path
${job()}`,
    [
      'sandbox.yaml:3:20 iter_updater.anonymous.p.dne: "anonymous.p.dne": anonymous.1-p has no result "dne"; did you mean "done"?',
      'sandbox.yaml:3:20 iter_updater.anonymous.p.dne: "anonymous.q.dj_configs.dataset_path": no job has meta_name "anonymous.q"; did you mean "anonymous.p"?',
    ],
  ],
];

describe.each([
  ['the outer form', outer],
  ['jobs', jobs],
  ['files and paths', files],
  ['inputs and local values', inputs],
  ['recipes', recipes],
  ['iterations', iterations],
] as [string, Case[]][])('errors in %s say where, what, and what would be right:', (_, cases) => {
  it.each(cases)('%s', (_what, config, expected, texts = {}) => {
    expect(saidOf(config, texts)).toEqual(expected);
  });
});

describe('the config itself', () => {
  const said = (path: string, texts: Texts = {}) => {
    const result = compile({ config: path, baseDir: BASE }, REGISTRY, filesOf(texts), CATALOGUE);
    return result.ok ? [] : result.diagnostics.map(formatDiagnostic);
  };
  it('is not there', () => {
    expect(said('/base/no.yaml')).toEqual([
      'no.yaml: there is no such file; give the path of a sandbox config (YAML or JSON)',
    ]);
    expect(said('/elsewhere/no.yaml')).toEqual([
      '/elsewhere/no.yaml: there is no such file; give the path of a sandbox config (YAML or JSON)',
    ]);
  });
  it('is a folder', () => {
    expect(said('/base/configs', { 'configs/a.yaml': '' })).toEqual([
      'configs: this is a folder; give the path of a sandbox config (YAML or JSON)',
    ]);
  });
});
