import { expect, it } from 'vitest';
import { medianInterval } from '../../bench/trackers/interval.ts';

const numbers = (n: number) => Array.from({ length: n }, (_, i) => n - i);

it.each([
  // As tables of the sign test's interval have it.
  [6, 1, 6],
  [9, 2, 8],
  [20, 6, 15],
])('the interval of the median of %i values is from the %i. to the %i.', (n, low, high) => {
  expect(medianInterval(numbers(n))).toEqual({ median: (n + 1) / 2, low, high });
});

it('of fewer than six values it is the whole range', () => {
  expect(medianInterval([3, 1, 2])).toEqual({ median: 2, low: 1, high: 3 });
});
