import { isObject } from '../../plan/dotted.ts';
import type { Json } from '../../plan/plan.ts';

/**
 * A config as dotted keys with their values. A list of ops, each a map of its one name, has their names in its keys: `process.<op>.<arg>`, and
 * `process.<op>#2.<arg>` of the second of that name; any other list is a value.
 */
export function flatten(value: Json | undefined): Map<string, Json> {
  const flat = new Map<string, Json>();
  add(flat, '', value);
  return flat;
}

function add(flat: Map<string, Json>, at: string, value: Json | undefined): void {
  if (value === undefined) return;
  const within = (key: string) => (at === '' ? key : `${at}.${key}`);
  const ops = opsIn(value);
  if (ops) for (const [name, args] of ops) add(flat, within(name), args ?? {});
  else if (isObject(value) && Object.keys(value).length > 0)
    for (const [key, inside] of Object.entries(value)) add(flat, within(key), inside);
  else flat.set(at, value);
}

/** Ops of a recipe by name; null where it is no list of ops. */
function opsIn(value: Json): [string, Json][] | null {
  if (!Array.isArray(value) || value.length === 0) return null;
  const seen = new Map<string, number>();
  const ops: [string, Json][] = [];
  for (const item of value) {
    const entries = isObject(item) ? Object.entries(item) : [];
    if (entries.length !== 1) return null;
    const [name, args] = entries[0]!;
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    ops.push([count === 1 ? name : `${name}#${count}`, args ?? null]);
  }
  return ops;
}

/** A value in one line, as YAML's flow style has it. */
export function valueText(value: Json | undefined): string {
  if (value === undefined) return '–';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
