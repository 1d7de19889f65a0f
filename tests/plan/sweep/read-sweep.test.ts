import { describe, expect, it } from 'vitest';
import { formatDiagnostic } from '../../../plan/diagnostic.ts';
import { inlineSource } from '../../../plan/inline-source.ts';
import type { JsonObject } from '../../../plan/plan.ts';
import { parseSource } from '../../../plan/source.ts';
import { readSweep } from '../../../plan/sweep/read-sweep.ts';
import type { SweepSpec } from '../../../plan/sweep/types.ts';

const HEAD = `method: random
metric: {name: score.mean_score, goal: maximize}
run_cap: 10
`;
const SPACE = `parameters:
  text_length_filter.min_len: {values: [1, 2]}
`;

function specOf(text: string): SweepSpec {
  const { spec, reading } = readSweep(parseSource('sweep.yaml', text));
  if (spec === null) throw new Error(reading.problems.list.map(formatDiagnostic).join('\n'));
  return spec;
}
const saidOf = (text: string) => readSweep(parseSource('sweep.yaml', text)).reading.problems.list.map(formatDiagnostic);
const errorsOf = (text: string) =>
  saidOf(text).filter(line => !line.includes(' warning: ') && !line.includes(': warning: '));
const distribution = (lines: string) => specOf(`${HEAD}parameters:\n  p.x: ${lines}\n`).space[0]?.distribution;
const inParameters = (lines: string) => errorsOf(`${HEAD}parameters:\n${lines}\n`);

describe('a sweep file', () => {
  it('of W&B means what it means there, with our defaults for what it does not have', () => {
    const text = `program: train.py
command: [python, train.py]
project: mine
entity: us
name: first
description: a look
method: bayes
metric:
  name: score.mean_score
  goal: maximize
  target: 0.9
  impute: worst
  impute_while_running: "false"
run_cap: 50
early_terminate: {type: hyperband, max_iter: 27, s: 3}
parameters:
  train.extra_configs.train.training_config:
    parameters:
      learning_rate: {distribution: log_uniform_values, min: 1.0e-6, max: 1.0e-3}
      seed: {value: 7}
  text_length_filter.min_len: {min: 1, max: 100}
`;
    expect(specOf(text)).toEqual({
      name: 'first',
      description: 'a look',
      sampler: 'tpe',
      metrics: [{ name: 'score.mean_score', goal: 'maximize', target: 0.9, impute: 'worst' }],
      space: [
        {
          name: 'train.extra_configs.train.training_config.learning_rate',
          distribution: { kind: 'log_uniform_values', min: 1e-6, max: 1e-3 },
        },
        { name: 'train.extra_configs.train.training_config.seed', distribution: { kind: 'constant', value: 7 } },
        { name: 'text_length_filter.min_len', distribution: { kind: 'int_uniform', min: 1, max: 100 } },
      ],
      earlyTerminate: { type: 'hyperband', eta: 3, s: 3, minIter: null, maxIter: 27, strict: false, metric: null },
      budget: { runCap: 50, maxHours: null, patience: null, maxFailures: null },
      concurrency: 4,
      seed: 0,
      priority: 3,
      weight: 1,
    });
    expect(saidOf(text)).toEqual([
      'sweep.yaml:1:1 program: warning: this is ignored: what runs is a trial of the sandbox config',
      'sweep.yaml:2:1 command: warning: this is ignored: what runs is a trial of the sandbox config',
    ]);
  });

  it('of Data-Juicer has its own names for name and run_cap, and null is no limit', () => {
    const text = (keys: string) => `${keys}
method: bayes
metric: {name: quality_score, goal: maximize}
parameters:
  character_repetition_filter.rep_len: {values: [2, 4, 8, 16]}
  text_length_filter.min_len: {distribution: q_log_uniform_values, min: 256, max: 8192}
`;
    expect(specOf(text('sweep_name: hpo_for_data-juicer\nsweep_max_count: 3'))).toMatchObject({
      name: 'hpo_for_data-juicer',
      budget: { runCap: 3 },
      space: [
        { distribution: { kind: 'categorical', values: [2, 4, 8, 16] } },
        { distribution: { kind: 'q_log_uniform_values', min: 256, max: 8192, q: 1 } },
      ],
    });
    expect(specOf(text('sweep_max_count: null')).budget.runCap).toBeNull();
    expect(specOf(text('sweep_count: 3\nrun_cap: 3')).budget.runCap).toBe(3);
  });

  it('has keys of our own', () => {
    const keys = `run_cap: 100
max_hours: 1.5
patience: 9
max_failures: 3
concurrency: 16
seed: 4294967295
priority: 1
weight: 2.5
`;
    expect(specOf(`${HEAD.replace('run_cap: 10\n', '')}${keys}${SPACE}`)).toMatchObject({
      budget: { runCap: 100, maxHours: 1.5, patience: 9, maxFailures: 3 },
      concurrency: 16,
      seed: 2 ** 32 - 1,
      priority: 1,
      weight: 2.5,
    });
  });

  it.each([
    ['bayes', 'tpe'],
    ['tpe', 'tpe'],
    ['grid', 'grid'],
    ['cmaes', 'cmaes'],
    ['our.samplers:Best', 'our.samplers:Best'],
  ])('with method %s is sampled by %s', (method, sampler) =>
    expect(specOf(`${HEAD.replace('random', method)}${SPACE}`).sampler).toBe(sampler),
  );

  it('has several metrics only for samplers that look at several', () => {
    const text = (method: string) => `method: ${method}
metrics: [{name: a.x, goal: minimize}, {name: b.y, goal: maximize}]
run_cap: 3
${SPACE}`;
    expect(specOf(text('nsga2')).metrics.map(({ name }) => name)).toEqual(['a.x', 'b.y']);
    expect(specOf(text('own:Sampler')).metrics).toHaveLength(2);
    expect(errorsOf(text('bayes'))).toEqual([
      'sweep.yaml:2:10 metrics: tpe looks at one metric; take method nsga2, or give `metric`',
    ]);
  });

  it('given as data is read alike', () => {
    const value = {
      method: 'grid',
      metric: { name: 'a.b', goal: 'minimize' },
      parameters: { 'op.arg': { min: 0, max: 2 } },
    };
    expect(readSweep(inlineSource('sweep', value)).spec?.space[0]?.distribution.kind).toBe('int_uniform');
    const wrong = readSweep(inlineSource('sweep', { ...value, methd: 'x' } as JsonObject)).reading.problems.list;
    expect(wrong.map(formatDiagnostic)[0]).toMatch(/^sweep methd: unknown key; did you mean "method"\?/);
  });

  it.each([
    ['', 'sweep.yaml:1:1: this is empty; a config is a map of keys'],
    ['- a', 'sweep.yaml:1:1: this is a list; a config is a map of keys'],
    [`${HEAD}`, 'sweep.yaml:1:1: "parameters" is missing; give at least one, such as `<op>.<arg>: {values: [1, 2]}`'],
    [
      `${HEAD}parameters: {}`,
      'sweep.yaml:4:13 parameters: there are no parameters; give at least one, such as `<op>.<arg>: {values: [1, 2]}`',
    ],
    [
      SPACE,
      'sweep.yaml:1:1 method: "method" is missing; known: grid, random, tpe, gp, cmaes, qmc, nsga2, bayes, or module:Class of your own',
    ],
    [
      `method: randm\nmetric: {name: a, goal: minimize}\n${SPACE}`,
      'sweep.yaml:1:9 method: unknown method "randm"; did you mean "random"? (known: grid, random, tpe, gp, cmaes, qmc, nsga2, bayes), or module:Class of your own',
    ],
    [
      `${HEAD.replace('run_cap: 10', 'run_cap: 0')}${SPACE}`,
      'sweep.yaml:3:10 run_cap: expected a whole number of at least 1, or null for no limit, got 0',
    ],
    [
      `${HEAD}sweep_max_count: 7\n${SPACE}`,
      'sweep.yaml:4:1 sweep_max_count: this is run_cap under another name, which has another value; keep one',
    ],
    [`${HEAD}concurrency: 0\n${SPACE}`, 'sweep.yaml:4:14 concurrency: expected a whole number from 1 to 500, got 0'],
    [`${HEAD}seed: -1\n${SPACE}`, 'sweep.yaml:4:7 seed: expected a whole number from 0 to 4294967295, got -1'],
    [
      `${HEAD}priority: 9\n${SPACE}`,
      'sweep.yaml:4:11 priority: expected a whole number from 1 (served first) to 5, got 9',
    ],
    [
      `${HEAD}weight: 0\n${SPACE}`,
      'sweep.yaml:4:9 weight: expected a number from 0.001 to 1000: the share of a queue, got 0',
    ],
    [
      `${HEAD}max_hours: -1\n${SPACE}`,
      'sweep.yaml:4:12 max_hours: expected a number above 0, or null for no limit, got -1',
    ],
    [
      `method: random\nrun_cap: 3\n${SPACE}`,
      'sweep.yaml:1:1: "metric" is missing; give {name: <meta_name>.<key>, goal: minimize or maximize}',
    ],
    [
      `${HEAD.replace('maximize', 'maximise')}${SPACE}`,
      'sweep.yaml:2:40 metric.goal: expected "minimize" or "maximize", got "maximise"',
    ],
    [
      `method: random\nmetric: {goal: minimize}\nrun_cap: 3\n${SPACE}`,
      'sweep.yaml:2:9 metric: "name" is missing; expected a name such as "<meta_name>.<key>"',
    ],
    [
      `method: random\nmetric: score\nrun_cap: 3\n${SPACE}`,
      'sweep.yaml:2:9 metric: expected a map such as {name: <meta_name>.<key>, goal: maximize}, got "score"',
    ],
  ])('that is wrong says what and where: %j', (text, message) => expect(errorsOf(text)[0]).toBe(message));

  it('says everything that is wrong at once, an unknown key with the one that was meant', () => {
    const said = errorsOf(`metod: random
metric: {name: 3, gaol: minimize}
run_cap: many
parameters:
  a.b: {valeus: [1]}
  c.d: {min: 2, max: 1}
`);
    expect(said).toEqual([
      expect.stringMatching(/^sweep\.yaml:1:1 metod: unknown key; did you mean "method"\?/),
      'sweep.yaml:3:10 run_cap: expected a whole number of at least 1, or null for no limit, got "many"',
      expect.stringMatching(/^sweep\.yaml:1:1 method: "method" is missing; known: grid,/),
      expect.stringMatching(/^sweep\.yaml:5:8 parameters\.a\.b: expected `value`, `values`, /),
      'sweep.yaml:6:14 parameters.c.d.min: min 2 is above max 1; swap them',
      'sweep.yaml:2:16 metric.name: expected a name such as "<meta_name>.<key>", got 3',
      expect.stringMatching(/^sweep\.yaml:2:19 metric\.gaol: unknown key; did you mean "goal"\?/),
    ]);
  });

  it('without a goal minimizes, as in W&B, and says so; other words that are likely slips are warned of', () => {
    const text = `method: random\nmetric: {name: a.b, impute: best, impute_while_running: latest}\n${SPACE}`;
    expect(specOf(text).metrics).toEqual([{ name: 'a.b', goal: 'minimize', target: null, impute: null }]);
    expect(saidOf(text)).toEqual([
      expect.stringContaining('warning: "goal" is missing; minimize is taken, as W&B does'),
      expect.stringContaining('warning: "best" would draw the search to points that fail'),
      expect.stringContaining('warning: this has no effect: samplers know of running trials by themselves'),
      'sweep.yaml:1:1: warning: nothing ends this sweep by itself; give run_cap, max_hours, patience or metric.target',
    ]);
  });
});

describe('a parameter', () => {
  it.each<[string, unknown]>([
    ['{value: null}', { kind: 'constant', value: null }],
    ['{value: [1, 2], distribution: constant}', { kind: 'constant', value: [1, 2] }],
    ['{values: [a, 1, null]}', { kind: 'categorical', values: ['a', 1, null] }],
    ['{values: [a], distribution: categorical}', { kind: 'categorical', values: ['a'] }],
    [
      '{values: [a, b], probabilities: [0.2, 0.8]}',
      { kind: 'categorical_w_probabilities', values: ['a', 'b'], probabilities: [0.2, 0.8] },
    ],
    [
      '{values: [a, b], probabilities: [0.2, 0.8], distribution: categorical}',
      { kind: 'categorical_w_probabilities', values: ['a', 'b'], probabilities: [0.2, 0.8] },
    ],
    ['{min: 0, max: 3}', { kind: 'int_uniform', min: 0, max: 3 }],
    ['{min: 0.0, max: 1}', { kind: 'uniform', min: 0, max: 1 }],
    ['{min: 0, max: 1.0}', { kind: 'uniform', min: 0, max: 1 }],
    ['{min: 0, max: 1.5}', { kind: 'uniform', min: 0, max: 1.5 }],
    ['{min: 0, max: 1, distribution: uniform}', { kind: 'uniform', min: 0, max: 1 }],
    ['{min: 0, max: 9, distribution: q_uniform}', { kind: 'q_uniform', min: 0, max: 9, q: 1 }],
    ['{min: -5, max: 0, distribution: log_uniform}', { kind: 'log_uniform', min: -5, max: 0 }],
    ['{min: -5, max: 0, distribution: inv_log_uniform}', { kind: 'inv_log_uniform', min: -5, max: 0 }],
    ['{min: 1, max: 9, distribution: inv_log_uniform_values}', { kind: 'inv_log_uniform_values', min: 1, max: 9 }],
    ['{min: 0, max: 5, distribution: q_log_uniform}', { kind: 'q_log_uniform', min: 0, max: 5, q: 1 }],
    ['{distribution: normal}', { kind: 'normal', mu: 0, sigma: 1 }],
    ['{distribution: q_normal, mu: 2}', { kind: 'q_normal', mu: 2, sigma: 1, q: 1 }],
    ['{distribution: log_normal, sigma: 2}', { kind: 'log_normal', mu: 0, sigma: 2 }],
    ['{distribution: q_log_normal, q: 0.5}', { kind: 'q_log_normal', mu: 0, sigma: 1, q: 0.5 }],
    ['{distribution: beta, a: 2}', { kind: 'beta', a: 2, b: 1 }],
    ['{distribution: q_beta, b: 2, q: 0.1}', { kind: 'q_beta', a: 1, b: 2, q: 0.1 }],
  ])('%s', (lines, expected) => expect(distribution(lines)).toEqual(expected));

  it.each([
    ['{min: 5, max: 1}', '5:14 parameters.p.x.min: min 5 is above max 1; swap them'],
    ['{min: 5, max: 5}', '5:14 parameters.p.x.min: min and max are both 5; write `value: …` instead'],
    ['{min: 5}', '5:8 parameters.p.x: "max" is missing; int_uniform needs it: a whole number'],
    ['{min: a, max: 5}', '5:14 parameters.p.x.min: expected a number, got "a"'],
    ['{min: 1, max: 9, q: 2}', '5:25 parameters.p.x.q: int_uniform takes no "q"; `distribution: q_uniform` does'],
    [
      '{min: 1, max: 9, distribution: int_uniform, mean: 2}',
      '5:52 parameters.p.x.mean: int_uniform takes no "mean"; did you mean "min"?',
    ],
    ['{min: 1.5, max: 9, distribution: int_uniform}', '5:14 parameters.p.x.min: expected a whole number, got 1.5'],
    ['{min: 1, max: 9, q: 0, distribution: q_uniform}', '5:28 parameters.p.x.q: expected a number above 0, got 0'],
    ['{min: 1, max: 9, q: -1, distribution: q_uniform}', '5:28 parameters.p.x.q: expected a number above 0, got -1'],
    [
      '{min: 1, max: 9, q: 10, distribution: q_uniform}',
      '5:28 parameters.p.x.q: no multiple of 10 lies from 1 to 9; take a smaller q',
    ],
    [
      '{min: 0, max: 9, distribution: log_uniform_values}',
      '5:14 parameters.p.x.min: expected a number above 0 (its logarithm is drawn), got 0',
    ],
    [
      '{min: -3, max: 9, distribution: q_log_uniform_values}',
      '5:14 parameters.p.x.min: expected a number above 0 (its logarithm is drawn), got -3',
    ],
    [
      '{min: 1, max: 8192, distribution: log_uniform}',
      '5:22 parameters.p.x.max: expected an exponent of e, from -700 to 700 (log_uniform draws from e^min to e^max; log_uniform_values takes the values), got 8192',
    ],
    ['{distribution: normal, sigma: 0}', '5:38 parameters.p.x.sigma: expected a number above 0, got 0'],
    [
      '{distribution: log_normal, mu: 600, sigma: 20}',
      '5:39 parameters.p.x.mu: e^(600 ± 8·20) is beyond what a number holds; mu and sigma are exponents of e',
    ],
    ['{distribution: beta, a: 0}', '5:32 parameters.p.x.a: expected a number above 0, got 0'],
    [
      '{distribution: loguniform, min: 1, max: 2}',
      '5:23 parameters.p.x.distribution: unknown distribution "loguniform"; did you mean "log_uniform"?',
    ],
    ['{values: []}', '5:17 parameters.p.x.values: expected a list of at least one value, got []'],
    ['{values: 3}', '5:17 parameters.p.x.values: expected a list of at least one value, got 3'],
    [
      '{values: [1, 2], probabilities: [0.5, 0.4]}',
      '5:40 parameters.p.x.probabilities: they sum to 0.9; they must sum to 1',
    ],
    [
      '{values: [1, 2], probabilities: [1]}',
      '5:40 parameters.p.x.probabilities: there are 2 values and 1 probabilities; give each value one',
    ],
    [
      '{values: [1, 2], probabilities: [1.5, -0.5]}',
      '5:40 parameters.p.x.probabilities: expected a list of numbers, none below 0, a probability for each value, got [1.5,-0.5]',
    ],
    [
      '{mu: 1}',
      '5:8 parameters.p.x: expected `value`, `values`, `min` and `max`, or a `distribution`, such as `distribution: normal`',
    ],
    ['5', '5:8 parameters.p.x: expected a map such as {value: 5}, got 5'],
    ['[1, 2]', '5:8 parameters.p.x: expected a map such as {values: [1,2]}, got [1,2]'],
    ['{parameters: {}}', '5:21 parameters.p.x.parameters: there are no parameters in this group'],
    [
      '{parameters: {y: {value: 1}}, distribution: uniform}',
      '5:38 parameters.p.x.distribution: `parameters` makes this a group of parameters, which takes no other key; remove it',
    ],
  ])('%s is refused', (lines, message) => {
    const [first] = inParameters(`  p.x: ${lines}`);
    expect(first?.startsWith(`sweep.yaml:${message}`), first).toBe(true);
  });

  it('that is given twice, or inside of another, is refused with the other one’s place', () => {
    expect(
      inParameters(`  a: {parameters: {b: {value: 1}}}
  a.b: {value: 2}
  a.b.c: {value: 3}`),
    ).toEqual([
      'sweep.yaml:6:3 parameters.a.b: parameter a.b is given twice (line 5); keep one',
      'sweep.yaml:7:3 parameters.a.b.c: this and a.b (line 5) set the same value; keep one',
    ]);
  });

  it('with bounds of a learning rate as exponents of e is warned of', () => {
    const said = saidOf(`${HEAD}parameters:\n  p.x: {distribution: log_uniform, min: 0.00001, max: 0.1}\n`);
    expect(said).toEqual([
      'sweep.yaml:5:8 parameters.p.x: warning: the bounds of log_uniform are exponents of e, and 0.00001 and 0.1 look like values; if they are, take log_uniform_values',
    ]);
  });

  it('that grid cannot enumerate is refused with its name', () => {
    const grid = HEAD.replace('random', 'grid');
    const said = errorsOf(`${grid}parameters:
  a.one: {values: [1]}
  a.rate: {min: 0.0, max: 1.0}
  a.weighted: {values: [1, 2], probabilities: [0.5, 0.5]}
  a.log: {distribution: q_log_uniform_values, min: 1, max: 9}
  a.step: {distribution: q_uniform, min: 1, max: 9}
`);
    const what = (kind: string) =>
      `grid tries every value, and ${kind} cannot be enumerated; give \`values\`, int_uniform or q_uniform, or take another method`;
    expect(said).toEqual([
      `sweep.yaml:6:11 parameters.a.rate: ${what('uniform')}`,
      `sweep.yaml:7:15 parameters.a.weighted: ${what('categorical_w_probabilities')}`,
      `sweep.yaml:8:10 parameters.a.log: ${what('q_log_uniform_values')}`,
    ]);
  });
});

describe('early_terminate', () => {
  const early = (lines: string) => specOf(`${HEAD}early_terminate: ${lines}\n${SPACE}`).earlyTerminate;
  const refused = (lines: string) => errorsOf(`${HEAD}early_terminate: ${lines}\n${SPACE}`);

  it.each<[string, unknown]>([
    [
      '{type: hyperband, min_iter: 3, strict: true}',
      { type: 'hyperband', eta: 3, s: null, minIter: 3, maxIter: null, strict: true, metric: null },
    ],
    [
      '{type: hyperband, max_iter: 27, s: 2, eta: 2}',
      { type: 'hyperband', eta: 2, s: 2, minIter: null, maxIter: 27, strict: false, metric: null },
    ],
    ['{type: median, every: 10}', { type: 'median', every: 10, minIter: 10, minTrials: 5, metric: null }],
    [
      '{type: median, min_iter: 20, every: 5, min_trials: 2}',
      { type: 'median', every: 5, minIter: 20, minTrials: 2, metric: null },
    ],
    ['{type: asha, R: 9}', { type: 'asha', eta: 3, r: 1, R: 9, metric: null }],
    ['{type: asha, min_iter: 2, max_iter: 81, eta: 2}', { type: 'asha', eta: 2, r: 2, R: 81, metric: null }],
    [
      '{type: asha, R: 9, metric: {name: train.loss, goal: minimize}}',
      { type: 'asha', eta: 3, r: 1, R: 9, metric: { name: 'train.loss', goal: 'minimize' } },
    ],
  ])('%s', (lines, expected) => expect(early(lines)).toEqual(expected));

  it.each([
    [
      '{type: hyperband}',
      '4:18 early_terminate: hyperband needs `max_iter` with `s` (bands max_iter / eta^i), or `min_iter`',
    ],
    ['{type: median}', '4:18 early_terminate: median needs `every`'],
    ['{type: asha}', '4:18 early_terminate: asha needs `R` (or `max_iter`)'],
    ['{type: asha, R: 9, eta: 1}', '4:42 early_terminate.eta: expected a number above 1, got 1'],
    ['{type: asha, R: 9, r: 9}', '4:18 early_terminate: no rung r · eta^k lies below R'],
    [
      '{type: asha, R: 9, max_iter: 9}',
      '4:37 early_terminate.max_iter: this is another name of R, which is given too; keep one',
    ],
    ['{type: hyperband, max_iter: 2, s: 1}', '4:18 early_terminate: no band lies at step 1 or later'],
    ['{type: hyperban, max_iter: 2}', '4:25 early_terminate.type: unknown type "hyperban"; did you mean "hyperband"?'],
    ['{max_iter: 2}', '4:18 early_terminate.type: "type" is missing; known: hyperband, median, asha'],
    [
      '{type: hyperband, min_iter: 1, etta: 2}',
      '4:49 early_terminate.etta: unknown key of hyperband; did you mean "eta"?',
    ],
    [
      '{type: asha, R: 9, metric: loss}',
      '4:45 early_terminate.metric: expected a map such as {name: <meta_name>.loss, goal: minimize}, got "loss"',
    ],
    [
      '{type: asha, R: 9, metric: {name: loss}}',
      '4:45 early_terminate.metric: "goal" is missing; expected "minimize" or "maximize"',
    ],
    ['asha', '4:18 early_terminate: expected a map such as {type: asha, R: 81}, got "asha"'],
  ])('%s is refused', (lines, message) => {
    const [first] = refused(lines);
    expect(first?.startsWith(`sweep.yaml:${message}`), first).toBe(true);
  });

  it('says that strict is false where W&B’s engine would take true', () => {
    const { reading } = readSweep(
      parseSource('s.yaml', `${HEAD}early_terminate: {type: hyperband, min_iter: 1}\n${SPACE}`),
    );
    expect(reading.notes).toEqual([expect.stringContaining('strict is false where it is not given')]);
  });
});
