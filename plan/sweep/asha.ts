import { furthest } from './furthest.ts';
import type { KindOfTermination } from './kind-of-termination.ts';
import { type Goal, ranked, shown } from './ranking.ts';
import { powers, wholeSteps } from './rung-steps.ts';
import type { EarlyTerminate, Judgement, Rungs } from './types.ts';

type Asha = Extract<EarlyTerminate, { type: 'asha' }>;

/**
 * ASHA with promotion (Li et al., arXiv 1810.05934, algorithm 2): trials wait at rungs `r · eta^k` below R; from the top rung down, who is among
 * the best floor(n / eta) of the `n` that told there goes on. In all more than floor(n / eta) may go on: each was among the best when
 * its turn came, as in the paper. A trial without a finite value counts in `n` and never goes on.
 */
export const asha: KindOfTermination<Asha> = {
  steps: ({ eta, r, R }) => wholeSteps(powers(eta).flatMap(power => (r * power < R ? [r * power] : []))),
  waits: true,
  toStop: () => [],

  toPromote(spec, goal, rungs, waiting) {
    const goesOn = ({ value, place, n }: Place) => Number.isFinite(value) && place <= Math.floor(n / spec.eta);
    const found = places(goal, rungs, waiting).find(goesOn);
    return found ? judgement(spec, found, `among the best ${Math.floor(found.n / spec.eta)} (eta=${spec.eta})`) : null;
  },

  toFinish(spec, goal, rungs, waiting) {
    const found = places(goal, rungs, waiting).find(({ value }) => Number.isFinite(value));
    return found
      ? judgement(spec, found, 'the best of those that got furthest, so that one trial gets to its end')
      : null;
  },

  neverPromotable(spec, goal, rungs, waiting, coming) {
    const never: Judgement[] = [];
    const all = places(goal, rungs, waiting);
    let below = 0;
    for (const rung of rungs.keys()) {
      const here = all.filter(place => place.rung === rung);
      const lost = here.filter(
        ({ value, place, n }) => !Number.isFinite(value) || place > Math.floor((n + coming + below) / spec.eta),
      );
      for (const place of lost) {
        const most = Math.floor((place.n + coming + below) / spec.eta);
        never.push(judgement(spec, place, `at most the best ${most} will go on (eta=${spec.eta})`));
      }
      below += here.length - lost.length;
    }
    return never.sort((a, b) => a.trial - b.trial);
  },
};

/** A trial that waits, and how it stands at its rung: the `place`-th of `n`, the best is the first. */
interface Place {
  trial: number;
  rung: number;
  value: number | null;
  place: number;
  n: number;
}

/** From the top rung down, at each the best first. */
function places(goal: Goal, rungs: Rungs, waiting: ReadonlySet<number>): Place[] {
  const rungOf = new Map(furthest(rungs, waiting).map(({ rung, told }) => [told.trial, rung]));
  const byRung = rungs.map((told, rung) =>
    ranked(goal, told).flatMap(({ trial, value }, i) =>
      rungOf.get(trial) === rung ? [{ trial, rung, value, place: i + 1, n: told.length }] : [],
    ),
  );
  return byRung.reverse().flat();
}

const judgement = (spec: Asha, { trial, rung, value, place, n }: Place, why: string): Judgement => ({
  trial,
  rung,
  reason: `${shown(value)} at step ${asha.steps(spec)[rung]} is number ${place} of n=${n}: ${why}`,
});
