// Arguments of ops that bound a stat, such as `min_len` and `max_len`, and the values that an op takes there.
import type { OpArg } from './op-catalogue.ts';
import type { Json } from './plan.ts';

/** -1: a minimum; 1: a maximum. */
export type Side = -1 | 1;

/** Which side of a range an argument bounds, by its name as the original has it; null: neither. */
export function sideOf(arg: string): Side | null {
  if (arg.includes('max')) return 1;
  return arg.includes('min') ? -1 : null;
}

/** Flags and lists may have `min` or `max` in their names too. */
export function holdsNumbers(arg: OpArg, value: Json): boolean {
  if (arg.types.some(type => type === 'int' || type === 'float')) return true;
  if (arg.types.includes('str') && arg.format) return true;
  return arg.types.includes('any') && (typeof value === 'number' || value === null);
}

export interface Fitted {
  value: Json;
  /** Set where a whole number is wanted: a minimum goes down, a maximum up, so that no sample is lost by rounding. */
  how: { rounded?: 'down' | 'up' };
}

/** A bound as an argument takes it: whole numbers rounded outward, within the argument's limits, sizes and fractions as text. Null: it takes none such. */
export function fitBound(value: number, side: Side, arg: OpArg | undefined): Fitted | null {
  if (arg?.format === 'fraction') return { value: String(value), how: {} };
  const isBytes = arg?.format === 'bytes';
  const isWhole = isBytes || (arg?.types.includes('int') === true && !arg.types.includes('float'));
  const rounded = isWhole ? (side < 0 ? Math.floor(value) : Math.ceil(value)) : value;
  const least = arg?.ge ?? (isBytes ? 0 : undefined);
  const kept = Math.min(Math.max(rounded, least ?? -Infinity), arg?.le ?? Infinity) + 0;
  if ((arg?.gt !== undefined && kept <= arg.gt) || (arg?.lt !== undefined && kept >= arg.lt)) return null;
  const how = isWhole && rounded !== value ? { rounded: side < 0 ? ('down' as const) : ('up' as const) } : {};
  // Data-Juicer reads sizes as strings.
  return { value: isBytes ? String(kept) : kept, how };
}
