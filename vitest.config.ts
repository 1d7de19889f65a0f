import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { SecondTries } from './tests/support/second-tries.ts';

const real = ['tests/real/**/*.test.ts'];

export default defineConfig({
  test: {
    testTimeout: 120_000,
    hookTimeout: 300_000,
    // Many tests start processes: one that fails is tried once more, and named at the end, so that it is mended and costs nobody a day.
    retry: process.env.CI ? 1 : 0,
    reporters: ['default', new SecondTries()],
    // Tests of real processes wait more than they compute; by itself vitest would take one file at a time on two cores.
    maxWorkers: Math.max(3, availableParallelism() - 1),
    projects: [
      { extends: true, test: { name: 'unit', include: ['tests/**/*.test.ts'], exclude: [...real, 'tests/slow*/**'] } },
      { extends: true, test: { name: 'real', include: real, testTimeout: 600_000 } },
    ],
  },
});
