import { CancellationScope, log, patched } from '@temporalio/workflow';
import type { Claim, HoldAnswer, JobDone, JobRef, SkeletonJob } from '../plan/protocol.ts';
import { component, control, host, lostItsClaim, waiting, wasNotPickedUp } from './activity-calls.ts';
import { GivenBack, holdsJobs, holdWhenWanted, unlessPaused, type Wishes } from './hold.ts';

const FIRST_WAIT_MS = 5_000;
const LONGEST_WAIT_MS = 3_600_000;

/** What the trial wants to hear while a job runs. */
export interface JobEvents {
  /** Asked again and again: they change while a job runs. */
  readonly wishes: Wishes;
  claiming(): void;
  running(claim: Claim | null): void;
  /** Where it ran last; null before its first claim. */
  lastClaim(): Claim | null;
  part(name: string, state: 'running' | 'done'): void;
  /** What its host said to the wish to give it back; null when that is no longer wanted. */
  holding(answer: HoldAnswer | null): void;
  /** It no longer has a host. */
  over(): void;
  /** Null when it no longer waits. */
  waiting(message: string | null): void;
}

/** Runs one job to its end: short jobs on the tag's queue, jobs that hold a host after a claim and on that host's queue. */
export async function runJob(job: SkeletonJob, ref: JobRef, events: JobEvents): Promise<JobDone> {
  if (job.claims) return await runClaimed(job, ref, events);
  events.running(null);
  return await runParts(job, ref, events, one =>
    whenPickedUp(servedBy(job.tag), events, wait => component(job, one, job.tag, wait)),
  );
}

async function runClaimed(job: SkeletonJob, ref: JobRef, events: JobEvents): Promise<JobDone> {
  for (;;) {
    events.claiming();
    const served = claimedAt(job, events.lastClaim());
    const claimed = await unlessPaused(events.wishes, () =>
      whenPickedUp(served, events, wait => host(served.queue, `claim a host for ${job.title}`, wait).claimJob(ref)),
    );
    if ('done' in claimed) return claimed.done;
    const { claim } = claimed;
    const mine = { ...ref, claim };
    try {
      events.running(claim);
      return await holdWhenWanted(mine, events.wishes, events.holding, () =>
        runParts(job, mine, events, one => component(job, one, claim.hostQueue, job.hostGraceMs)),
      );
    } catch (error) {
      // A host that is away ends its programs itself; one that just comes back may still have them, to be adopted.
      if (!wasNotPickedUp(error) || !patched('no-reaping-of-absent-hosts')) await reap(mine, claim);
      if (!wasNotPickedUp(error) && !lostItsClaim(error)) throw error;
      events.waiting(`host ${claim.host} was away: claiming again`);
    } finally {
      events.over();
    }
  }
}

/** The parts one by one, then the run that gathers them; a single part is run by the gathering run itself. */
async function runParts(
  job: SkeletonJob,
  ref: JobRef,
  events: JobEvents,
  run: (ref: JobRef) => Promise<JobDone>,
): Promise<JobDone> {
  const parts = job.parts ?? [];
  for (const part of parts.length > 1 ? parts : []) {
    if (events.wishes.paused && holdsJobs()) throw new GivenBack();
    events.part(part, 'running');
    await run({ ...ref, part });
    events.part(part, 'done');
  }
  return await run(ref);
}

/** Best effort, also after a cancel: the supervisor's own deadline is the backstop for a host that is away. */
async function reap(ref: JobRef, claim: Claim): Promise<void> {
  await CancellationScope.nonCancellable(async () => {
    try {
      await host(claim.hostQueue, 'free the devices', '30s').reapJob(ref);
    } catch (error) {
      log.warn('the devices of a job could not be freed', { job: ref.job, host: claim.host, error });
    }
  });
}

/** A queue, and what to say while no worker polls it. */
interface Served {
  queue: string;
  missing: (found: string) => string;
}

const servedBy = (tag: string): Served => ({ queue: tag, missing: found => found });

/** Any host of the tag; where the job's checkpoints can be read on one host only, that one. */
function claimedAt(job: SkeletonJob, last: Claim | null): Served {
  if (!job.stickToHost || !last) return servedBy(job.tag);
  const missing = () =>
    `host ${last.host} is away, and ${job.id} stays with its checkpoints there (stick_to_host): start its worker again`;
  return { queue: last.hostQueue, missing };
}

/** A schedule-to-start timeout costs no history where all is well, and tells within seconds where no worker serves the tag. */
async function whenPickedUp<T>(
  { queue, missing }: Served,
  events: JobEvents,
  run: (wait: number) => Promise<T>,
): Promise<T> {
  for (let wait = FIRST_WAIT_MS; ; wait = Math.min(wait * 2, LONGEST_WAIT_MS)) {
    try {
      return await run(wait);
    } catch (error) {
      if (!wasNotPickedUp(error)) throw error;
    }
    const status = await control(`who serves ${queue}?`).tagStatus(queue);
    events.waiting(status.served ? status.message : missing(status.message));
    if (!status.served) {
      await waiting(`wait for a worker of ${queue}`).awaitWorker(queue);
      events.waiting(null);
      wait = FIRST_WAIT_MS / 2;
    }
  }
}
