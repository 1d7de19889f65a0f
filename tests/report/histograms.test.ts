import fc from 'fast-check';
import { expect, test } from 'vitest';
import { histogramOf } from '../../report/collect/histograms.ts';
import type { StatValues } from '../../report/collect/stats-file.ts';

const values = (numbers: number[], words: [string, number][] = []): StatValues => ({
  numbers,
  words: new Map(words),
  odd: 0,
});
const files = { before: 'a', after: 'b' };
const sum = (counts: readonly number[]) => counts.reduce((a, b) => a + b, 0);

test('every number is counted once, before and after, whatever they are', () => {
  const number = fc.oneof(
    fc.integer({ min: -1e6, max: 1e6 }),
    fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e300, max: 1e300 }),
  );
  fc.assert(
    fc.property(fc.array(number, { minLength: 1, maxLength: 300 }), fc.array(number, { maxLength: 300 }), (a, b) => {
      const { before, after, bins } = histogramOf('x', values(a), values(b), files)!;
      expect([sum(before), sum(after!)]).toEqual([a.length, b.length]);
      expect(bins.length).toBe(before.length);
      expect(bins.length).toBeLessThanOrEqual(33);
    }),
  );
});

test('whole numbers have bins of whole numbers; a long tail is one bin', () => {
  expect(histogramOf('x', values([1, 2, 2, 4]), null, { before: 'a', after: null })!.bins).toEqual([
    '1',
    '2',
    '3',
    '4',
  ]);
  const far = histogramOf('x', values([...Array.from({ length: 999 }, (_, i) => i / 999), 1e9]), null, files)!;
  expect(far.bins.at(-1)).toMatch(/and more$/);
  expect(far.before.at(-1)).toBeLessThan(10);
});

test('words are counted by how often they are there before', () => {
  const words = histogramOf(
    'lang',
    values(
      [],
      [
        ['de', 1],
        ['en', 5],
      ],
    ),
    values([], [['en', 2]]),
    files,
  )!;
  expect([words.bins, words.before, words.after]).toEqual([
    ['en', 'de'],
    [5, 1],
    [2, 0],
  ]);
});
