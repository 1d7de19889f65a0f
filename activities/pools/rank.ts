import { getAt, isObject } from '../../plan/dotted.ts';
import type { Json } from '../../plan/plan.ts';

/** What of a metric is compared: numbers, in turn. */
type Rank = number[];

export interface RankOptions {
  /** Dotted keys into each metric, the most important first; none: the metric itself, a number or a list of numbers. */
  keys: readonly string[];
  descending: boolean;
}

/**
 * Indices of pools in the order of their metrics, the best first; equal ones keep their order. Throws an Error where a metric has not the
 * numbers that it is ranked by.
 */
export function rankPools(metrics: readonly Json[], { keys, descending }: RankOptions): number[] {
  const ranks = metrics.map((metric, i) => rankOf(metric, keys, i));
  const sign = descending ? -1 : 1;
  return [...ranks.keys()].sort((a, b) => sign * compare(ranks[a]!, ranks[b]!));
}

function compare(a: Rank, b: Rank): number {
  const differs = a.findIndex((value, i) => value !== b[i]);
  if (differs < 0) return a.length - b.length;
  return differs >= b.length ? 1 : a[differs]! - b[differs]!;
}

function rankOf(metric: Json, keys: readonly string[], i: number): Rank {
  if (keys.length > 0) return keys.flatMap(key => numbers(metricAt(metric, key, i), `metrics[${i}].${key}`));
  if (isObject(metric))
    throw new Error(`metrics[${i}] is a map; say in ranking_keys what to rank by: ${keysOf(metric)}`);
  return numbers(metric, `metrics[${i}]`);
}

function metricAt(metric: Json, key: string, i: number): Json {
  const value = isObject(metric) && Object.hasOwn(metric, key) ? metric[key] : getAt(metric, key);
  if (value !== undefined) return value;
  const there = isObject(metric) ? `it has ${keysOf(metric)}` : `it is ${JSON.stringify(metric)}, which has no keys`;
  throw new Error(`metrics[${i}] has no ranking key "${key}"; ${there}`);
}

function numbers(value: Json, at: string): Rank {
  const values = Array.isArray(value) ? value : [value];
  const found = values.map(each => (typeof each === 'boolean' ? Number(each) : each));
  if (found.length > 0 && found.every(each => typeof each === 'number' && Number.isFinite(each))) return found as Rank;
  throw new Error(`${at} is ${JSON.stringify(value)}, by which nothing can be ranked; expected a number`);
}

function keysOf(metric: Record<string, Json>): string {
  return Object.keys(metric).join(', ') || 'nothing';
}
