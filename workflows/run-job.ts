import { CancellationScope, log } from '@temporalio/workflow';
import type { Claim, JobDone, JobRef, SkeletonJob } from '../plan/protocol.ts';
import { component, control, host, lostItsClaim, waiting, wasNotPickedUp } from './activity-calls.ts';

const FIRST_WAIT_MS = 5_000;
const LONGEST_WAIT_MS = 3_600_000;

/** What the trial wants to hear while a job runs. */
export interface JobEvents {
  claiming(): void;
  running(host: string | null): void;
  part(name: string, state: 'running' | 'done'): void;
  /** Null when it no longer waits. */
  waiting(message: string | null): void;
}

/** Runs one job to its end: short jobs on the tag's queue, jobs that hold a host after a claim and on that host's queue. */
export async function runJob(job: SkeletonJob, ref: JobRef, events: JobEvents): Promise<JobDone> {
  if (job.claims) return await runClaimed(job, ref, events);
  events.running(null);
  return await runParts(job, ref, events, one =>
    whenPickedUp(job.tag, events, wait => component(job, one, job.tag, wait)),
  );
}

async function runClaimed(job: SkeletonJob, ref: JobRef, events: JobEvents): Promise<JobDone> {
  for (;;) {
    events.claiming();
    const claimed = await whenPickedUp(job.tag, events, wait =>
      host(job.tag, `claim a host for ${job.title}`, wait).claimJob(ref),
    );
    if ('done' in claimed) return claimed.done;
    const { claim } = claimed;
    try {
      events.running(claim.host);
      return await runParts(job, { ...ref, claim }, events, one => component(job, one, claim.hostQueue));
    } catch (error) {
      await reap({ ...ref, claim }, claim);
      if (!wasNotPickedUp(error) && !lostItsClaim(error)) throw error;
      events.waiting(`host ${claim.host} was away: claiming again`);
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

/** A schedule-to-start timeout costs no history where all is well, and tells within seconds where no worker serves the tag. */
async function whenPickedUp<T>(tag: string, events: JobEvents, run: (wait: number) => Promise<T>): Promise<T> {
  for (let wait = FIRST_WAIT_MS; ; wait = Math.min(wait * 2, LONGEST_WAIT_MS)) {
    try {
      return await run(wait);
    } catch (error) {
      if (!wasNotPickedUp(error)) throw error;
    }
    const status = await control(`who serves ${tag}?`).tagStatus(tag);
    events.waiting(status.message);
    if (!status.served) {
      await waiting(`wait for a worker with tag ${tag}`).awaitWorker(tag);
      events.waiting(null);
      wait = FIRST_WAIT_MS / 2;
    }
  }
}
