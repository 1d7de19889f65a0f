import { expect, it } from 'vitest';
import { bounded } from '../../plan/bounded.ts';

it('keeps what is wanted where there is too much, and names nothing that is not there', () => {
  const map = Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`m${i}`, i]));
  expect(bounded(map, 3, ['m299', 'absent'])).toEqual({ m299: 299, m0: 0, m1: 1 });
  expect(bounded({ a: 1 }, 3)).toEqual({ a: 1 });
});
