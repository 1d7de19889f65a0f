// Grid search. Runs inside workflow code.
import { gridOf } from './distributions.ts';
import type { Point, Space } from './types.ts';

/** How many points a grid has; Infinity where a parameter cannot be enumerated. */
export function gridSize(space: Space): number {
  return space.reduce((size, { distribution }) => size * (gridOf(distribution)?.count ?? Number.POSITIVE_INFINITY), 1);
}

/**
 * The point at an index (from 0) of the grid, parameters in the order of the file and the last changing fastest; null beyond the end, and
 * where a parameter cannot be enumerated.
 */
export function gridPoint(space: Space, index: number): Point | null {
  const point: Point = {};
  let left = index;
  for (const { name, distribution } of space.toReversed()) {
    const values = gridOf(distribution);
    if (values === null) return null;
    point[name] = values.at(left % values.count);
    left = Math.floor(left / values.count);
  }
  return left > 0 ? null : Object.fromEntries(space.map(({ name }) => [name, point[name]!]));
}
