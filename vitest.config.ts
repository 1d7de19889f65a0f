import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { SecondTries } from './tests/support/second-tries.ts';

const real = ['tests/real/**/*.test.ts'];

export default defineConfig({
  test: {
    testTimeout: 60_000,
    hookTimeout: 120_000,
    reporters: ['default', new SecondTries()],
    // Tests of real processes wait more than they compute; by itself vitest would take one file at a time on two cores.
    maxWorkers: Math.max(3, availableParallelism() - 1),
    projects: [
      { extends: true, test: { name: 'unit', include: ['tests/**/*.test.ts'], exclude: [...real, 'tests/slow/**'] } },
      { extends: true, test: { name: 'real', include: real, testTimeout: 180_000, retry: process.env.CI ? 1 : 0 } },
    ],
  },
});
