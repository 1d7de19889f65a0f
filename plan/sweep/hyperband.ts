import { furthest } from './furthest.ts';
import { type KindOfTermination, NEVER_WAITS } from './kind-of-termination.ts';
import { asLoss, ranked, shown } from './ranking.ts';
import { powers, wholeSteps } from './rung-steps.ts';
import type { EarlyTerminate } from './types.ts';

/**
 * Stopping as W&B's sweeps do it (the open engine wandb/sweeps): of the `n` values told at a band, that at position floor(n / eta) from the best,
 * counted from 0, is the threshold; a running trial that got no further and is strictly worse is stopped. `strict` takes the trial's value at
 * the band; else it is its best so far, which forgives a bad moment.
 */
export const hyperband: KindOfTermination<Extract<EarlyTerminate, { type: 'hyperband' }>> = {
  ...NEVER_WAITS,

  /** `max_iter / eta^i` for i = 1..s, or `min_iter · eta^i` for i = 0, 1, … */
  steps: ({ eta, s, minIter, maxIter }) =>
    maxIter === null
      ? wholeSteps(powers(eta).map(power => (minIter ?? 1) * power))
      : wholeSteps(
          powers(eta)
            .slice(1, s === null ? undefined : 1 + s)
            .map(power => maxIter / power),
        ),

  toStop(spec, goal, rungs, running) {
    const { eta, strict } = spec;
    const steps = hyperband.steps(spec);
    const stopped = furthest(rungs, running).flatMap(({ rung, told }) => {
      const all = ranked(goal, rungs[rung] ?? []);
      const threshold = all[Math.floor(all.length / eta)]?.value ?? null;
      const own = strict ? told.value : told.best;
      if (asLoss(goal, own) <= asLoss(goal, threshold)) return [];
      const what = strict ? 'its value' : 'its best so far';
      const reason = `${what} at step ${steps[rung]}, ${shown(own)}, is worse than the threshold ${shown(threshold)} (n=${all.length}, eta=${eta})`;
      return [{ trial: told.trial, rung, reason }];
    });
    return stopped.sort((a, b) => a.trial - b.trial);
  },
};
