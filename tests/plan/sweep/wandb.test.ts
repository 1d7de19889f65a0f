// Against PyPI `sweeps` 0.3.0, W&B's own engine, as run: `HyperParameter('x', {distribution, …}).ppf(u)` and `grid_search_next_runs`.
import { describe, expect, it } from 'vitest';
import { parseSource } from '../../../plan/source.ts';
import { fromUnit } from '../../../plan/sweep/distributions.ts';
import { gridPoint, gridSize } from '../../../plan/sweep/grid.ts';
import { readSweep } from '../../../plan/sweep/read-sweep.ts';
import type { Distribution } from '../../../plan/sweep/types.ts';

const AT = [0.01, 0.26, 0.52, 0.93];

describe('values are those of W&B at the same place of [0, 1]:', () => {
  it.each<[Distribution, (number | string)[]]>([
    [{ kind: 'uniform', min: -2.0, max: 3.0 }, [-1.95, -0.7, 0.6, 2.65]],
    [{ kind: 'q_uniform', min: 0, max: 10, q: 2 }, [0.0, 2, 6, 10]],
    [{ kind: 'int_uniform', min: 1, max: 6 }, [1, 2, 4, 6]],
    [{ kind: 'log_uniform_values', min: 1e-5, max: 0.1 }, [1.096478196e-5, 0.0001096478, 0.0012022644, 0.052480746]],
    [{ kind: 'log_uniform', min: -5.0, max: 2.0 }, [0.0072265033, 0.0415856551, 0.256660777, 4.5267307943]],
    [{ kind: 'inv_log_uniform', min: -5.0, max: 2.0 }, [0.1451481985, 0.8352702114, 5.1551695122, 90.9218185105]],
    [{ kind: 'inv_log_uniform_values', min: 0.5, max: 8.0 }, [0.5140569133, 1.0281138267, 2.1140360811, 6.5887281381]],
    [{ kind: 'q_log_uniform_values', min: 256, max: 8192, q: 1 }, [265, 630, 1552, 6427]],
    [{ kind: 'normal', mu: 1.0, sigma: 2.0 }, [-3.6526957481, -0.2866908108, 1.1003071669, 3.9515820564]],
    [{ kind: 'q_normal', mu: 1.0, sigma: 2.0, q: 0.5 }, [-3.5, -0.5, 1, 4]],
    [{ kind: 'log_normal', mu: 0.5, sigma: 0.7 }, [0.3235364454, 1.0509118504, 1.7076318172, 4.6323009946]],
    [{ kind: 'q_log_normal', mu: 2.0, sigma: 0.7, q: 1 }, [1, 5, 8, 21]],
    [{ kind: 'beta', a: 2, b: 5 }, [0.0267631911, 0.1653283314, 0.2731266063, 0.5488196691]],
    [{ kind: 'q_beta', a: 2, b: 5, q: 0.1 }, [0.0, 0.2, 0.3, 0.5]],
    [{ kind: 'beta', a: 0.5, b: 0.5 }, [0.0002467198, 0.157726447, 0.5313952598, 0.987958381]],
    [{ kind: 'categorical', values: ['a', 'b', 'c'] }, ['a', 'a', 'b', 'c']],
    [
      { kind: 'categorical_w_probabilities', values: ['a', 'b', 'c'], probabilities: [0.2, 0.5, 0.3] },
      ['a', 'b', 'b', 'c'],
    ],
  ])('%j', (distribution, values) => {
    const near = values.map(each => (typeof each === 'number' ? expect.closeTo(each, 6) : each));
    expect(AT.map(u => fromUnit(distribution, u))).toEqual(near);
  });
});

it('rounded values stay inside the bounds, where W&B gives 0 of 1 to 148', () => {
  const distribution: Distribution = { kind: 'q_log_uniform', min: 0, max: 5, q: 4 };
  expect(AT.map(u => fromUnit(distribution, u))).toEqual([4, 4, 12, 104]);
});

describe('a grid', () => {
  it('has the points of W&B, in its order where parameters are in the order of the alphabet', () => {
    const { spec } = readSweep(
      parseSource(
        's.yaml',
        `method: grid
metric: {name: m.x, goal: minimize}
parameters: {a: {values: [1, 2]}, b: {min: 3, max: 5}, c: {value: k}}
`,
      ),
    );
    const points = Array.from({ length: gridSize(spec!.space) }, (_, i) => Object.values(gridPoint(spec!.space, i)!));
    expect(points).toEqual([
      [1, 3, 'k'],
      [1, 4, 'k'],
      [1, 5, 'k'],
      [2, 3, 'k'],
      [2, 4, 'k'],
      [2, 5, 'k'],
    ]);
  });

  it('of q_uniform has max too, which W&B leaves out', () => {
    const space = [{ name: 'x', distribution: { kind: 'q_uniform' as const, min: 0, max: 1, q: 0.5 } }];
    expect([0, 1, 2, 3].map(i => gridPoint(space, i)?.x)).toEqual([0, 0.5, 1, undefined]);
  });
});
