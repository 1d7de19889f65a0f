import { z } from 'zod';

export const DEFAULT_SEED = 42;

/** A shuffle's seed; published configs also write `seed`, which the original does not read. */
export const seedKeys = {
  shuffle_seed: z.int().nonnegative().nullish().describe(`Default ${DEFAULT_SEED}`),
  seed: z.int().nonnegative().nullish().describe('The same, as published configs write it'),
};

export function seedOf({ shuffle_seed, seed }: { [key in keyof typeof seedKeys]?: number | null | undefined }): number {
  return shuffle_seed ?? seed ?? DEFAULT_SEED;
}
