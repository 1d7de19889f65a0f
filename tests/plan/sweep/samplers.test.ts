import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { problemOf } from '../../../plan/sweep/distributions.ts';
import { gridPoint, gridSize } from '../../../plan/sweep/grid.ts';
import { randomPoint } from '../../../plan/sweep/random.ts';
import type { Space } from '../../../plan/sweep/types.ts';
import { anySpace, gridSpace } from './spaces.ts';

const seed = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const trial = fc.integer({ min: 1, max: 1_000_000 });
const line = (...names: string[]): Space =>
  names.map(name => ({ name, distribution: { kind: 'uniform', min: 0, max: 1 } }));

describe('random', () => {
  it('gives points of the space, the same ones for the same seed and trial', () => {
    fc.assert(
      fc.property(anySpace, seed, trial, (space, s, n) => {
        const point = randomPoint(space, s, n);
        expect(Object.keys(point)).toEqual(space.map(({ name }) => name));
        for (const { name, distribution } of space) expect(problemOf(distribution, point[name]!)).toBeNull();
        expect(randomPoint(space, s, n)).toEqual(point);
      }),
    );
  });

  it('gives a parameter the same value whatever other parameters there are', () => {
    const { b } = randomPoint(line('a', 'b', 'c'), 7, 3);
    expect(randomPoint(line('b'), 7, 3)).toEqual({ b });
  });

  it('is what it was in the first version: a sweep that is replayed tries the same points', () => {
    const points = [1, 2, 3].map(n => randomPoint(line('op.arg'), 0, n)['op.arg']);
    expect(points).toMatchInlineSnapshot(`
      [
        0.6161857737612411,
        0.8072864910723262,
        0.9032314308999912,
      ]
    `);
  });

  it('is uniform, and its trials, seeds and parameters do not follow each other', () => {
    const count = 4000;
    const all = Array.from(
      { length: count },
      (_, i) => randomPoint(line('a', 'b'), 1, i + 1) as { a: number; b: number },
    );
    const seeds = Array.from({ length: count }, (_, i) => randomPoint(line('a'), i, 1).a as number);
    const a = all.map(each => each.a);
    for (const sample of [a, all.map(each => each.b), seeds]) {
      expect(distanceToUniform(sample) * Math.sqrt(count)).toBeLessThan(1.63);
      expect(Math.abs(correlation(sample.slice(1), sample.slice(0, -1))) * Math.sqrt(count)).toBeLessThan(3);
    }
    expect(
      Math.abs(
        correlation(
          a,
          all.map(each => each.b),
        ),
      ) * Math.sqrt(count),
    ).toBeLessThan(3);
  });
});

describe('grid', () => {
  it('has each point once, and ends', () => {
    fc.assert(
      fc.property(gridSpace, space => {
        const size = gridSize(space);
        const points = Array.from({ length: size }, (_, i) => gridPoint(space, i));
        expect(new Set(points.map(point => JSON.stringify(point))).size).toBe(size);
        expect(points).not.toContain(null);
        expect(gridPoint(space, size)).toBeNull();
        expect(gridPoint(space, size + 12_345)).toBeNull();
      }),
    );
  });

  it('changes the last parameter fastest, in the order of the file', () => {
    const space: Space = [
      { name: 'z', distribution: { kind: 'categorical', values: ['x', 'y', 'x'] } },
      { name: 'k', distribution: { kind: 'constant', value: 3 } },
      { name: 'a', distribution: { kind: 'int_uniform', min: 1, max: 2 } },
    ];
    expect([0, 1, 2, 3, 4].map(i => gridPoint(space, i))).toEqual([
      { z: 'x', k: 3, a: 1 },
      { z: 'x', k: 3, a: 2 },
      { z: 'y', k: 3, a: 1 },
      { z: 'y', k: 3, a: 2 },
      null,
    ]);
  });

  it('of a billion whole numbers holds none of them', () => {
    const space: Space = [{ name: 'n', distribution: { kind: 'int_uniform', min: 0, max: 1e9 } }];
    expect(gridPoint(space, 123_456_789)).toEqual({ n: 123_456_789 });
  });

  it('of a continuous range has no points', () => {
    expect(gridPoint(line('a'), 0)).toBeNull();
    expect(gridSize(line('a'))).toBe(Number.POSITIVE_INFINITY);
  });
});

/** Kolmogorov and Smirnov's. */
function distanceToUniform(sample: number[]): number {
  const sorted = [...sample].sort((a, b) => a - b);
  return Math.max(...sorted.map((x, i) => Math.max(x - i / sample.length, (i + 1) / sample.length - x)));
}

function correlation(x: number[], y: number[]): number {
  const mean = (of: number[]) => of.reduce((sum, each) => sum + each, 0) / of.length;
  const [mx, my] = [mean(x), mean(y)];
  const spread = (of: number[], m: number) => Math.sqrt(of.reduce((sum, each) => sum + (each - m) ** 2, 0));
  return x.reduce((sum, each, i) => sum + (each - mx) * (y[i]! - my), 0) / spread(x, mx) / spread(y, my);
}
