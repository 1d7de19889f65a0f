import { hostname } from 'node:os';
import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { type Claim, type ClaimResult, FAILURES, type HostActivities, type JobRef } from '../../plan/protocol.ts';
import { beating } from '../runtime/beating.ts';
import { toTemporal } from '../runtime/failure-to-temporal.ts';
import { intactManifest, jobDir, newEpoch } from '../runtime/job-dir.ts';
import { leaseDevices, releaseDevices } from '../runtime/lease.ts';
import { jobIn, readPlan } from '../runtime/plan-file.ts';
import { deliver } from '../runtime/run-job.ts';
import { stopAll } from '../runtime/supervised.ts';
import { hostQueue } from './host-queue.ts';

/** Activities that every host worker offers besides the components. `devices`: what this worker may lease. */
export function hostActivities(devices: string[]): HostActivities {
  return {
    claimJob: ref => beating(() => toldToTemporal(ref, () => claimJob(ref, devices))),
    reapJob: ref => beating(() => toldToTemporal(ref, () => reapJob(ref))),
  };
}

async function toldToTemporal<T>(ref: JobRef, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { cancellationSignal: signal } = Context.current();
    throw await toTemporal(error, { job: ref.job, run: ref.trial.runId, dir: await dirOf(ref), log: null, signal });
  }
}

async function dirOf(ref: JobRef): Promise<string | null> {
  const plan = await readPlan(ref.plan).catch(() => null);
  return plan && jobDir(plan.workDir, jobIn(plan, ref.job).key);
}

/** Ends what runs for this claim, or an older one, and frees its devices; another trial may have claimed the job since. */
async function reapJob(ref: JobRef): Promise<void> {
  const plan = await readPlan(ref.plan);
  const dir = jobDir(plan.workDir, jobIn(plan, ref.job).key);
  await stopAll({ under: dir, reason: 'its job has ended', ...(ref.claim && { upToEpoch: ref.claim.epoch }) });
  await releaseDevices(dir, undefined, ref.trial.id);
}

/** Finds the job done, or leases all devices that it needs, or throws a retryable `Busy` at once: a claim never waits holding a slot. */
async function claimJob(ref: JobRef, offered: string[]): Promise<ClaimResult> {
  const plan = await readPlan(ref.plan);
  const job = jobIn(plan, ref.job);
  const dir = jobDir(plan.workDir, job.key);
  const { manifest } = await intactManifest(dir);
  if (manifest) return { done: await deliver(plan, job, dir, manifest, ref.trial, true) };
  const { tag, gpus } = job.resources;
  const devices = await leaseDevices({ tag, gpus, holder: dir, trial: ref.trial.id, offered }).catch((error: Error) => {
    // Another host with this tag may offer enough.
    throw busy(error.message);
  });
  if (devices === 'busy') {
    throw busy(`all devices of ${hostname()} for tag ${tag} are taken, or another trial runs this job`);
  }
  try {
    const claim: Claim = { hostQueue: hostQueue(), host: hostname(), epoch: await newEpoch(dir), devices };
    return { claim };
  } catch (error) {
    await releaseDevices(dir, undefined, ref.trial.id);
    throw error;
  }
}

function busy(message: string): ApplicationFailure {
  return ApplicationFailure.create({ message, type: FAILURES.busy, nextRetryDelay: '1s' });
}
