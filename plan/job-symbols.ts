import type { JobState } from './protocol.ts';

/** One character a state, the same in the terminal and in the Web UI. */
export const JOB_SYMBOLS: Record<JobState, string> = {
  pending: '·',
  claiming: '…',
  running: '▶',
  held: '‖',
  done: '✓',
  reused: '↺',
  failed: '✗',
  skipped: '–',
};
