import { Context } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import type { ComponentRegistry } from '../../plan/component.ts';
import type { JobDone, JobRef } from '../../plan/protocol.ts';
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
    let leavesTrainer = false;
    const leases = setInterval(() => {
      if (ref.claim && place.dir !== null) void renewDevices(place.dir).catch(() => {});
    }, RENEW_LEASES_MS);
    try {
      return await runJob(component, ref, {
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
        at: found => {
          place = found;
        },
      });
    } catch (error) {
      leavesTrainer = ending.reason instanceof WorkerShutdown;
      throw await toTemporal(error, { job: ref.job, ...place, signal: ending });
    } finally {
      heartbeats.stop();
      clearInterval(leases);
      const finished = ref.claim && ref.part === undefined && !leavesTrainer;
      if (finished && place.dir !== null) await releaseDevices(place.dir);
    }
  };
}

/** Cancelled by someone: end the program. Anything else (worker shutdown, superseded attempt): leave it for the next attempt to adopt. */
function endSignal(context: Context): AbortSignal {
  const controller = new AbortController();
  context.cancelled.catch(() => {
    controller.abort(context.cancellationDetails?.cancelRequested ? new Cancelled() : new WorkerShutdown());
  });
  return controller.signal;
}
