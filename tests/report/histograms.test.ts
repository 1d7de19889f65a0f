import fc from 'fast-check';
import { expect, test } from 'vitest';
import { thinOut } from '../../report/charts/thin-out.ts';
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

test('points that are thinned out keep first, last, lowest and highest, and their order', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ noNaN: true }), { minLength: 2, maxLength: 2000 }), list => {
      const points = list.map((y, x) => ({ x, y }));
      const kept = thinOut(points, 100, ({ y }) => y);
      expect(kept.length).toBeLessThanOrEqual(100);
      expect([kept[0], kept.at(-1)]).toEqual([points[0], points.at(-1)]);
      const ys = kept.map(({ y }) => y);
      const all = list.reduce(([low, high], y) => [Math.min(low!, y), Math.max(high!, y)], [Infinity, -Infinity]);
      expect([Math.min(...ys), Math.max(...ys)]).toEqual(all);
      expect(kept.map(({ x }) => x)).toEqual([...new Set(kept.map(({ x }) => x))].sort((a, b) => a - b));
    }),
  );
});
