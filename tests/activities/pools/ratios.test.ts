import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ratioOf, ratiosProblem } from '../../../activities/pools/ratios.ts';

it('takes numbers, decimals and fractions in strings', () => {
  expect(['1/3', ' 2/3 ', '0.25', '.5', '25e-2', 0.1].map(ratioOf)).toEqual([1 / 3, 2 / 3, 0.25, 0.5, 0.25, 0.1]);
});

it('a fraction is the number that its two parts divide to', () => {
  fc.assert(
    fc.property(fc.nat(1e6), fc.integer({ min: 1, max: 1e6 }), (a, b) => {
      expect(ratioOf(`${a}/${b}`)).toBe(a / b);
    }),
  );
});

it.each([
  [['1/3', 'half'], '"half" is no ratio: write a number or a fraction, such as 0.5 or "1/3"'],
  [['1/0'], '"1/0" is no ratio: write a number or a fraction, such as 0.5 or "1/3"'],
  [[0, 0.5], '0 is out of range: a split ratio is above 0 and below 1'],
  [[0.5, 1], '1 is out of range: a split ratio is above 0 and below 1'],
  [['4/3'], '"4/3" is out of range: a split ratio is above 0 and below 1'],
  [['2/3', '1/3'], '"1/3" is not above "2/3": split ratios must grow'],
  [[0.5, '1/2'], '"1/2" is not above 0.5: split ratios must grow'],
])('refuses %j', (ratios, problem) => {
  expect(ratiosProblem(ratios)).toBe(problem);
});

it('has nothing against ratios that grow between 0 and 1', () => {
  expect(ratiosProblem(['1/3', 0.5, '2/3'])).toBeNull();
});
