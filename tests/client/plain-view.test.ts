import { expect, test } from 'vitest';
import { PlainView } from '../../client/plain-view.ts';
import { START, TRAINING, whileTraining } from './snapshots.ts';

function at(seconds: number, step: number) {
  const base = whileTraining();
  const activity = { ...TRAINING, progress: { ...TRAINING.progress!, step } };
  return { ...base, activities: [activity], now: START + seconds * 1000 };
}

test('each change of state is one line, and nothing is said twice', () => {
  const view = new PlainView();
  const first = view.lines(at(60, 1));
  expect(first[0]).toBe('[1:00] trial demo-0611-140000-3f: running');
  expect(first).toHaveLength(1 + 4);
  expect(view.lines(at(60, 1))).toEqual([]);
});

test('a job that moves on gives at most one line in ten seconds', () => {
  const view = new PlainView();
  view.lines(at(60, 1));
  const said = Array.from({ length: 60 }, (_, i) => view.lines(at(60.5 + i * 0.5, 2 + i)).length);
  expect(said.reduce((sum, count) => sum + count, 0)).toBe(3);
});

test('lines carry no escape codes', () => {
  expect(new PlainView().lines(at(60, 1)).join('')).not.toContain('\u001b');
});

test('what it waits for is said once, and again after it changed', () => {
  const view = new PlainView();
  const waiting = { ...at(60, 1), waitingFor: 'no control worker runs' };
  expect(view.lines(waiting).join('\n')).toContain('waiting: no control worker runs');
  expect(view.lines(waiting)).toEqual([]);
  view.lines(at(61, 1));
  expect(view.lines({ ...waiting, now: START + 62_000 })).toHaveLength(1);
});
