import { condition, setHandler } from '@temporalio/workflow';
import type { JsonObject } from '../plan/plan.ts';
import type { Leaderboard } from '../plan/protocol.ts';
import { budgetProblem, concurrencyProblem, mapProblem, trialProblem } from '../plan/sweep/steering.ts';
import type { Sweep } from '../plan/sweep/sweep.ts';
import type { Point, Space, Steer } from '../plan/sweep/types.ts';
import * as messages from './messages.ts';

/** What handlers need of the workflow. */
export interface SweepSurroundings {
  /** Null while its file is read: what comes then waits. */
  sweep: () => Sweep | null;
  /** Has the workflow look what is to be done. */
  wake: () => void;
  leaderboard: (sweep: Sweep) => Leaderboard;
  /** Compiles what a user steers the sweep to; rejects with what is wrong. */
  check: (sweep: Sweep, asked: { points?: Point[]; parameters?: JsonObject }) => Promise<{ space: Space }>;
}

/** Connects a sweep's messages to its state. Validators look at shape; what must be compiled is compiled in the handler and rejected there. */
export function wireSweep({ sweep: current, wake, leaderboard, check }: SweepSurroundings): void {
  /** At once where the sweep is open, so that what comes together is taken in the order in which it came. */
  const withSweep = <T>(act: (sweep: Sweep) => T): T | Promise<T> => {
    const sweep = current();
    return sweep ? act(sweep) : condition(() => current() !== null).then(() => act(current()!));
  };
  const steer = (one: Steer) =>
    withSweep(sweep => {
      sweep.steered(one, Date.now());
      wake();
    });
  const asked = <T>(ask: (sweep: Sweep) => T): T => {
    const sweep = current();
    if (!sweep) throw new Error('the sweep is being read: ask again in a moment');
    return ask(sweep);
  };
  setHandler(messages.leaderboard, () => asked(leaderboard));
  setHandler(messages.decisions, () => asked(sweep => sweep.memory.recent));
  setHandler(messages.standing, () => asked(sweep => ({ board: leaderboard(sweep), decisions: sweep.memory.recent })));
  setHandler(messages.trialReport, report =>
    withSweep(sweep => {
      if (report.kind === 'rung') sweep.rungTold(report, Date.now());
      else sweep.trialEnded(report.trial, report.end, Date.now());
      wake();
    }),
  );
  setHandler(messages.pause, () => steer({ kind: 'pause' }));
  setHandler(messages.resume, () => steer({ kind: 'resume' }));
  setHandler(messages.stop, () => steer({ kind: 'stop' }));
  setHandler(messages.setBudget, budget => steer({ kind: 'setBudget', budget }), {
    validator: budget => refuse(current(), budgetProblem(budget)),
  });
  setHandler(messages.setConcurrency, concurrency => steer({ kind: 'setConcurrency', concurrency }), {
    validator: concurrency => refuse(current(), concurrencyProblem(concurrency)),
  });
  setHandler(messages.stopTrial, ({ trial }) => steer({ kind: 'stopTrial', trial }), {
    validator: args => refuse(current(), trialProblem(current(), args?.trial)),
  });
  const enqueue = async (point: Point) => {
    const sweep = await withSweep(opened => opened);
    await check(sweep, { points: [point] });
    refuse(sweep, null);
    await steer({ kind: 'enqueueTrial', point });
    return { queued: sweep.memory.queue.length };
  };
  setHandler(messages.enqueueTrial, enqueue, { validator: point => refuse(current(), mapProblem(point)) });
  const setSpace = async (parameters: JsonObject) => {
    const sweep = await withSweep(opened => opened);
    const { space } = await check(sweep, { parameters });
    refuse(sweep, null);
    await steer({ kind: 'setSpace', space });
    return { space };
  };
  setHandler(messages.setSpace, setSpace, { validator: parameters => refuse(current(), mapProblem(parameters)) });
}

/** @throws Error where the sweep ends, or the wish has a problem. */
function refuse(sweep: Sweep | null, problem: string | null): void {
  const ending = sweep?.memory.ending;
  if (ending) throw new Error(`the sweep ends (${ending.reason}): there is nothing to steer`);
  if (problem !== null) throw new Error(problem);
}
