// A space as samplers see it: each parameter is one coordinate.
import { canonical } from '../canonical.ts';
import type { Json } from '../plan.ts';
import { choicesOf, fromUnit, gridOf, problemOf, toUnit } from './distributions.ts';
import type { Distribution, Point, Space } from './types.ts';

/** A coordinate: an index into values without order, an index into values in order, or a number of [0, 1]. */
export type Axis = { name: string } & ({ kind: 'choice' | 'steps'; count: number } | { kind: 'line' });

/** So many values in order are told apart; more of them are as good as a line. */
const MOST_STEPS = 1_000;

/** How values of one parameter lie on its coordinate. */
interface Ruler {
  /** Null: there is one value only, and no coordinate. */
  axis: { kind: 'choice' | 'steps'; count: number } | { kind: 'line' } | null;
  coordinateOf: (value: Json) => number;
  valueAt: (coordinate: number) => Json;
}

function rulerOf(distribution: Distribution): Ruler {
  const choices = choicesOf(distribution);
  if (choices) {
    const texts = Array.from({ length: choices.count }, (_, i) => canonical(choices.at(i)));
    return {
      axis: choices.count === 1 ? null : { kind: 'choice', count: choices.count },
      coordinateOf: value => texts.indexOf(canonical(value)),
      valueAt: choices.at,
    };
  }
  const steps = gridOf(distribution);
  if (!steps || steps.count > MOST_STEPS)
    return {
      axis: { kind: 'line' },
      coordinateOf: value => toUnit(distribution, value),
      valueAt: coordinate => fromUnit(distribution, coordinate),
    };
  const [first, second] = [Number(steps.at(0)), Number(steps.at(1))];
  return {
    axis: steps.count === 1 ? null : { kind: 'steps', count: steps.count },
    coordinateOf: value => Math.round((Number(value) - first) / (second - first)),
    valueAt: steps.at,
  };
}

/** A space's coordinates, in the order of its parameters; those with one value only have none. */
export class UnitCube {
  readonly axes: Axis[];
  readonly #space: Space;
  readonly #rulers: Ruler[];

  constructor(space: Space) {
    this.#space = space;
    this.#rulers = space.map(({ distribution }) => rulerOf(distribution));
    this.axes = this.#rulers.flatMap(({ axis }, i) => (axis ? [{ name: space[i]!.name, ...axis }] : []));
  }

  /** Where a point is; null where it is none of this space: it has other parameters, or a value that cannot be drawn. */
  coordinatesOf(point: Point): number[] | null {
    const isOurs =
      Object.keys(point).length === this.#space.length &&
      this.#space.every(
        ({ name, distribution }) => Object.hasOwn(point, name) && problemOf(distribution, point[name]!) === null,
      );
    if (!isOurs) return null;
    return this.#rulers.flatMap(({ axis, coordinateOf }, i) =>
      axis ? [coordinateOf(point[this.#space[i]!.name]!)] : [],
    );
  }

  /** The point that is there. */
  pointAt(coordinates: readonly number[]): Point {
    const left = [...coordinates];
    return Object.fromEntries(
      this.#space.map(({ name }, i) => {
        const { axis, valueAt } = this.#rulers[i]!;
        return [name, valueAt(axis ? left.shift()! : 0)];
      }),
    );
  }
}
