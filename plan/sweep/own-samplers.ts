// Samplers that run in the workflow itself: pure functions of space, seed and numbers.
import { gridPoint } from './grid.ts';
import { randomPoint } from './random.ts';
import type { Point, Space } from './types.ts';

export interface OwnRequest {
  space: Space;
  seed: number;
  /** Points that were taken from this space before. */
  taken: number;
  /** Number of the trial that the point is for. */
  trial: number;
}

/** The next point; null: the space is exhausted. */
export type OwnSampler = (request: OwnRequest) => Point | null;

/** All others are asked of an activity. */
export const OWN_SAMPLERS: Readonly<Record<string, OwnSampler>> = {
  grid: ({ space, taken }) => gridPoint(space, taken),
  random: ({ space, seed, trial }) => randomPoint(space, seed, trial),
};
