import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  choicesOf,
  DISTRIBUTIONS,
  endsOf,
  fromUnit,
  gridOf,
  problemOf,
  toUnit,
} from '../../../plan/sweep/distributions.ts';
import type { Distribution } from '../../../plan/sweep/types.ts';
import { ARBITRARY } from './spaces.ts';

const unit = fc.double({ min: 0, max: 1, noNaN: true });
const LINES = DISTRIBUTIONS.filter(kind => !['constant', 'categorical', 'categorical_w_probabilities'].includes(kind));
const ROUNDED = LINES.filter(kind => kind === 'int_uniform' || kind.startsWith('q_'));

describe.each(DISTRIBUTIONS)('%s', kind => {
  it('gives a value that it itself accepts, for every number of [0, 1], its ends included', () => {
    fc.assert(
      fc.property(ARBITRARY[kind], fc.oneof(unit, fc.constantFrom(0, 1)), (distribution, u) => {
        expect(problemOf(distribution, fromUnit(distribution, u))).toBeNull();
      }),
    );
  });

  it('finds its values again: from [0, 1] and back is the same value, or for a number one as near as the error of quantiles', () => {
    fc.assert(
      fc.property(ARBITRARY[kind], fc.double({ min: 1e-4, max: 1 - 1e-4, noNaN: true }), (distribution, u) => {
        const value = fromUnit(distribution, u);
        const again = fromUnit(distribution, toUnit(distribution, value));
        if (choicesOf(distribution)) expect(again).toEqual(value);
        else
          expect(Math.abs((again as number) - (value as number))).toBeLessThan(
            1e-5 * Math.max(1, Math.abs(value as number)),
          );
      }),
    );
  });

  it('enumerates nothing, or each value once, all of them its own', () => {
    fc.assert(
      fc.property(ARBITRARY[kind], distribution => {
        const grid = gridOf(distribution);
        if (grid === null) return;
        const values = Array.from({ length: grid.count }, (_, i) => grid.at(i));
        expect(new Set(values.map(each => JSON.stringify(each))).size).toBe(values.length);
        for (const value of values) expect(problemOf(distribution, value)).toBeNull();
      }),
    );
  });
});

describe.each(LINES)('%s, which is a line,', kind => {
  it('never goes down as u goes up', () => {
    fc.assert(
      fc.property(ARBITRARY[kind], unit, unit, (distribution, a, b) => {
        fc.pre(Math.abs(a - b) > 1e-6);
        const [low, high] = [Math.min(a, b), Math.max(a, b)].map(u => fromUnit(distribution, u) as number);
        expect(low).toBeLessThanOrEqual(high as number);
      }),
    );
  });
});

describe.each(LINES.filter(kind => !ROUNDED.includes(kind)))('%s, which is continuous,', kind => {
  it('has u as its cumulative distribution function', () => {
    fc.assert(
      fc.property(ARBITRARY[kind], unit, (distribution, u) => {
        expect(toUnit(distribution, fromUnit(distribution, u))).toBeCloseTo(u, 5);
      }),
    );
  });
});

describe('values', () => {
  const drawn = (distribution: Distribution) => [0, 0.25, 0.5, 0.75, 1].map(u => fromUnit(distribution, u));
  const about = (values: number[]) => values.map(value => expect.closeTo(value, 6));

  it.each<[Distribution, unknown[]]>([
    [{ kind: 'constant', value: 'x' }, ['x', 'x', 'x', 'x', 'x']],
    [{ kind: 'categorical', values: ['a', 'b', 'c', null] }, ['a', 'b', 'c', null, null]],
    [{ kind: 'categorical_w_probabilities', values: [1, 2, 3], probabilities: [0.6, 0.4, 0] }, [1, 1, 1, 2, 2]],
    [{ kind: 'int_uniform', min: 1, max: 4 }, [1, 2, 3, 4, 4]],
    [{ kind: 'uniform', min: -1, max: 1 }, [-1, -0.5, 0, 0.5, 1]],
    [{ kind: 'q_uniform', min: 0, max: 1, q: 0.1 }, [0, 0.3, 0.5, 0.8, 1]],
    [{ kind: 'log_uniform', min: 0, max: Math.log(16) }, about([1, 2, 4, 8, 16])],
    [{ kind: 'log_uniform_values', min: 1, max: 16 }, about([1, 2, 4, 8, 16])],
    [{ kind: 'inv_log_uniform', min: -Math.log(16), max: 0 }, about([1, 2, 4, 8, 16])],
    [{ kind: 'inv_log_uniform_values', min: 1, max: 16 }, about([1, 2, 4, 8, 16])],
    [{ kind: 'q_log_uniform', min: 0, max: Math.log(16), q: 2 }, [2, 2, 4, 8, 16]],
    [{ kind: 'q_log_uniform_values', min: 256, max: 8192, q: 1 }, [256, 609, 1448, 3444, 8192]],
    [{ kind: 'beta', a: 1, b: 1 }, about([0, 0.25, 0.5, 0.75, 1])],
    [{ kind: 'q_beta', a: 1, b: 1, q: 0.2 }, [0, 0.2, 0.6, 0.8, 1]],
  ])('%j', (distribution, values) => expect(drawn(distribution)).toEqual(values));

  it('of normal ones are those of a table of quantiles (R: qnorm, qlnorm, qbeta)', () => {
    const at = (distribution: Distribution, u: number) => fromUnit(distribution, u) as number;
    expect(at({ kind: 'normal', mu: 0, sigma: 1 }, 0.975)).toBeCloseTo(1.959963985, 7);
    expect(at({ kind: 'normal', mu: 10, sigma: 2 }, 0.001)).toBeCloseTo(10 - 2 * 3.090232306, 7);
    expect(at({ kind: 'log_normal', mu: 0, sigma: 1 }, 0.9)).toBeCloseTo(3.602224479, 7);
    expect(at({ kind: 'beta', a: 2, b: 5 }, 0.5)).toBeCloseTo(0.26444998, 6);
    expect(at({ kind: 'beta', a: 0.5, b: 0.5 }, 0.1)).toBeCloseTo(0.02447174, 6);
    expect(at({ kind: 'q_normal', mu: 0, sigma: 1, q: 0.5 }, 0.975)).toBe(2);
  });

  it('rounded to q stay inside the bounds, which W&B’s rounding leaves', () => {
    expect(drawn({ kind: 'q_uniform', min: 1, max: 10, q: 4 })).toEqual([4, 4, 4, 8, 8]);
    expect(drawn({ kind: 'q_log_uniform_values', min: 3, max: 99, q: 10 }).slice(0, 1)).toEqual([10]);
  });

  it('are whole numbers where q is one', () => {
    const text = JSON.stringify(drawn({ kind: 'q_uniform', min: -3, max: 3, q: 1 }));
    expect(text).toBe('[-3,-1,0,2,3]');
  });

  it('of distributions without bounds are looked at where one draw of fifty goes beyond', () => {
    expect(endsOf({ kind: 'normal', mu: 0, sigma: 1 })).toEqual([0.01, 0.99]);
    expect(endsOf({ kind: 'uniform', min: 0, max: 1 })).toEqual([0, 1]);
  });
});

describe('a value given by hand', () => {
  it.each<[Distribution, unknown, string]>([
    [{ kind: 'constant', value: 3 }, 4, 'expected 3, got 4'],
    [{ kind: 'categorical', values: [1, 'a'] }, 'b', 'expected one of 1, "a", got "b"'],
    [{ kind: 'int_uniform', min: 1, max: 5 }, 2.5, 'expected a whole number from 1 to 5, got 2.5'],
    [{ kind: 'int_uniform', min: 1, max: 5 }, 6, 'expected a whole number from 1 to 5, got 6'],
    [{ kind: 'uniform', min: 0, max: 1 }, '0.5', 'expected a number from 0 to 1, got "0.5"'],
    [{ kind: 'uniform', min: 0, max: 1 }, 1.1, 'expected a number from 0 to 1, got 1.1'],
    [{ kind: 'log_normal', mu: 0, sigma: 1 }, -1, 'expected a number of at least 0, got -1'],
    [{ kind: 'normal', mu: 0, sigma: 1 }, null, 'expected a number of any size, got null'],
    [
      { kind: 'q_uniform', min: 0, max: 1, q: 0.1 },
      0.37,
      'expected a multiple of 0.1 from 0 to 1, such as 0.4, got 0.37',
    ],
    [{ kind: 'q_uniform', min: 0, max: 1, q: 0.1 }, 7, 'expected a number from 0 to 1, got 7'],
  ])('%j refuses %j', (distribution, value, message) => expect(problemOf(distribution, value as never)).toBe(message));

  it('is found in a list whatever its shape', () => {
    const shapes: Distribution = { kind: 'categorical', values: [{ a: 1, b: [2] }, [1, 2]] };
    expect(problemOf(shapes, { b: [2], a: 1 })).toBeNull();
    expect(toUnit(shapes, [1, 2])).toBe(0.75);
  });
});
