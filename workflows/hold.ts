// Pause and stop while a job runs: it saves a checkpoint, ends and gives its host back.
import { ActivityFailure, ApplicationFailure, CancellationScope, condition, log, patched } from '@temporalio/workflow';
import { FAILURES, type HeldDetails, type HoldAnswer, type JobRef } from '../plan/protocol.ts';
import { holdJob } from './activity-calls.ts';

const FIRST_WAIT_MS = 10_000;
const LONGEST_WAIT_MS = 600_000;
/** Saving takes so many times longer than a look; longer than a stop waits for it. */
const SAVING = 9;

/** What the user wants of the trial. */
export interface Wishes {
  readonly paused: boolean;
  readonly stopping: boolean;
}

/** Thrown where a job gives its host back before it ran there, or between its parts: no failure. */
export class GivenBack extends Error {
  override name = 'GivenBack';
}

/** Asked only where it matters, as it leaves a mark in history: trials of version 0.1 let a job run to its end before they paused. */
export function holdsJobs(): boolean {
  return patched('hold-running-jobs');
}

/** Where a job was that gave its host back, null where it had not begun; undefined: it ended for another reason. */
export function heldOf(error: unknown): HeldDetails | null | undefined {
  if (error instanceof GivenBack) return null;
  const cause = error instanceof ActivityFailure ? error.cause : null;
  if (!(cause instanceof ApplicationFailure) || cause.type !== FAILURES.held) return undefined;
  return (cause.details?.[0] as HeldDetails | undefined) ?? { checkpoint: null, step: null };
}

/** Runs `claim` unless the trial is paused, or until it is: a trial that pauses waits for no host. */
export async function unlessPaused<T>(wishes: Wishes, claim: () => Promise<T>): Promise<T> {
  const claiming = new CancellationScope();
  let pausing = false;
  const stopWatching = aside(async () => {
    await condition(() => wishes.paused);
    pausing = holdsJobs();
    if (pausing) claiming.cancel();
  });
  try {
    return await claiming.run(claim);
  } catch (error) {
    throw pausing ? new GivenBack() : error;
  } finally {
    stopWatching();
  }
}

/** Runs `work`, a claimed job; when the trial is to pause or stop meanwhile, asks the job's host to hold it, again now and then. */
export async function holdWhenWanted<T>(
  ref: JobRef & { claim: { hostQueue: string } },
  wishes: Wishes,
  tell: (answer: HoldAnswer | null) => void,
  work: () => Promise<T>,
): Promise<T> {
  const wanted = () => wishes.paused || wishes.stopping;
  const stopAsking = aside(async () => {
    for (;;) {
      await condition(wanted);
      if (!holdsJobs()) return;
      for (let wait = FIRST_WAIT_MS; wanted(); wait = Math.min(2 * wait, LONGEST_WAIT_MS)) {
        const answer = await holdJob(ref, ref.claim.hostQueue);
        tell(wanted() ? answer : null);
        // Asked again also where it was asked: a worker that died just then has its program started once more.
        await condition(() => !wanted(), answer.asked ? SAVING * wait : wait, {
          summary: 'then the host is asked again',
        });
      }
      tell(null);
    }
  });
  try {
    return await work();
  } finally {
    stopAsking();
  }
}

/** Runs `work` beside what follows; returns what ends it. */
function aside(work: () => Promise<void>): () => void {
  const scope = new CancellationScope();
  scope.run(work).catch(error => {
    if (!scope.consideredCancelled) log.warn('a job that runs could not be asked to save its state', { error });
  });
  return () => scope.cancel();
}
