import { Context } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { ComponentRegistry } from '../../plan/component.ts';
import { FAILURES, type JobDone, type JobRef } from '../../plan/protocol.ts';
import type { Component } from '../component.ts';
import { alone } from './alone.ts';
import { Cancelled, WorkerShutdown } from './end-reason.ts';
import { toTemporal } from './failure-to-temporal.ts';
import { startHeartbeats } from './heartbeats.ts';
import { releaseDevices, renewDevices } from './lease.ts';
import { runProgram } from './program.ts';
import { runJob } from './run-job.ts';

/** A program without a claim is not adopted: its supervisor ends it soon after its worker died. */
const UNCLAIMED_GRACE_MS = 60_000;
/** A lease counts as forgotten after a minute. */
const RENEW_LEASES_MS = 15_000;
const HOST_GRACE_MS = 30 * 60_000;

/** A component as a Temporal activity: heartbeats, cancellation and failures around the shared job implementation. */
export function jobActivity(
  component: Component,
  client: Client,
  registry: ComponentRegistry,
): (ref: JobRef) => Promise<JobDone> {
  return async ref => {
    const context = Context.current();
    const ending = endSignal(context);
    const heartbeats = startHeartbeats(context, ref.job);
    const { taskToken } = context.info;
    let place: { dir: string | null; log: string | null } = { dir: null, log: null };
    const leases = setInterval(() => {
      if (ref.claim && place.dir !== null) void renewDevices(place.dir, undefined, ref.trial.id).catch(() => {});
    }, RENEW_LEASES_MS);
    try {
      const done = await runJob(component, ref, {
        registry,
        signal: ending,
        progress: heartbeats.tell,
        program: (spec, at) =>
          runProgram(spec, {
            ...at,
            signal: ending,
            onProgress: heartbeats.tell,
            renew: () => client.activity.heartbeat(taskToken, heartbeats.latest()),
            graceMs: ref.claim ? HOST_GRACE_MS : UNCLAIMED_GRACE_MS,
          }),
        alone: (dir, work) => alone(dir, ending, work),
        holdClaim: (dir, gpus) => holdClaim(ref, dir, gpus),
        at: found => {
          place = found;
        },
      });
      // Else another attempt goes on with them, or the trial frees them.
      if (ref.claim && ref.part === undefined && place.dir !== null)
        await releaseDevices(place.dir, undefined, ref.trial.id);
      return done;
    } catch (error) {
      throw await toTemporal(error, { job: ref.job, run: ref.trial.runId, ...place, signal: ending });
    } finally {
      heartbeats.stop();
      clearInterval(leases);
    }
  };
}

/** Sees that the devices of the claim are still this trial's: nobody renewed them while no worker lived. */
async function holdClaim(ref: JobRef, dir: string, gpus: number): Promise<void> {
  if (!ref.claim || gpus === 0 || (await renewDevices(dir, undefined, ref.trial.id)) > 0) return;
  throw ApplicationFailure.nonRetryable(
    `the claim of ${ref.job} on ${ref.claim.host} was lost while no worker ran there: it is made again`,
    FAILURES.claimLost,
  );
}

/** Cancelled by someone: end the program. Anything else (worker shutdown, superseded attempt): leave it for the next attempt to adopt. */
function endSignal(context: Context): AbortSignal {
  const controller = new AbortController();
  context.cancelled.catch(() => {
    controller.abort(context.cancellationDetails?.cancelRequested ? new Cancelled() : new WorkerShutdown());
  });
  return controller.signal;
}
