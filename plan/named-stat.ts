import type { JsonObject } from './plan.ts';

const FIELD = '__dj__stats__.';

/** The stats key that an op's arguments name as the field that it bounds (`field_key: __dj__stats__.<key>`), or null. */
export function namedStat({ field_key: field }: JsonObject): string | null {
  return typeof field === 'string' && field.startsWith(FIELD) ? field.slice(FIELD.length) : null;
}
