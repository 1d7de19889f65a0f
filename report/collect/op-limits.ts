import type { Op } from '../../plan/op-catalogue.ts';
import type { Json, JsonObject } from '../../plan/plan.ts';
import { sideOf } from '../../plan/range-argument.ts';
import type { Limit } from '../model/trial.ts';

/** The bounds of an op's arguments whose stat is certain: its only one, or the one that ends as the argument does (`min_height`, `video_height`). */
export function limitsOf(op: Op, args: JsonObject): Limit[] {
  return Object.entries(args).flatMap(([arg, given]) => {
    const side = sideOf(arg);
    const value = numberOf(given);
    const ending = arg.replace(/^.*(?:min|max)_?/, '');
    const stat = op.stats.length === 1 ? op.stats[0] : op.stats.find(each => ending !== '' && each.endsWith(ending));
    if (side === null || value === null || stat === undefined) return [];
    return [{ stat, side, value, anyOutside: args.any_or_all === 'all' }];
  });
}

/** Whether a sample's stat is outside of a bound. */
export function outsideOf({ side, value, anyOutside }: Limit, stat: Json | undefined): boolean {
  const values = (Array.isArray(stat) ? stat.flat() : [stat]).filter(each => typeof each === 'number');
  if (values.length === 0) return false;
  const outside = (each: number) => (side < 0 ? each < value : each > value);
  return anyOutside ? values.some(outside) : values.every(outside);
}

/** Numbers, and fractions as text (`9/21`, `9:21`). */
function numberOf(given: Json): number | null {
  if (typeof given === 'number') return given;
  if (typeof given !== 'string') return null;
  const [a, b, ...rest] = given.split(/[/:]/).map(Number);
  const value = rest.length > 0 ? Number.NaN : b === undefined ? a! : a! / b;
  return Number.isFinite(value) ? value : null;
}
