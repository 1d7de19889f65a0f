import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { SecondTries } from './tests/support/second-tries.ts';

/** `npm run test:slow` and `npm run test:slow-data` (--dir says which): minutes long, most of it waiting for timeouts, so several sandboxes at the same time. */
export default defineConfig({
  test: {
    include: ['**/*.test.ts'],
    testTimeout: 900_000,
    hookTimeout: 120_000,
    reporters: ['verbose', new SecondTries()],
    retry: process.env.CI ? 1 : 0,
    fileParallelism: false,
    maxConcurrency: 2 * availableParallelism(),
  },
});
