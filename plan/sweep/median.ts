import { furthest } from './furthest.ts';
import { type KindOfTermination, NEVER_WAITS } from './kind-of-termination.ts';
import { asLoss, ranked, shown } from './ranking.ts';
import { MAX_RUNGS, wholeSteps } from './rung-steps.ts';
import type { EarlyTerminate } from './types.ts';

/**
 * The median rule (Golovin et al., Google Vizier, 2017; the others' values at the step, as Optuna has it): a running trial whose best so far is
 * strictly worse than the median of what at least `minTrials` others told at the furthest rung that it reached is stopped. Of an even number
 * of others the worse middle one is taken: it is a value that some trial told, and when in doubt a trial goes on.
 */
export const median: KindOfTermination<Extract<EarlyTerminate, { type: 'median' }>> = {
  ...NEVER_WAITS,

  /** `minIter`, `minIter + every`, … */
  steps: ({ every, minIter }) => wholeSteps(Array.from({ length: MAX_RUNGS + 1 }, (_, i) => minIter + i * every)),

  toStop(spec, goal, rungs, running) {
    const steps = median.steps(spec);
    const stopped = furthest(rungs, running).flatMap(({ rung, told }) => {
      const others = ranked(goal, rungs[rung] ?? []).filter(other => other.trial !== told.trial);
      const middle = others[Math.floor(others.length / 2)]?.value ?? null;
      if (others.length < spec.minTrials || asLoss(goal, told.best) <= asLoss(goal, middle)) return [];
      const reason = `its best so far at step ${steps[rung]}, ${shown(told.best)}, is worse than the median ${shown(middle)} of n=${others.length} others`;
      return [{ trial: told.trial, rung, reason }];
    });
    return stopped.sort((a, b) => a.trial - b.trial);
  },
};
