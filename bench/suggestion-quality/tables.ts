import type { Point, Space } from '../../plan/sweep/types.ts';

/** A table of losses over all points of a space; the last axis runs fastest. */
export interface Table {
  name: string;
  /** Values in order, or without. */
  axes: { kind: 'steps' | 'choice'; count: number }[];
  losses: number[];
}

/** Each axis by its indices, as Optuna is asked directly too. */
export const spaceOf = ({ axes }: Table): Space =>
  axes.map(({ kind, count }, i) => ({
    name: String(i),
    distribution:
      kind === 'steps'
        ? { kind: 'int_uniform', min: 0, max: count - 1 }
        : { kind: 'categorical', values: Array.from({ length: count }, (_, value) => value) },
  }));

export const lossAt = ({ axes, losses }: Table, point: Point): number =>
  losses[axes.reduce((at, { count }, i) => at * count + Number(point[String(i)]), 0)]!;
