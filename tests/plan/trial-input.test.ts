import { expect, it } from 'vitest';
import { clip } from '../../plan/clip.ts';
import { inputProblem } from '../../plan/trial-input.ts';

it.each([
  [undefined, 'got nothing'],
  [null, 'got null'],
  ['x.yaml', 'expected the input {"config"'],
  [['x.yaml'], 'expected the input'],
  [{}, 'input "config": expected the path'],
  [{ config: '' }, 'is empty'],
  [{ config: 7 }, 'input "config"'],
  [{ confg: 'x.yaml' }, 'unknown input key "confg"; known: config, set'],
  [{ config: 'x.yaml', set: ['a=1'] }, 'input "set": expected a map'],
  [{ config: 'x.yaml', baseDir: 1 }, 'input "baseDir": expected the path'],
])('input %j of a trial is refused with a sentence', (input, says) => {
  expect(inputProblem(input)).toContain(says);
});

it.each([[{ config: 'x.yaml' }], [{ config: { work_dir: 'x' }, set: { a: 1 }, baseDir: '/b', workDir: '/w' }]])(
  'input %j of a trial is taken',
  input => expect(inputProblem(input)).toBeNull(),
);

it('a clipped text has no half characters and says that something is missing', () => {
  expect(clip('short', 10)).toBe('short');
  expect(clip('😀😀😀', 3)).toBe('😀😀😀');
  expect(clip('😀😀😀😀', 3)).toBe('😀😀…');
});
