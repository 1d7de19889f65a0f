import type { HeldDetails } from './protocol.ts';

/** `at step 120 (checkpoint-120)`. */
export function whereHeld({ checkpoint, step }: HeldDetails): string {
  if (checkpoint === null) return 'without a checkpoint: it begins again';
  return step === null ? `(${checkpoint})` : `at step ${step} (${checkpoint})`;
}
