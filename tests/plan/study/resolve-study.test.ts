import { describe, expect, it } from 'vitest';
import { formatDiagnostic } from '../../../plan/diagnostic.ts';
import { resolveStudy, type StudyRequest } from '../../../plan/study/resolve-study.ts';
import { CATALOGUE } from '../catalogue.ts';
import { BASE, DATA, filesOf, type Texts } from '../compiled.ts';
import { REGISTRY } from '../registry.ts';
import { TEXT_FILES } from '../shapes.ts';

const CONFIG = `
project_name: look
work_dir: ./out/work
execution_job_configs:
  - hook: TrainModelHook
    meta_name: train
    extra_configs: trainers/gpt.json
evaluation_job_configs:
  - hook: EvaluateDataHook
    meta_name: score
    extra_configs: scorers/quality.yaml
`;
const RECIPE = `
dataset_path: data/d.jsonl
process:
  - random_selector: {select_num: 5}
  - text_length_filter: {min_len: 1}
  - alphanumeric_filter: {}
`;
const KEYS: Record<string, string> = {
  recipe: 'recipe.yaml',
  dataset: 'train.extra_configs.train_dataset',
  seed: 'train.extra_configs.train.seed',
  metric: '{name: score.mean_score, goal: maximize}',
};

/** A study file with other keys; null: without that key. */
function studyFile(more: Record<string, string | null> = {}): string {
  const lines = Object.entries({ ...KEYS, ...more }).filter(([, value]) => value !== null);
  return lines.map(([key, value]) => `${key}: ${value}\n`).join('');
}

function resolved(file: string, request: Partial<StudyRequest> = {}, recipe = RECIPE, config = CONFIG) {
  const made = { 'out/cleaned.jsonl': '' };
  const texts: Texts = {
    ...DATA,
    ...made,
    ...TEXT_FILES,
    'sandbox.yaml': config,
    'recipe.yaml': recipe,
    'study.yaml': file,
  };
  return resolveStudy(
    { config: `${BASE}/sandbox.yaml`, study: 'study.yaml', baseDir: BASE, ...request },
    { registry: REGISTRY, files: filesOf(texts), catalogue: CATALOGUE },
  );
}

function right(...args: Parameters<typeof resolved>) {
  const result = resolved(...args);
  if (!result.ok) throw new Error(result.diagnostics.map(formatDiagnostic).join('\n'));
  return result.spec;
}

function errorsOf(...args: Parameters<typeof resolved>): string[] {
  const result = resolved(...args);
  return result.ok ? [] : result.diagnostics.filter(({ severity }) => severity === 'error').map(formatDiagnostic);
}

describe('a study file', () => {
  it('says the least, and the rest is filled in', () => {
    expect(right(studyFile())).toEqual({
      name: null,
      description: null,
      recipe: {
        path: `${BASE}/recipe.yaml`,
        analysis: {
          dataset_path: `${BASE}/data/d.jsonl`,
          process: [{ text_length_filter: { min_len: 1 } }, { alphanumeric_filter: {} }],
        },
      },
      ops: [
        { op: 'text_length_filter', index: 1, stats: ['text_len'] },
        { op: 'alphanumeric_filter', index: 2, stats: ['alpha_token_ratio', 'alnum_ratio'] },
      ],
      dataset: 'train.extra_configs.train_dataset',
      seed: 'train.extra_configs.train.seed',
      seeds: [1, 2, 3],
      metric: { name: 'score.mean_score', goal: 'maximize' },
      splitRatios: null,
      samples: null,
      minSamples: null,
      sampleSeed: 42,
      combine: 3,
      repeat: [2, 4, 8],
      test: 'pooled',
      alpha: 0.05,
      concurrency: 4,
      exportRecipe: null,
    });
  });

  it('names ops, seeds and sizes of its own; what comes with the input wins', () => {
    const file = studyFile({
      ops: '[alphanumeric_filter]',
      seeds: '[7, 9]',
      combine: '1',
      repeat: '[]',
      concurrency: '2',
    });
    expect(right(file)).toMatchObject({
      ops: [{ op: 'alphanumeric_filter' }],
      seeds: [7, 9],
      combine: 1,
      repeat: [],
      concurrency: 2,
    });
    expect(right(file, { ops: ['text_length_filter'], concurrency: 9 })).toMatchObject({
      ops: [{ op: 'text_length_filter' }],
      concurrency: 9,
    });
  });

  it('may be handed over as data', () => {
    const study = { ...KEYS, metric: { name: 'score.mean_score', goal: 'maximize' } };
    expect(right('', { study })).toEqual(right(studyFile()));
  });

  it.each<[string, Record<string, string | null>, string]>([
    ['a key that is unknown', { opps: '[x]' }, 'study.yaml:5:1 opps: unknown key; did you mean "ops"?'],
    ['a key that is missing', { metric: null }, '"metric" is missing; expected a map'],
    ['a wrong type', { combine: '"two"' }, 'study.yaml:5:10 combine: expected a number, got "two"'],
    ['no seeds', { seeds: '[]' }, 'must hold a seed: without one nothing is tried, got []'],
    ['a seed twice', { seeds: '[1, 1]' }, 'seeds: holds a seed twice'],
    [
      'several seeds and no key for them',
      { seed: null },
      '"seed" is missing: 3 seeds need a key of the config that takes them',
    ],
    [
      'an op that the recipe has not',
      { ops: '[text_lenght_filter]' },
      'study.yaml:5:7 ops[0]: recipe.yaml has no op "text_lenght_filter"; did you mean "text_length_filter"?',
    ],
    [
      'an op without stats',
      { ops: '[random_selector]' },
      'random_selector writes no stats, so that nothing can be split by it; ops of recipe.yaml that do: text_length_filter, alphanumeric_filter',
    ],
    ['no ops', { ops: '[]' }, 'must name an op, or be left out for all ops, got []'],
    [
      'more combined than there are',
      { combine: '4' },
      '4 operators are to be combined, and there are 3 (text_length_filter, alphanumeric_filter); give at most so many',
    ],
    [
      'a recipe that is not there',
      { recipe: 'nothing.yaml' },
      'study.yaml:1:9 recipe: there is no file nothing.yaml; give the path of a Data-Juicer recipe',
    ],
    [
      'a dataset key of no job',
      { dataset: 'trian.extra_configs.train_dataset' },
      'study.yaml:2:10 dataset: trian.extra_configs.train_dataset: no job has meta_name "trian"; did you mean "train"?',
    ],
    [
      'a dataset key that nothing reads',
      { dataset: 'train.extra_configs.train.notes' },
      'no job reads a dataset that is set at train.extra_configs.train.notes',
    ],
    [
      'a metric of no job',
      { metric: '{name: scroe.x, goal: maximize}' },
      'no job of the config has such a meta_name; expected <meta_name>.<metric>, where meta_name is one of train, score',
    ],
    [
      'a goal that is none',
      { metric: '{name: score.x, goal: most}' },
      'metric.goal: expected one of "minimize", "maximize", got "most"',
    ],
    ['three ratios', { split_ratios: '[0.2, 0.4, 0.6]' }, 'must hold two ratios'],
    [
      'ratios that do not grow',
      { split_ratios: '[0.6, 0.4]' },
      'study.yaml:5:15 split_ratios: 0.4 is not above 0.6: split ratios must grow',
    ],
    ['alpha out of range', { alpha: '1' }, 'alpha: expected less than 1, got 1'],
    [
      'a size above the samples',
      { samples: '10', min_samples: '20' },
      'min_samples: expected at most the 10 of samples, got 20',
    ],
    ['a repetition that is none', { repeat: '[1]' }, 'expected at least 2, got 1'],
    [
      'a recipe that cannot be written there',
      { export_recipe: 'out.txt' },
      'must end in .yaml, .yml or .json, got "out.txt"',
    ],
  ])('with %s is refused, and says what would be right', (_, more, expected) => {
    const errors = errorsOf(studyFile(more));
    expect(errors.join('\n')).toContain(expected);
    expect(errors).toHaveLength(1);
  });

  it('tells everything that is wrong at once, in the study, the recipe and the config', () => {
    const errors = errorsOf(
      studyFile({ ops: '[a, text_length_filter]' }),
      {},
      RECIPE.replace('min_len', 'min_length'),
      CONFIG.replace('EvaluateDataHook', 'EvaluateDateHook'),
    );
    expect(errors.join('\n')).toMatch(/recipe\.yaml:5:.*min_length/);
    expect(errors.join('\n')).toMatch(/sandbox\.yaml:.*EvaluateDateHook/);
  });

  it.each([
    [
      'is not there',
      { study: 'other.yaml' },
      'other.yaml: there is no such file; give the path of a study file (YAML or JSON)',
    ],
    ['is a folder', { study: 'data' }, 'data: this is a folder; give the path of a study file (YAML or JSON)'],
    [
      'has its seed set from outside too',
      { set: { 'train.extra_configs.train.seed': 1 } },
      'train.extra_configs.train.seed is set from outside too',
    ],
    [
      'gets an op that the recipe has not',
      { ops: ['x_filter'] },
      'input ops[0]: recipe.yaml has no op "x_filter"; known: text_length_filter, alphanumeric_filter',
    ],
  ] as [string, Partial<StudyRequest>, string][])('that %s is refused', (_, request, expected) => {
    expect(errorsOf(studyFile(), request).join('\n')).toContain(expected);
  });

  it('of a recipe without dataset, or without any stats, is refused', () => {
    expect(errorsOf(studyFile(), {}, RECIPE.replace('dataset_path: data/d.jsonl', ''))).toEqual([
      expect.stringContaining('"dataset_path" is missing; a study splits the dataset of its recipe'),
    ]);
    expect(
      errorsOf(studyFile(), {}, 'dataset_path: data/d.jsonl\nprocess: [random_selector: {}]\n').join('\n'),
    ).toContain('no op of recipe.yaml writes stats, so that nothing can be split by them; give it filters');
    expect(errorsOf(studyFile(), {}, RECIPE.replace('d.jsonl', 'nothing.jsonl')).join('\n')).toContain(
      'nothing.jsonl is not there',
    );
  });

  it('with more trials than a study can have is refused', () => {
    const more = [
      'language_id_score',
      'text_pair_similarity',
      'image_size',
      'video_aspect_ratio',
      'video_motion_score',
    ];
    const recipe = RECIPE + more.map(name => `  - ${name}_filter: {}\n`).join('');
    const repeat = `[${Array.from({ length: 16 }, (_, i) => i + 2).join(', ')}]`;
    expect(errorsOf(studyFile({ seeds: '96', repeat }), {}, recipe)).toEqual([]);
    expect(errorsOf(studyFile({ seeds: '97', repeat }), {}, recipe)).toEqual([
      'study.yaml:5:8 seeds: these are up to 5044 trials, a study can have 5000: take fewer seeds, ops or combinations',
    ]);
  });
});
