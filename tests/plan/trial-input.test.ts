import { expect, it } from 'vitest';
import { clip } from '../../plan/clip.ts';
import { inputProblem } from '../../plan/trial-input.ts';

function ofSweep(rungs: object) {
  const good = { metric: 'train.loss', goal: 'minimize', steps: [3, 9], waits: true };
  return { config: 'x.yaml', sweep: { id: 's', trial: 1, rungs: { ...good, ...rungs } } };
}

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
  [{ config: 'x.yaml', cache: 'no' }, 'input "cache": expected true or false, got "no"'],
  [{ config: 'x.yaml', sweep: 's' }, 'input "sweep": expected a map {id, trial, rungs?}'],
  [{ config: 'x.yaml', sweep: { id: 's', trial: 0 } }, 'input "sweep": trial: expected a whole number from 1, got 0'],
  [{ config: 'x.yaml', sweep: { id: '', trial: 1 } }, 'input "sweep": id: expected the sweep\'s workflow id'],
  [{ config: 'x.yaml', sweep: { id: 's', trial: 1, run: 2 } }, 'input "sweep": unknown key "run"; known: id, trial'],
  [ofSweep({ steps: [3, 3] }), 'input "sweep": rungs: steps: expected whole numbers from 1, each above'],
  [ofSweep({ steps: [0] }), 'steps: expected whole numbers from 1'],
  [ofSweep({ goal: 'min' }), 'goal: expected minimize or maximize, got "min"'],
  [ofSweep({ waits: 1 }), 'waits: expected true or false, got 1'],
  [ofSweep({ metric: '' }), 'metric: expected a name'],
])('input %j of a trial is refused with a sentence', (input, says) => {
  expect(inputProblem(input)).toContain(says);
});

it.each([
  [{ config: 'x.yaml' }],
  [{ config: 'x.yaml', cache: false, sweep: { id: 's', trial: 1 } }],
  [ofSweep({ steps: [1, 3, 9] })],
  [{ config: { work_dir: 'x' }, set: { a: 1 }, baseDir: '/b', workDir: '/w' }],
])('input %j of a trial is taken', input => expect(inputProblem(input)).toBeNull());

it('a clipped text has no half characters and says that something is missing', () => {
  expect(clip('short', 10)).toBe('short');
  expect(clip('😀😀😀', 3)).toBe('😀😀😀');
  expect(clip('😀😀😀😀', 3)).toBe('😀😀…');
});
