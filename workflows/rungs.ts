// A trial of a sweep: what it tells the sweep, and waiting at a rung until that promotes it.
import { CancellationScope, condition, getExternalWorkflowHandle, log, sleep } from '@temporalio/workflow';
import { rungName } from '../plan/held.ts';
import type { SkeletonJob, TrialReport } from '../plan/protocol.ts';
import { control, wasCancelled } from './activity-calls.ts';
import { trialReport } from './messages.ts';
import type { Trial } from './trial-state.ts';

const AGAIN_MS = 10_000;
const LOOK_MS = 600_000;
/** A trial may wait for months: its history is not to fill up meanwhile. */
const LONGEST_LOOK_MS = 3_600_000;

type RungReport = Extract<TrialReport, { kind: 'rung' }>;

/** Thrown where nobody is left who could let the trial go on: it ends as stopped. */
export class SweepGone extends Error {
  override name = 'SweepGone';
}

/** Tells the sweep of a rung that was reached and returns when the training may go on from it; `show` makes the trial's new state visible. */
export async function untilPromoted(
  trial: Trial,
  { id }: SkeletonJob,
  sweep: string,
  report: RungReport,
  show: () => void,
): Promise<void> {
  const promoted = () => trial.passed > report.rung;
  const showWaiting = () => {
    trial.state = trial.paused ? 'paused' : 'waiting';
    trial.waitingFor = `${id} waits at ${rungName(report)} for its sweep to promote or stop it`;
    show();
  };
  showWaiting();
  while (!(await tellSweep(sweep, report))) {
    await mustBeOpen(sweep);
    await sleep(AGAIN_MS, { summary: 'then the sweep is told again' });
  }
  while (!promoted()) {
    const { paused } = trial;
    await whileSweepGoesOn(sweep, () => promoted() || trial.paused !== paused);
    if (trial.paused !== paused) showWaiting();
  }
  trial.waitingFor = null;
}

/**
 * Waits for what a user or a sweep may take months to say; a trial of a sweep looks now and then whether that goes on.
 * @throws SweepGone
 */
export async function whileSweepGoesOn(sweep: string | undefined, said: () => boolean): Promise<void> {
  if (sweep === undefined) return await condition(said);
  const summary = 'then a look whether the sweep goes on';
  for (let wait = LOOK_MS; !(await condition(said, wait, { summary })); wait = Math.min(2 * wait, LONGEST_LOOK_MS))
    await mustBeOpen(sweep);
}

/** Whether the sweep has taken the report; the same one may be told again. */
export async function tellSweep(sweep: string, report: TrialReport): Promise<boolean> {
  try {
    await getExternalWorkflowHandle(sweep).signal(trialReport, report);
    return true;
  } catch (error) {
    if (wasCancelled(error)) throw error;
    log.warn('the sweep could not be told', { sweep, kind: report.kind, error });
    return false;
  }
}

/** Best effort, also after a cancel: a sweep that has not heard of an end finds it by itself. */
export async function tellEnd(sweep: string, report: Extract<TrialReport, { kind: 'end' }>): Promise<void> {
  await CancellationScope.nonCancellable(() => tellSweep(sweep, report)).catch(() => false);
}

/** @throws SweepGone */
async function mustBeOpen(sweep: string): Promise<void> {
  const open = await control('does the sweep go on?')
    .sweepIsOpen(sweep)
    .catch((error: unknown) => {
      if (wasCancelled(error)) throw error;
      // Nothing is known of it: it is asked again later.
      return true;
    });
  if (!open) throw new SweepGone(`its sweep ${sweep} has ended`);
}
