import { figure } from '../figures.ts';
import type { Point } from './types.ts';

/** The shortest endings of dotted names by which they can still be told apart: `text_length_filter.min_len` → `min_len`. */
export function shortNames(names: readonly string[]): Map<string, string> {
  const ending = (name: string, parts: number) => name.split('.').slice(-parts).join('.');
  const short = (name: string): string => {
    for (let parts = 1; parts < name.split('.').length; parts += 1) {
      const text = ending(name, parts);
      if (names.every(other => other === name || ending(other, parts) !== text)) return text;
    }
    return name;
  };
  return new Map(names.map(name => [name, short(name)]));
}

/** A parameter's value in a few characters. */
export function valueText(value: unknown): string {
  if (value === undefined) return '';
  if (typeof value === 'number') return figure(value);
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** `min_len=20, k=2`. */
export function pointText(point: Point, names: readonly string[] = Object.keys(point)): string {
  const short = shortNames(names);
  return Object.entries(point)
    .map(([name, value]) => `${short.get(name) ?? name}=${valueText(value)}`)
    .join(', ');
}
