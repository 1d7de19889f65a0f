import { Context, metricMeter } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { type ClaimResult, FAILURES, type HostActivities, type JobRef } from '../../plan/protocol.ts';
import { beating } from '../runtime/beating.ts';
import { toTemporal } from '../runtime/failure-to-temporal.ts';
import { jobDir } from '../runtime/job-dir.ts';
import { JobMetrics } from '../runtime/job-metrics.ts';
import { tellSpan, tellSpanOf } from '../runtime/job-span.ts';
import { jobIn, readPlan } from '../runtime/plan-file.ts';
import { attemptOf } from './claim-attempt.ts';
import { claimJob, type DeviceOffer, reapJob } from './claim-job.ts';
import { holdJob } from './hold-job.ts';

/** Activities that every host worker offers besides the components. */
export function hostActivities(offer: DeviceOffer, client: Client): HostActivities {
  return {
    claimJob: ref => {
      const attempt = attemptOf(Context.current().info, ref.trial.id, client);
      return beating(
        () => toldToTemporal(ref, () => waitTold(attempt.waited, () => claimJob(ref, offer, attempt))),
        () => ({ homes: attempt.homes }),
      );
    },
    reapJob: ref => beating(() => toldToTemporal(ref, () => reapJob(ref))),
    holdJob: ref => beating(() => toldToTemporal(ref, () => holdJob(ref))),
  };
}

/** Tells Prometheus and the claim's span how long it had waited when it got its devices, in seconds, or that it found its job done. */
async function waitTold(waited: number, claim: () => Promise<ClaimResult>): Promise<ClaimResult> {
  const result = await claim();
  if ('claim' in result) {
    metricMeter.createHistogram('sandbox_claim_wait_seconds', 'float', 's', 'From claiming to a host').record(waited);
    const { epoch, devices } = result.claim;
    tellSpan({ outcome: 'claimed', epoch, devices, waited_seconds: waited });
  } else {
    new JobMetrics(metricMeter).ended('reused', 0);
    tellSpan({ outcome: 'reused', key: result.done.key });
  }
  return result;
}

async function toldToTemporal<T>(ref: JobRef, work: () => Promise<T>): Promise<T> {
  tellSpanOf(ref);
  try {
    return await work();
  } catch (error) {
    if (error instanceof ApplicationFailure && error.type === FAILURES.busy) tellSpan({ outcome: 'busy' });
    const { cancellationSignal: signal } = Context.current();
    throw await toTemporal(error, { job: ref.job, run: ref.trial.runId, dir: await dirOf(ref), log: null, signal });
  }
}

async function dirOf(ref: JobRef): Promise<string | null> {
  const plan = await readPlan(ref.plan).catch(() => null);
  return plan && jobDir(plan.workDir, jobIn(plan, ref.job).key);
}
