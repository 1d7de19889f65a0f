import { type CancellationScope, condition, setHandler } from '@temporalio/workflow';
import type { Json } from '../plan/plan.ts';
import { holdsJobs } from './hold.ts';
import * as messages from './messages.ts';
import type { Trial } from './trial-state.ts';

/** A stop waits so long for the running job's checkpoint. */
const SAVING_MS = 60_000;

/** Connects a trial's messages to its state. Validators look at shape only; `setConfig` compiles in the handler and rejects there. */
export function wireTrial(
  trial: Trial,
  jobs: CancellationScope,
  setConfig: (changes: Record<string, Json>) => Promise<{ changed: string[] }>,
  show: () => void,
): void {
  setHandler(messages.progress, () => trial.progress());
  setHandler(messages.context, () => trial.context());
  setHandler(messages.metrics, () => trial.metrics());
  setHandler(messages.plan, () => trial.skeleton?.plan ?? null);
  setHandler(messages.pause, () => {
    trial.paused = true;
  });
  setHandler(messages.resume, () => {
    trial.paused = false;
  });
  setHandler(messages.stop, async () => {
    const again = trial.stopping;
    trial.stopping = true;
    if (trial.holdable && !again && holdsJobs()) {
      const summary = 'until the running job has saved its state';
      await condition(() => !trial.holdable, SAVING_MS, { summary }).catch(() => {});
    }
    jobs.cancel();
  });
  setHandler(messages.promote, promotion => {
    if (Number.isSafeInteger(promotion?.rung)) trial.promote(promotion.rung);
  });
  setHandler(messages.jobReport, report => {
    trial.take(report);
    show();
  });
  setHandler(messages.retryJob, args => decide(trial, args, 'retry'), { validator: args => mustWait(trial, args) });
  setHandler(messages.skipJob, args => decide(trial, args, 'skip'), { validator: args => mustWait(trial, args) });
  setHandler(messages.setConfig, setConfig, {
    validator: changes => {
      if (!isPlainMap(changes) || Object.keys(changes).length === 0) throw new Error('expected {path: value}');
    },
  });
}

function decide(trial: Trial, args: { job?: string }, decision: 'retry' | 'skip'): void {
  trial.decide(mustWait(trial, args), decision);
}

/** The id of the job that a decision is about. */
function mustWait(trial: Trial, args: { job?: string }): string {
  if (!isPlainMap(args)) throw new Error('expected {job?: id}');
  const found = trial.waitingJob(args.job);
  if (typeof found === 'string') throw new Error(found);
  return found.id;
}

function isPlainMap(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
