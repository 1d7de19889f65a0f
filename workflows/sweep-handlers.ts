import { setHandler } from '@temporalio/workflow';
import type { JsonObject } from '../plan/plan.ts';
import type { SteeringArgs, TrialReport } from '../plan/protocol.ts';
import { budgetProblem, concurrencyProblem, mapProblem, trialProblem } from '../plan/sweep/steering.ts';
import type { Sweep } from '../plan/sweep/sweep.ts';
import type { Point, Space, Steer } from '../plan/sweep/types.ts';
import * as messages from './messages.ts';

/** Compiles what a user steers the sweep to; rejects with what is wrong. */
export type CheckSteering = (asked: Omit<SteeringArgs, 'input'>) => Promise<{ space: Space }>;

/**
 * Connects a sweep's messages to its state; `wake` has the workflow look what is to be done. Validators look at shape; what must be compiled is
 * compiled in the handler and rejected there.
 */
export function wireSweep(sweep: Sweep, wake: () => void, check: CheckSteering): void {
  const steer = (one: Steer) => {
    sweep.steered(one, Date.now());
    wake();
  };
  /** @throws Error where the sweep ends, or the wish has a problem. */
  const refuse = (problem: string | null) => {
    const { ending } = sweep.memory;
    if (ending) throw new Error(`the sweep ends (${ending.reason}): there is nothing to steer`);
    if (problem !== null) throw new Error(problem);
  };
  setHandler(messages.decisions, () => sweep.memory.recent);
  setHandler(messages.trialReport, report => {
    take(sweep, report);
    wake();
  });
  setHandler(messages.pause, () => steer({ kind: 'pause' }));
  setHandler(messages.resume, () => steer({ kind: 'resume' }));
  setHandler(messages.stop, () => steer({ kind: 'stop' }));
  setHandler(messages.setBudget, budget => steer({ kind: 'setBudget', budget }), {
    validator: budget => refuse(budgetProblem(budget)),
  });
  setHandler(messages.setConcurrency, concurrency => steer({ kind: 'setConcurrency', concurrency }), {
    validator: concurrency => refuse(concurrencyProblem(concurrency)),
  });
  setHandler(messages.stopTrial, ({ trial }) => steer({ kind: 'stopTrial', trial }), {
    validator: args => refuse(trialProblem(sweep, args?.trial)),
  });
  const current = () => ({ sampler: sweep.spec.sampler, space: sweep.spec.space });
  const enqueue = async (point: Point) => {
    await check({ points: [point], ...current() });
    refuse(null);
    steer({ kind: 'enqueueTrial', point });
    return { queued: sweep.memory.queue.length };
  };
  setHandler(messages.enqueueTrial, enqueue, { validator: point => refuse(mapProblem(point)) });
  const setSpace = async (parameters: JsonObject) => {
    const { space } = await check({ parameters, ...current() });
    refuse(null);
    steer({ kind: 'setSpace', space });
    return { space };
  };
  setHandler(messages.setSpace, setSpace, { validator: parameters => refuse(mapProblem(parameters)) });
}

function take(sweep: Sweep, report: TrialReport): void {
  if (report.kind === 'rung') sweep.rungTold(report, Date.now());
  else sweep.trialEnded(report.trial, report.end, Date.now());
}
