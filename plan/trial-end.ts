import type { TrialEnd, TrialResult } from './protocol.ts';

/** What a sweep needs to know of a trial that has a result. */
export function endOf({ state, why, metrics, steps, gpuSeconds, jobs }: TrialResult): TrialEnd {
  return {
    status: state,
    why: why ?? (state === 'stopped' ? 'it was stopped' : null),
    metrics,
    steps: steps ?? null,
    gpuSeconds: gpuSeconds ?? 0,
    reused: jobs.reused,
  };
}
