import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rankPools } from '../../../activities/pools/rank.ts';
import type { Json } from '../../../plan/plan.ts';

const best = { keys: [], descending: true };

describe('ranking pools', () => {
  it('puts the largest first, the smallest where that is asked, and keeps equal ones in order', () => {
    expect(rankPools([1, 3, 2, 3], best)).toEqual([1, 3, 2, 0]);
    expect(rankPools([1, 3, 2, 1], { keys: [], descending: false })).toEqual([0, 3, 2, 1]);
  });
  it('goes by keys, nested or with dots in their own names, the first one first', () => {
    const metrics = [
      { a: { b: 1 }, 'c.d': 5 },
      { a: { b: 2 }, 'c.d': 1 },
      { a: { b: 1 }, 'c.d': 7 },
    ];
    expect(rankPools(metrics, { keys: ['a.b', 'c.d'], descending: true })).toEqual([1, 2, 0]);
    expect(rankPools(metrics, { keys: ['c.d'], descending: true })).toEqual([2, 0, 1]);
  });
  it('compares lists number by number, as the original does', () => {
    expect(rankPools([[1, 2], [1, 3], [1], [0, 9]], best)).toEqual([1, 0, 2, 3]);
  });
  it('is a permutation in the order of the metrics, whatever they are', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ noNaN: true, noDefaultInfinity: true })),
        fc.boolean(),
        (metrics, descending) => {
          const order = rankPools(metrics, { keys: [], descending });
          expect([...order].sort((a, b) => a - b)).toEqual([...metrics.keys()]);
          for (const [i, at] of order.slice(1).entries()) {
            const [before, after] = [metrics[order[i]!]!, metrics[at]!];
            expect(descending ? before >= after : before <= after).toBe(true);
            if (before === after) expect(order[i]).toBeLessThan(at);
          }
        },
      ),
    );
  });
  it.each<[string, Json[], string[], string]>([
    ['a key that is not there', [{ a: 1 }, { b: 2 }], ['a'], 'metrics[1] has no ranking key "a"; it has b'],
    ['a number where keys are asked for', [3], ['a'], 'metrics[0] has no ranking key "a"; it is 3, which has no keys'],
    [
      'maps without a key to rank by',
      [{ a: 1, b: 2 }],
      [],
      'metrics[0] is a map; say in ranking_keys what to rank by: a, b',
    ],
    [
      'what is no number',
      [{ a: 'high' }],
      ['a'],
      'metrics[0].a is "high", by which nothing can be ranked; expected a number',
    ],
    ['a missing score', [1, null], [], 'metrics[1] is null, by which nothing can be ranked; expected a number'],
  ])('refuses %s', (_, metrics, keys, message) => {
    expect(() => rankPools(metrics, { keys, descending: true })).toThrow(message);
  });
});
