import type { Progress } from '../activities/runtime/progress.ts';
import { bar, duration, figure, speed } from './format.ts';
import type { RunningActivity } from './snapshot.ts';

/** What a trial of a sweep or study does just now, the most important first: how far, loss, time left, attempt; else what it waits for. */
export function runningDetails(activity: RunningActivity | null, width: number): string[] {
  const progress = activity?.progress ?? null;
  const details = howFar(progress, activity, width);
  if (progress?.loss !== undefined) details.push(`loss ${figure(progress.loss)}`);
  if (progress?.eta) details.push(`${duration(progress.eta)} left`);
  if (activity && activity.attempt > 1) details.push(`attempt ${activity.attempt}`);
  return details;
}

/** How fast it is, where it tells. */
export function runningSpeed(activity: RunningActivity | null): string[] {
  const { speed: perSecond, unit = 'step' } = activity?.progress ?? {};
  return perSecond === undefined ? [] : [speed(perSecond, unit)];
}

function howFar(progress: Progress | null, activity: RunningActivity | null, width: number): string[] {
  if (progress?.step !== undefined && progress.total) {
    const steps = `${progress.step}/${progress.total}`;
    return [width < 60 ? steps : `${bar(progress.step, progress.total, width >= 140 ? 16 : 8)} ${steps}`];
  }
  if (progress?.phase) return [progress.phase];
  // Such as that all devices are taken.
  return activity && !activity.started && activity.lastFailure ? [activity.lastFailure] : [];
}
