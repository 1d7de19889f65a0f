import { describe, expect, test } from 'vitest';
import { newTrialId, settings, trialId, wholeNumber } from '../../client/arguments.ts';

describe('--set', () => {
  test.each([
    ['a.b=3', { 'a.b': 3 }],
    ['a=1e-4', { a: 1e-4 }],
    ['a=true', { a: true }],
    ['a=null', { a: null }],
    ['a=', { a: null }],
    ['a="3"', { a: '3' }],
    ['a=x=y', { a: 'x=y' }],
    ['a=[1, 2]', { a: [1, 2] }],
    ['a=./data/d.jsonl', { a: './data/d.jsonl' }],
  ])('%s is read as a config would read it', (pair, expected) => {
    expect(settings([pair])).toEqual(expected);
  });

  test.each([
    ['a', 'expected path=value'],
    ['=3', 'expected path=value'],
    ['a=[1', 'not closed'],
    ['a=1\nb: 2', 'expected one value'],
    [`a=${'['.repeat(10_000)}`, 'nested'],
    ['a=!!python/object:x y', 'tag'],
  ])('%j is refused with a sentence', (pair, words) => {
    expect(() => settings([pair])).toThrow(words);
  });

  test('the same path twice is refused, and __proto__ changes no prototype', () => {
    expect(() => settings(['a=1', 'a=2'])).toThrow('given twice');
    expect(Object.getPrototypeOf(settings(['__proto__=1']))).toBe(Object.prototype);
  });
});

describe('trial ids', () => {
  test.each(['my-run', 'a', 'run_1.2'])('%s is taken', id => expect(trialId(id)).toBe(id));
  test.each(['a/b', '', '..', '-x', 'a b', 'ä', 'x'.repeat(129)])('%j is refused', id =>
    expect(() => trialId(id)).toThrow('expected a letter or digit'),
  );
  test('a new one is made of the experiment and the time, whatever the experiment is called', () => {
    const now = new Date(2025, 5, 11, 14, 25, 30);
    expect(newTrialId('demo', now, 0.25)).toBe('demo-0611-142530-40');
    for (const name of ['a/b c', '实验', '', '../x', 'x'.repeat(300)])
      expect(() => trialId(newTrialId(name, now, 0))).not.toThrow();
  });
});

test('whole numbers are checked', () => {
  expect(wholeNumber('--limit', '20', 1)).toBe(20);
  for (const text of ['0', '-1', '1.5', 'x', '', ' ']) expect(() => wholeNumber('--limit', text, 1)).toThrow('--limit');
});
