import type { Context } from '@temporalio/activity';
import type { Progress } from './progress.ts';

const EVERY_MS = 2_000;

export interface Heartbeats {
  tell: (progress: Omit<Progress, 'job'>) => void;
  latest: () => Progress;
  stop: () => void;
}

/**
 * Heartbeats with the newest progress, at once on the first and every 2 s from then on: a program that is silent for hours is no lost
 * worker, and a cancellation only arrives with a heartbeat.
 * `kept` is told each time beside it.
 */
export function startHeartbeats(context: Context, job: string, kept: object): Heartbeats {
  let latest: Progress = { job };
  const beating = () => ({ ...latest, ...kept });
  const beat = () => context.heartbeat(beating());
  const timer = setInterval(beat, EVERY_MS);
  beat();
  return {
    tell: progress => {
      latest = { job, ...progress };
      beat();
    },
    latest: beating,
    stop: () => clearInterval(timer),
  };
}
