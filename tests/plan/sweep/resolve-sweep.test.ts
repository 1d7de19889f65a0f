import { describe, expect, it } from 'vitest';
import { formatDiagnostic } from '../../../plan/diagnostic.ts';
import { resolveSweep, type SweepRequest, type SweepResolved } from '../../../plan/sweep/resolve-sweep.ts';
import { CATALOGUE } from '../catalogue.ts';
import { BASE, DATA, filesOf, type Texts } from '../compiled.ts';
import { REGISTRY } from '../registry.ts';
import { BY_INPUTS, TEXT_FILES } from '../shapes.ts';

const CONFIG = `hpo_config: sweep.yaml\n${BY_INPUTS}`;
const head = (more = '') => `method: random
metric: {name: score.mean_score, goal: maximize}
run_cap: 10
${more}parameters:
`;

function resolved(sweep: string | null, request: Partial<SweepRequest> = {}, config = CONFIG): SweepResolved {
  const texts: Texts = {
    ...DATA,
    ...TEXT_FILES,
    'sandbox.yaml': config,
    ...(sweep !== null && { 'sweep.yaml': sweep }),
  };
  return resolveSweep(
    { config: `${BASE}/sandbox.yaml`, baseDir: BASE, absent: 'warning', ...request },
    { registry: REGISTRY, files: filesOf(texts), catalogue: CATALOGUE },
  );
}
function right(...args: Parameters<typeof resolved>) {
  const result = resolved(...args);
  if (!result.ok) throw new Error(result.diagnostics.map(formatDiagnostic).join('\n'));
  return result;
}
function errorsOf(...args: Parameters<typeof resolved>): string[] {
  const result = resolved(...args);
  return result.ok ? [] : result.diagnostics.filter(({ severity }) => severity === 'error').map(formatDiagnostic);
}

describe('a sweep', () => {
  it('is that of the config’s hpo_config, relative to where paths start, or one that is given', () => {
    const file = `${head()}  text_length_filter.min_len: {values: [1, 2]}\n`;
    expect(right(file).spec.space).toHaveLength(1);
    const given = {
      method: 'grid',
      metric: { name: 'a.b', goal: 'minimize' },
      parameters: { 'clean.dj_configs.np': { values: [1] } },
    };
    expect(right(file, { sweep: given }).spec.sampler).toBe('grid');
    expect(right(file, { sweep: 'sweep.yaml' }, BY_INPUTS).spec.sampler).toBe('random');
    expect(right(file, { set: { hpo_config: 'sweep.yaml' } }, BY_INPUTS).spec.sampler).toBe('random');
  });

  it('takes concurrency and seed from outside over the file’s', () => {
    const file = `${head('seed: 5\nconcurrency: 2\n')}  text_length_filter.min_len: {values: [1, 2]}\n`;
    expect(right(file, { seed: 8 }).spec).toMatchObject({ seed: 8, concurrency: 2 });
    expect(errorsOf(file, { concurrency: 0, seed: 1.5 })).toEqual([
      'input concurrency: expected a whole number from 1 to 500, got 0',
      'input seed: expected a whole number from 0 to 4294967295, got 1.5',
    ]);
  });

  it('without a file says where one is named', () => {
    expect(errorsOf(null)).toEqual([
      'sandbox.yaml:1:13 hpo_config: there is no file sweep.yaml; give the path of a sweep file (YAML or JSON)',
    ]);
    expect(errorsOf(null, {}, BY_INPUTS)).toEqual([
      'sandbox.yaml hpo_config: there is no sweep file; name one by `hpo_config: <path>` in the config, or give one beside it',
    ]);
    expect(errorsOf(null, { sweep: 'other.yaml' }, BY_INPUTS)).toEqual([
      'other.yaml: there is no file other.yaml; give the path of a sweep file (YAML or JSON)',
    ]);
    expect(errorsOf(null, { sweep: 'recipes' }, BY_INPUTS)).toEqual([
      'recipes: recipes is a folder; give the path of a sweep file (YAML or JSON)',
    ]);
  });

  it('tells errors of the config and of its own file at once', () => {
    const said = errorsOf(
      `${head()}  text_length_filter.min_len: {min: 9, max: 1}\n`,
      {},
      `${CONFIG}\nmax_iter_nm: 3\n`,
    );
    expect(said).toEqual([
      'sweep.yaml:5:37 parameters.text_length_filter.min_len.min: min 9 is above max 1; swap them',
      expect.stringMatching(/^sandbox\.yaml:\d+:1 max_iter_nm: unknown key; did you mean "max_iter_num"\?/),
    ]);
  });

  it('may give what the config alone lacks', () => {
    const config = CONFIG.replace('extra_configs: trainers/gpt.json', 'extra_configs: trainers/short.json');
    const file = `${head()}  train.extra_configs.model_name: {value: someone/small-gpt}\n`;
    expect(resolved(file, {}, config).ok).toBe(false);
    expect(right(`${head()}  text_length_filter.max_len: {values: [3, 4]}\n`).notes.join()).not.toContain('hpo_config');
  });

  it('has no parameter that is set from outside', () => {
    const file = `${head()}  text_length_filter.min_len: {values: [1, 2]}\n`;
    expect(errorsOf(file, { set: { 'text_length_filter.min_len': 3 } })).toEqual([
      'sweep.yaml:5:3 parameters.text_length_filter.min_len: text_length_filter.min_len is set from outside too, for all trials; leave one out',
    ]);
  });
});

describe('a parameter is tried before any trial:', () => {
  it.each([
    [
      'a name that is in no config',
      'text_len_filter.min_len: {values: [1, 2]}',
      [
        '5:3 parameters.text_len_filter.min_len: no recipe of this config has op "text_len_filter"; did you mean "text_length_filter"?',
      ],
    ],
    [
      'an argument that the op does not have',
      'text_length_filter.min_length: {min: 1, max: 5}',
      [
        '5:3 parameters.text_length_filter.min_length: text_length_filter has no argument of this name; did you mean "min_len"?',
      ],
    ],
    [
      'a value of the wrong type among right ones',
      'text_length_filter.min_len: {values: [1, two, 3, four]}',
      [
        '5:44 parameters.text_length_filter.min_len.values[1]: expected a whole number, got "two"',
        '5:52 parameters.text_length_filter.min_len.values[3]: expected a whole number, got "four"',
      ],
    ],
    [
      'a constant of the wrong type',
      'text_length_filter.min_len: {value: two}',
      ['5:39 parameters.text_length_filter.min_len.value: expected a whole number, got "two"'],
    ],
    [
      'fractions for a whole number, though both ends are whole',
      'text_length_filter.min_len: {min: 0.0, max: 100.0}',
      [
        '5:31 parameters.text_length_filter.min_len: expected a whole number, got 37.5; use int_uniform, or q_uniform with a whole q, so that only whole numbers are tried',
      ],
    ],
    [
      'a line that leaves what the key takes',
      'before.extra_configs.k: {min: -1.0, max: 3.0}',
      ['5:27 parameters.before.extra_configs.k: expected more than 0, got -1'],
    ],
    [
      'a global key of the wrong type',
      'max_iter_num: {values: [1, x]}',
      ['5:30 parameters.max_iter_num.values[1]: expected a whole number, 0 for no limit, got "x"'],
    ],
    [
      'a nested name',
      'clean.dj_configs: {parameters: {nq: {values: [1]}, np: {values: [2, 3]}}}',
      ['5:35 parameters.clean.dj_configs.parameters.nq: unknown recipe key; did you mean "np"?'],
    ],
  ])('%s', (_title, line, messages) => {
    expect(errorsOf(`${head()}  ${line}\n`)).toEqual(messages.map(message => `sweep.yaml:${message}`));
  });

  it('what fits is no error: whole steps for a whole number, a path into a job, a global key', () => {
    const file = `${head()}  text_length_filter.min_len: {distribution: q_log_uniform_values, min: 256, max: 8192}
  text_length_filter.max_len: {distribution: q_normal, mu: 9000, sigma: 10}
  before.extra_configs.k: {distribution: log_normal}
  train.extra_configs.train:
    parameters:
      max_epochs: {values: [1, 2]}
  max_iter_num: {value: 1}
`;
    expect(right(file).spec.space.map(({ name }) => name)).toEqual([
      'text_length_filter.min_len',
      'text_length_filter.max_len',
      'before.extra_configs.k',
      'train.extra_configs.train.max_epochs',
      'max_iter_num',
    ]);
  });
});

describe('early termination of a sweep', () => {
  const early = (more: string) =>
    `${head(`early_terminate: ${more}\n`)}  text_length_filter.min_len: {values: [1, 2]}\n`;

  it('needs a metric of a training’s log: the sweep’s own or one of its own', () => {
    expect(errorsOf(early('{type: asha, R: 9}'))).toEqual([
      expect.stringMatching(
        /^sweep\.yaml:4:18 early_terminate\.metric: metric score\.mean_score: .* tells nothing step by step: .*; give early_terminate a `metric: \{name: loss, goal: minimize\}` of its own$/,
      ),
    ]);
  });

  it('in a config without a training is refused', () => {
    const config = CONFIG.replace(/ {2}- hook: TrainModelHook[\s\S]*?trainers\/gpt\.json\n/, '');
    expect(errorsOf(early('{type: median, every: 3, metric: {name: loss, goal: minimize}}'), {}, config)).toEqual([
      'sweep.yaml:4:51 early_terminate.metric: metric loss: the config has no job with hook TrainModelHook',
    ]);
  });
});
