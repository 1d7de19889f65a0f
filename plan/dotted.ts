import type { Json, JsonObject } from './plan.ts';

/** Keys that reach an object's prototype in JavaScript. */
export const FORBIDDEN_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Value at a dotted key; a number is an index where the value is a list. Undefined where nothing is. */
export function getAt(root: unknown, dotted: string): Json | undefined {
  let value = root;
  for (const part of dotted.split('.')) {
    if (Array.isArray(value)) value = /^\d+$/.test(part) ? value[Number(part)] : undefined;
    else if (isObject(value)) value = Object.hasOwn(value, part) ? value[part] : undefined;
    else return undefined;
  }
  return value as Json | undefined;
}

/**
 * Writes a value at a dotted key, making maps on the way where nothing (or null) is; changes `root`.
 * Returns what is in the way, in words, or null when it was written.
 */
export function setAt(root: JsonObject, dotted: string, value: Json): string | null {
  const parts = dotted.split('.');
  if (parts.some(part => part === '')) return `"${dotted}" has an empty part`;
  const forbidden = parts.find(part => FORBIDDEN_KEYS.has(part));
  if (forbidden !== undefined) return `"${forbidden}" cannot be a key`;
  let holder: JsonObject | Json[] = root;
  for (const [i, part] of parts.entries()) {
    const last = i === parts.length - 1;
    const way = parts.slice(0, i).join('.');
    if (Array.isArray(holder)) {
      if (!/^\d+$/.test(part) || Number(part) >= holder.length) {
        return `"${way}" is a list of ${holder.length}, and "${part}" is no index into it`;
      }
      if (last) holder[Number(part)] = value;
    } else if (last) holder[part] = value;
    if (last) return null;
    const next: Json | undefined = Array.isArray(holder) ? holder[Number(part)] : holder[part];
    if (next === undefined || next === null) {
      const made: JsonObject = {};
      if (Array.isArray(holder)) holder[Number(part)] = made;
      else holder[part] = made;
      holder = made;
    } else if (typeof next === 'object') holder = next;
    else return `"${parts.slice(0, i + 1).join('.')}" is ${JSON.stringify(next)}, not a map`;
  }
  return null;
}

/** Removes what is at a dotted key, if anything is; changes `root`. An item of a list becomes null, so that the others keep their places. */
export function removeAt(root: JsonObject, dotted: string): void {
  const cut = dotted.lastIndexOf('.');
  const holder = cut < 0 ? root : getAt(root, dotted.slice(0, cut));
  const key = dotted.slice(cut + 1);
  if (Array.isArray(holder)) {
    if (Number(key) < holder.length) holder[Number(key)] = null;
  } else if (isObject(holder)) delete holder[key];
}

/** `key` is `prefix` or inside it. */
export function isWithin(key: string, prefix: string): boolean {
  return key === prefix || key.startsWith(`${prefix}.`);
}
