import { CancellationScope } from '@temporalio/workflow';
import type { Claim, JobDone, JobRef, SkeletonJob } from '../plan/protocol.ts';
import { component, control, host, waiting, wasNotPickedUp } from './activity-calls.ts';

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
  return await whenPickedUp(job.tag, events, wait => component(job, ref, job.tag, wait));
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
      return await runOnHost(job, { ...ref, claim }, claim, events);
    } catch (error) {
      await reap({ ...ref, claim }, claim);
      if (!wasNotPickedUp(error)) throw error;
      events.waiting(`host ${claim.host} is away: claiming another`);
    }
  }
}

async function runOnHost(job: SkeletonJob, ref: JobRef, claim: Claim, events: JobEvents): Promise<JobDone> {
  events.running(claim.host);
  for (const part of job.parts ?? []) {
    events.part(part, 'running');
    await component(job, { ...ref, part }, claim.hostQueue);
    events.part(part, 'done');
  }
  return await component(job, ref, claim.hostQueue);
}

/** Best effort, also after a cancel: the supervisor's own deadline is the backstop for a host that is away. */
async function reap(ref: JobRef, claim: Claim): Promise<void> {
  await CancellationScope.nonCancellable(async () => {
    try {
      await host(claim.hostQueue, 'free the devices', '30s').reapJob(ref);
    } catch (error) {
      if (!wasNotPickedUp(error)) throw error;
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
