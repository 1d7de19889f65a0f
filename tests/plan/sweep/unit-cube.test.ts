import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DISTRIBUTIONS, fromUnit } from '../../../plan/sweep/distributions.ts';
import type { Space } from '../../../plan/sweep/types.ts';
import { UnitCube } from '../../../plan/sweep/unit-cube.ts';
import { ARBITRARY } from './spaces.ts';

const SPACE: Space = [
  { name: 'fixed', distribution: { kind: 'constant', value: 'a' } },
  { name: 'which', distribution: { kind: 'categorical', values: ['a', { b: 1 }, 3] } },
  { name: 'whole', distribution: { kind: 'int_uniform', min: 2, max: 5 } },
  { name: 'step', distribution: { kind: 'q_uniform', min: 0, max: 1, q: 0.25 } },
  { name: 'line', distribution: { kind: 'log_uniform_values', min: 1e-4, max: 1 } },
];

describe('the unit cube of a space', () => {
  it('has a coordinate for each parameter that can vary', () => {
    expect(new UnitCube(SPACE).axes).toEqual([
      { name: 'which', kind: 'choice', count: 3 },
      { name: 'whole', kind: 'steps', count: 4 },
      { name: 'step', kind: 'steps', count: 5 },
      { name: 'line', kind: 'line' },
    ]);
  });

  it('takes a range with very many whole numbers for a line', () => {
    const space: Space = [{ name: 'n', distribution: { kind: 'int_uniform', min: 0, max: 1e9 } }];
    expect(new UnitCube(space).axes).toEqual([{ name: 'n', kind: 'line' }]);
  });

  it('says where a point is, and which point is there', () => {
    const cube = new UnitCube(SPACE);
    const point = { fixed: 'a', which: { b: 1 }, whole: 5, step: 0.75, line: 1e-2 };
    const coordinates = cube.coordinatesOf(point)!;
    expect(coordinates.slice(0, 3)).toEqual([1, 3, 3]);
    expect(coordinates[3]).toBeCloseTo(0.5);
    expect(cube.pointAt(coordinates)).toEqual({ ...point, line: expect.closeTo(1e-2) });
  });

  it.each([
    ['a parameter less', { fixed: 'a', which: 3, whole: 5, step: 0.75 }],
    ['a parameter more', { fixed: 'a', which: 3, whole: 5, step: 0.75, line: 1e-2, more: 1 }],
    ['another constant', { fixed: 'b', which: 3, whole: 5, step: 0.75, line: 1e-2 }],
    ['a value outside', { fixed: 'a', which: 3, whole: 6, step: 0.75, line: 1e-2 }],
    ['a value between steps', { fixed: 'a', which: 3, whole: 5, step: 0.7, line: 1e-2 }],
    ['an unknown choice', { fixed: 'a', which: 4, whole: 5, step: 0.75, line: 1e-2 }],
  ])('has no place for a point with %s', (_, point) => {
    expect(new UnitCube(SPACE).coordinatesOf(point)).toBeNull();
  });
});

describe.each(DISTRIBUTIONS)('a coordinate of %s', kind => {
  it('is inside its axis for every value that can be drawn, and leads to a value that can be drawn', () => {
    fc.assert(
      fc.property(ARBITRARY[kind], fc.double({ min: 0, max: 1, noNaN: true }), (distribution, u) => {
        const cube = new UnitCube([{ name: 'p', distribution }]);
        const coordinates = cube.coordinatesOf({ p: fromUnit(distribution, u) })!;
        const [axis] = cube.axes;
        expect(coordinates).toHaveLength(cube.axes.length);
        if (!axis) return;
        const [at] = coordinates as [number];
        if (axis.kind === 'line') expect(at >= 0 && at <= 1).toBe(true);
        else expect(Number.isInteger(at) && at >= 0 && at < axis.count).toBe(true);
        expect(cube.coordinatesOf(cube.pointAt(coordinates))).not.toBeNull();
      }),
    );
  });
});
