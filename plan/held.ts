import type { HeldDetails } from './protocol.ts';

/** `rung 2 (step 60)`: rungs are counted from 1 where people read it. */
export function rungName({ rung, step }: { rung: number; step: number }): string {
  return `rung ${rung + 1} (step ${step})`;
}

/** `at step 120 (checkpoint-120)`. */
export function whereHeld({ checkpoint, step, rung }: HeldDetails): string {
  if (rung) return `at ${rungName(rung)}`;
  if (checkpoint === null) return 'without a checkpoint: it begins again';
  return step === null ? `(${checkpoint})` : `at step ${step} (${checkpoint})`;
}
