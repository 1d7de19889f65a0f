// Random search. Runs inside workflow code.
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { skipN } from 'pure-rand/utils/skipN';
import { fromUnit } from './distributions.ts';
import type { Point, Space } from './types.ts';

/** How many numbers of a generator still show how alike two seeds were. */
const WARM_UP = 8;

/**
 * The point of trial `trial` (from 1): each value depends on the seed, the trial's number and the parameter's name alone, so that
 * other parameters may come and go (`setSpace`) and trials may be asked for in any order.
 */
export function randomPoint(space: Space, seed: number, trial: number): Point {
  return Object.fromEntries(
    space.map(({ name, distribution }) => [name, fromUnit(distribution, unitOf(`${seed}/${trial}/${name}`))]),
  );
}

/** A number of [0, 1) for a text. */
function unitOf(text: string): number {
  const generator = xoroshiro128plus(hashOf(text));
  skipN(generator, WARM_UP);
  return uniformFloat64(generator);
}

/** FNV-1a over UTF-16 code units, its bits mixed by MurmurHash3's finalizer; 32 bits. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
