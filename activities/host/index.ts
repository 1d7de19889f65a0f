import { hostname } from 'node:os';
import { ApplicationFailure } from '@temporalio/common';
import { type Claim, type ClaimResult, FAILURES, type HostActivities, type JobRef } from '../../plan/protocol.ts';
import { intactManifest, jobDir, newEpoch } from '../runtime/job-dir.ts';
import { leaseDevices, releaseDevices } from '../runtime/lease.ts';
import { jobIn, readPlan } from '../runtime/plan-file.ts';
import { deliver } from '../runtime/run-job.ts';
import { stopAll } from '../runtime/supervised.ts';
import { hostQueue } from './host-queue.ts';

/** Activities that every host worker offers besides the components. `devices`: what this worker may lease. */
export function hostActivities(devices: string[]): HostActivities {
  return {
    claimJob: ref => claimJob(ref, devices),
    reapJob: async ref => {
      const plan = await readPlan(ref.plan);
      const dir = jobDir(plan.workDir, jobIn(plan, ref.job).key);
      await stopAll({ under: dir, reason: 'its job has ended' });
      await releaseDevices(dir);
    },
  };
}

/** Finds the job done, or leases all devices that it needs, or throws a retryable `Busy` at once: a claim never waits holding a slot. */
async function claimJob(ref: JobRef, offered: string[]): Promise<ClaimResult> {
  const plan = await readPlan(ref.plan);
  const job = jobIn(plan, ref.job);
  const dir = jobDir(plan.workDir, job.key);
  const { manifest } = await intactManifest(dir);
  if (manifest) return { done: await deliver(plan, job, dir, manifest, ref.trial, true) };
  const { tag, gpus } = job.resources;
  const devices = await leaseDevices({ tag, gpus, holder: dir, trial: ref.trial.id, offered });
  if (devices === 'busy') {
    throw ApplicationFailure.create({
      message: `all devices of ${hostname()} for tag ${tag} are taken`,
      type: FAILURES.busy,
      nextRetryDelay: '1s',
    });
  }
  const claim: Claim = { hostQueue: hostQueue(), host: hostname(), epoch: await newEpoch(dir), devices };
  return { claim };
}
