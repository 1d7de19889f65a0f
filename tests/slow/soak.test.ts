import { describe, it } from 'vitest';
import { aside } from '../soak/aside.ts';
import type { SeedReport } from '../soak/seed.ts';

/** Seed 73 once found a control worker that did not end when its server was killed while it started. */
const SEEDS = [...Array.from({ length: 20 }, (_, i) => i + 1), 73];

describe.concurrent('three trials at once, while what runs them dies and freezes at random moments', () => {
  it.for(SEEDS)(
    'seed %i: all done and published once, no step lost but to a checkpoint, nothing alive, nothing leased',
    async (seed, { expect: check }) => {
      const { broken, faults } = await aside<SeedReport>('one.ts', [seed, 3]);
      check(broken, `after: ${faults.join(', ')}`).toEqual([]);
    },
  );
});
