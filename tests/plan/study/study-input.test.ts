import { expect, it } from 'vitest';
import { studyInputProblem } from '../../../plan/study-input.ts';

it.each([
  [null, 'expected the input {"config": "<path of a sandbox config>", "study": "<path of a study file>"}, got null'],
  [{ config: 'c.yaml' }, 'input "study": expected the path of a study file, or what is in one, got nothing'],
  [{ config: 'c.yaml', study: 's.yaml', op: ['a'] }, 'unknown input key "op"; known: config, study, ops,'],
  [{ config: 'c.yaml', study: 's.yaml', ops: 'a' }, 'input "ops": expected a list of ops of the recipe, got "a"'],
  [
    { config: 7, study: 's.yaml' },
    'input "config": expected the path of a sandbox config, or the config itself, got 7',
  ],
  [{ config: 'c.yaml', study: 's.yaml', cache: 'no' }, 'input "cache": expected true or false, got "no"'],
])('the input %j of a study, typed by hand, is refused with what would be right', (input, expected) => {
  expect(studyInputProblem(input)).toContain(expected);
});

it('an input with path or inline config and study is taken', () => {
  expect(
    studyInputProblem({ config: {}, study: {}, ops: ['a'], concurrency: 2, cache: false, baseDir: '/w' }),
  ).toBeNull();
});
