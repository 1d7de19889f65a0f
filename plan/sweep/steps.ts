import type { Line } from './lines.ts';

/** Of a q-step: what is left of a division of decimal fractions in binary. */
const TOLERANCE = 1e-9;

/** The multiples of q inside a line's bounds: the first and the last of them, as numbers of steps. */
export function steps({ low, high }: Line, q: number): { first: number; last: number } {
  return { first: Math.ceil(low / q - TOLERANCE), last: Math.floor(high / q + TOLERANCE) };
}

/** Without what binary adds to a multiple of a decimal fraction, and without -0. */
export const clean = (value: number): number => Number(value.toPrecision(14)) + 0;
