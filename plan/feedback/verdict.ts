import { againstBaseline, type Demands, isBetter, type Standing } from '../statistics/against-baseline.ts';

/** A part of an op's stat, and what models made of it. */
export interface Pool {
  name: string;
  /** Null: open on that side. */
  min: number | null;
  max: number | null;
  results: readonly (number | null)[];
}

/** What was tried on one op. */
export interface OpEvidence {
  op: string;
  /** The stats key that the pools were cut by. */
  stat: string;
  pools: readonly Pool[];
  baseline: readonly (number | null)[];
  /** Arguments that bound the stat, where the op has several. */
  minArg?: string;
  maxArg?: string;
}

export interface PoolVerdict extends Standing {
  pool: Pool;
}

export interface OpVerdict {
  op: string;
  stat: string;
  /** In the order of their ranges, the lowest first. */
  pools: PoolVerdict[];
  /** The pool that helped; null: the op is left alone. */
  chosen: PoolVerdict | null;
  why: string;
}

/**
 * Chooses for each op the pool that helped most, if any did: the comparisons of all ops are one family. An op of which two pools helped that are no
 * neighbours, neither better than the other, is left alone: no one range holds both.
 */
export function judge(evidence: readonly OpEvidence[], demands: Demands): OpVerdict[] {
  const standings = againstBaseline(
    evidence.flatMap(({ pools, baseline }) => pools.map(({ results }) => ({ results, baseline }))),
    demands,
  );
  let taken = 0;
  return evidence.map(({ op, stat, pools }) => {
    const verdicts = pools.map(pool => ({ pool, ...standings[taken++]! }));
    return { op, stat, ...choose(verdicts.sort(byRange), demands) };
  });
}

function choose(pools: PoolVerdict[], demands: Demands): Pick<OpVerdict, 'pools' | 'chosen' | 'why'> {
  const helpful = pools.filter(each => each.helps).sort((a, b) => b.effect - a.effect);
  const [best] = helpful;
  if (!best) return { pools, chosen: null, why: pools.map(({ pool, why }) => `${pool.name}: ${why}`).join('; ') };
  const isNeighbour = (each: PoolVerdict) => Math.abs(pools.indexOf(each) - pools.indexOf(best)) <= 1;
  const rival = helpful.find(each => !isNeighbour(each) && !isBetter(best, each, demands));
  if (rival) {
    const why = `${best.pool.name} and ${rival.pool.name} both helped, which are not next to each other, and neither is better than the other: no one range holds both`;
    return { pools, chosen: null, why };
  }
  const others = helpful.slice(1).map(({ pool }) => pool.name);
  const also = others.length > 0 ? ` (${others.join(' and ')} helped less)` : '';
  return { pools, chosen: best, why: `${best.pool.name} helped${also}: ${best.why}` };
}

function byRange({ pool: a }: PoolVerdict, { pool: b }: PoolVerdict): number {
  return compare(a.min ?? -Infinity, b.min ?? -Infinity) || compare(a.max ?? Infinity, b.max ?? Infinity);
}

/** Infinities of the same sign are equal, whose difference is NaN. */
function compare(a: number, b: number): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
