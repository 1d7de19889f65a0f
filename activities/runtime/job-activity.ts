import { basename } from 'node:path';
import { Context } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { ComponentRegistry } from '../../plan/component.ts';
import { durabilityOf } from '../../plan/durability.ts';
import { FAILURES, type JobDone, type JobRef } from '../../plan/protocol.ts';
import type { Component } from '../component.ts';
import { alone } from './alone.ts';
import { giveBack, holdClaim, keepClaim } from './claim.ts';
import { Cancelled, leavesRunning, ProgramHeld } from './end-reason.ts';
import { endSignal } from './end-signal.ts';
import { toTemporal } from './failure-to-temporal.ts';
import { startHeartbeats } from './heartbeats.ts';
import { JobMetrics, type JobOutcome } from './job-metrics.ts';
import { tellSpan, tellSpanOf } from './job-span.ts';
import { jobIn, readPlan } from './plan-file.ts';
import { runProgram } from './program.ts';
import { programDir } from './program-dir.ts';
import type { Progress } from './progress.ts';
import { runJob } from './run-job.ts';
import { supervisorFiles } from './supervisor-files.ts';
import { watchSweep } from './sweep-watch.ts';
import { ProgressTeller, toldBefore } from './tell-progress.ts';
import { throughRungs } from './through-rungs.ts';

/** A program without a claim is not adopted: its supervisor ends it soon after its worker died. */
const UNCLAIMED_GRACE_MS = 60_000;
/** A claim counts as forgotten after a minute. */
const KEEP_CLAIM_MS = 15_000;

/**
 * A component as a Temporal activity: heartbeats, cancellation and failures around the shared job implementation. `leaving` is aborted when
 * its worker is told to stop: claimed jobs are then left to the next worker at once.
 */
export function jobActivity(
  component: Component,
  client: Client,
  registry: ComponentRegistry,
  leaving?: AbortSignal,
): (ref: JobRef) => Promise<JobDone> {
  return async ref => {
    const context = Context.current();
    tellSpanOf(ref);
    const told = toldBefore(context.info.heartbeatDetails);
    const heartbeats = startHeartbeats(context, ref.job, told);
    const teller = new ProgressTeller(ref, client, told);
    const numbers = new JobMetrics(context.metricMeter);
    const begun = performance.now();
    const ended = (outcome: JobOutcome) => {
      numbers.ended(outcome, (performance.now() - begun) / 1000);
      tellSpan({ outcome });
    };
    const { taskToken } = context.info;
    let place: { dir: string | null; log: string | null } = { dir: null, log: null };
    const sweep = watchSweep(client, ref.sweep?.id, () => place.dir);
    const ending = AbortSignal.any([endSignal(context, client, ref.claim ? leaving : undefined), sweep.signal]);
    const kept = setInterval(() => {
      if (place.dir !== null) void keepClaim(ref, place.dir).catch(() => {});
    }, KEEP_CLAIM_MS);
    try {
      const done = await runJob(component, ref, {
        registry,
        signal: ending,
        progress: heartbeats.tell,
        program: async (spec, at) => {
          const metrics = async () => supervisorFiles(await programDir(at.dir, spec)).metrics;
          const options = {
            ...at,
            signal: ending,
            onProgress: (progress: Omit<Progress, 'job'>) => {
              heartbeats.tell(progress);
              numbers.take(progress);
              void teller.take(progress, metrics);
            },
            renew: () => client.activity.heartbeat(taskToken, heartbeats.latest()),
            graceMs: ref.claim ? await hostGraceMs(ref) : UNCLAIMED_GRACE_MS,
          };
          return await throughRungs(spec, ref, client, options, more => runProgram(spec, more));
        },
        alone: (dir, work) => alone(dir, ending, work),
        holdClaim: (dir, gpus) => holdClaim(ref, dir, gpus),
        at: found => {
          place = found;
          // Its folder is named by its key.
          if (found.dir !== null) tellSpan({ key: basename(found.dir) });
        },
      });
      // Else another attempt goes on with them, or the trial frees them.
      if (ref.part === undefined && place.dir !== null) await giveBack(ref, place.dir);
      ended(done.reused ? 'reused' : 'done');
      return done;
    } catch (error) {
      ended(outcomeOf(error, ending));
      // The trial frees them as well, unless it was terminated.
      if (place.dir !== null && (error instanceof ProgramHeld || ending.reason instanceof Cancelled))
        await giveBack(ref, place.dir);
      const gone = leavesRunning(ending) ? null : sweep.ended();
      if (gone !== null) throw ApplicationFailure.nonRetryable(gone, FAILURES.sweepEnded);
      throw await toTemporal(error, { job: ref.job, run: ref.trial.runId, ...place, signal: ending });
    } finally {
      heartbeats.stop();
      clearInterval(kept);
      sweep.stop();
    }
  };
}

function outcomeOf(error: unknown, ending: AbortSignal): JobOutcome {
  if (error instanceof ProgramHeld) return 'held';
  if (leavesRunning(ending)) return 'left';
  return ending.aborted ? 'cancelled' : 'failed';
}

async function hostGraceMs({ plan, job }: JobRef): Promise<number> {
  return durabilityOf(jobIn(await readPlan(plan), job)).hostGraceMs;
}
