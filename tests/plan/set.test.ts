import { describe, expect, it } from 'vitest';
import type { Json } from '../../plan/plan.ts';
import { compiled, jobsIn, planOf, saidOf } from './compiled.ts';
import { BY_INPUTS, TEXT_FILES, VIDEO_FILES, videoPipeline } from './shapes.ts';

const set = (path: string, value: Json) => ({ set: { [path]: value } });

describe('values set from outside', () => {
  it('<op>.<arg> reaches every recipe with that op, and is kept to be applied after refinement', () => {
    const jobs = jobsIn(BY_INPUTS, TEXT_FILES, set('text_length_filter.min_len', 7));
    const recipes = jobs.filter(job => job.config.dj_configs !== null);
    expect(recipes.map(job => job.component)).toEqual([
      'probe.analyzer',
      'refine.k-sigma',
      'process.data-juicer',
      'probe.analyzer',
    ]);
    for (const job of recipes) {
      expect(job.config.dj_configs?.process).toEqual([{ text_length_filter: { min_len: 7, max_len: 2000 } }]);
      expect(job.overrides).toEqual([{ op: 'text_length_filter', arg: 'min_len', value: 7 }]);
    }
  });
  it('<meta_name>.… and <pipeline>.<meta_name>.… reach one job’s config', () => {
    for (const name of ['clean', 'anonymous.clean']) {
      const jobs = jobsIn(BY_INPUTS, TEXT_FILES, set(`${name}.dj_configs.np`, 9));
      expect(jobs.map(job => job.config.dj_configs?.np)).toEqual([4, 4, 9, undefined, 4, undefined]);
      expect(jobs[2]?.settings?.at(-1)).toEqual({ at: 'dj_configs.np', value: 9 });
    }
  });
  it('a global key reaches the plan', () => {
    expect(planOf(BY_INPUTS, TEXT_FILES, set('experiment_name', 'mine')).experimentName).toBe('mine');
  });

  it.each<[string, Json, string]>([
    [
      'text_length_filter.min_length',
      1,
      '--set text_length_filter.min_length: text_length_filter has no argument of this name; did you mean "min_len"?',
    ],
    ['text_length_filter.min_len', 'x', '--set text_length_filter.min_len: expected a whole number, got "x"'],
    [
      'text_len_filter.min_len',
      1,
      '--set text_len_filter.min_len: no recipe of this config has op "text_len_filter"; did you mean "text_length_filter"?',
    ],
    [
      'random_selector.select_num',
      1,
      '--set random_selector.select_num: no recipe of this config has op "random_selector"; known: text_length_filter',
    ],
    ['cleen.dj_configs.np', 1, '--set cleen.dj_configs.np: no job has meta_name "cleen"; did you mean "clean"?'],
    ['clean.dj_configs', {}, '--set clean.dj_configs: name a key inside dj_configs: clean.dj_configs.<key>'],
    ['clean.dj_configs.nq', 1, '--set clean.dj_configs.nq: unknown recipe key; did you mean "np"?'],
    [
      'max_iter_nm',
      1,
      '--set max_iter_nm: this names nothing; did you mean "max_iter_num"? (expected <op>.<arg>, [<pipeline>.]<meta_name>.extra_configs.<key> (or .dj_configs.<key>), or a global key)',
    ],
    ['resume', 3, '--set resume: expected true or false, got 3'],
    [
      'clean.dj_configs.__proto__.x',
      3,
      '--set clean.dj_configs.__proto__.x: cannot set dj_configs.__proto__.x: "__proto__" cannot be a key',
    ],
    ['before.extra_configs.k', -1, '--set before.extra_configs.k: expected more than 0, got -1'],
  ])('%s = %j that is wrong is an error', (path, value, expected) => {
    const errors = saidOf(BY_INPUTS, TEXT_FILES, set(path, value)).filter(said => !said.includes('warning:'));
    expect(errors).toEqual([expected]);
  });

  it('a key reaches those of several jobs with one meta_name that know it', () => {
    const jobs = jobsIn(BY_INPUTS, TEXT_FILES, set('before.extra_configs.k', 2));
    expect(jobs.map(job => job.config.extra_configs?.k)).toEqual([
      undefined,
      2,
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
    const both = jobsIn(BY_INPUTS, TEXT_FILES, set('before.dj_configs.np', 2));
    expect(both.slice(0, 2).map(job => job.config.dj_configs?.np)).toEqual([2, 2]);
  });

  it('a key that an input fills would be set in vain', () => {
    expect(saidOf(BY_INPUTS, TEXT_FILES, set('after.dj_configs.dataset_path', 'data/d.jsonl'))).toContain(
      '--set after.dj_configs.dataset_path: anonymous.5-after takes dj_configs.dataset_path from anonymous.clean.cleaned when it runs, so that this has no effect; leave it out, or remove the input',
    );
  });

  it('a key that the component does not know names nothing', () => {
    const config = videoPipeline(true).replace(
      'meta_name:\n    extra_configs: ./video/train',
      'meta_name: t\n    extra_configs: ./video/train',
    );
    const at = 't.extra_configs.train.training_config';
    expect(planOf(config, VIDEO_FILES, set(`${at}.seed`, 7)).pipelines).toBeDefined();
    expect(saidOf(config, VIDEO_FILES, set(`${at}.sede`, 7))).toEqual([
      `--set ${at}.sede: train.easyanimate has no key "train.training_config.sede"; did you mean "seed"?`,
    ]);
    expect(saidOf(config, VIDEO_FILES, set('t.extra_configs.easyanimate_hom', '/x'))).toEqual([
      '--set t.extra_configs.easyanimate_hom: train.easyanimate has no key "easyanimate_hom"; did you mean "easyanimate_home"?',
    ]);
  });
});

describe('values that a config sets by itself (`set:`)', () => {
  const withSet = (lines: string) => `${BY_INPUTS}\nset:\n${lines}`;

  it('mean what `--set` means: ops, job configs and global keys', () => {
    const own = withSet('  text_length_filter.min_len: 7\n  clean.dj_configs.np: 9\n  experiment_name: mine\n');
    const outside = { 'text_length_filter.min_len': 7, 'clean.dj_configs.np': 9, experiment_name: 'mine' };
    const { sources: _, ...plan } = planOf(own, TEXT_FILES);
    const { sources: __, ...same } = planOf(BY_INPUTS, TEXT_FILES, { set: outside });
    expect(plan).toEqual(same);
  });

  it('give way to values from outside, path by path', () => {
    const own = withSet('  text_length_filter.min_len: 7\n  clean.dj_configs.np: 9\n');
    const [clean] = jobsIn(own, TEXT_FILES, set('text_length_filter.min_len', 3)).filter(
      job => job.metaName === 'clean',
    );
    expect(clean?.overrides).toEqual([{ op: 'text_length_filter', arg: 'min_len', value: 3 }]);
    expect(clean?.settings?.at(-1)).toEqual({ at: 'dj_configs.np', value: 9 });
  });

  it.each([
    [
      '  text_len_filter.min_len: 1',
      'no recipe of this config has op "text_len_filter"',
      'set.text_len_filter.min_len',
    ],
    ['  text_length_filter.min_len: x', 'expected a whole number, got "x"', 'set.text_length_filter.min_len'],
    ['  cleen.dj_configs.np: 1', 'no job has meta_name "cleen"; did you mean "clean"?', 'set.cleen.dj_configs.np'],
    ['  resume: 3', 'expected true or false, got 3', 'set.resume'],
    ['  set: {}', 'this names nothing', 'set.set'],
  ])('%s that is wrong is told at its place in the file', (line, message, path) => {
    const result = compiled(withSet(line), TEXT_FILES);
    const errors = result.ok ? [] : result.diagnostics.filter(one => one.severity === 'error');
    expect(errors).toMatchObject([
      { file: 'sandbox.yaml', line: withSet(line).split('\n').length, path, message: expect.stringContaining(message) },
    ]);
  });

  it('are a map', () => {
    expect(saidOf(`${BY_INPUTS}\nset: [a]\n`, TEXT_FILES)).toContain(
      'sandbox.yaml:35:6 set: expected a map of paths to values, such as {text_length_filter.min_len: 20}, got ["a"]',
    );
    expect(saidOf(`${BY_INPUTS}\nset:\n`, TEXT_FILES)).toEqual(saidOf(BY_INPUTS, TEXT_FILES));
  });
});
