import { mkdir, realpath } from 'node:fs/promises';
import { hostname } from 'node:os';
import { ApplicationFailure } from '@temporalio/common';
import { durabilityOf } from '../../plan/durability.ts';
import { type ClaimResult, FAILURES, type JobRef } from '../../plan/protocol.ts';
import { giveBack } from '../runtime/claim.ts';
import { readClaim, runByAnother, writeClaim } from '../runtime/claim-record.ts';
import { intactManifest, jobDir, newEpoch, newestEpoch } from '../runtime/job-dir.ts';
import { endPrograms } from '../runtime/job-programs.ts';
import { type LeaseRequest, leaseDevices, releaseDevices } from '../runtime/lease.ts';
import { jobIn, readPlan } from '../runtime/plan-file.ts';
import { deliver } from '../runtime/run-job.ts';
import { listSupervised, type Supervised, stopAll, under } from '../runtime/supervised.ts';
import type { ClaimAttempt } from './claim-attempt.ts';
import { homesOf } from './homes.ts';
import { hostQueue } from './host-queue.ts';

/** What waits for another trial's result asks again after a part of the time that it has waited. */
const WAITED_PART = 1 / 20;
const LONGEST_WAIT_S = 15;

/** What a worker may lease. */
export type DeviceOffer = Pick<LeaseRequest, 'offered' | 'cpuPlaces'>;

/**
 * Finds the job done, or leases all devices that it needs, or throws a retryable `Busy` at once: a claim never waits holding a slot.
 * Where the job's newest run goes on under a live supervisor of this host the claim is of that run; else a new one begins.
 * A claim begins nothing that the server has not confirmed: a worker that slept would take the job from who has it now.
 */
export async function claimJob(ref: JobRef, offer: DeviceOffer, attempt: ClaimAttempt): Promise<ClaimResult> {
  const { offered } = offer;
  const plan = await readPlan(ref.plan);
  const job = jobIn(plan, ref.job);
  const dir = jobDir(plan.workDir, job.key);
  const { manifest } = await intactManifest(dir);
  if (manifest) return { done: await deliver(plan, job, dir, manifest, ref, true) };
  const queue = hostQueue();
  const patience = Math.min(LONGEST_WAIT_S, Math.max(1, attempt.waited * WAITED_PART));
  const other = await runByAnother(dir, { trial: ref.trial.id, hostQueue: queue });
  if (other !== null) throw busy(other, patience);
  const { tag, gpus } = job.resources;
  const homes = offered.length < gpus ? attempt.homes : homesOf(attempt.homes, attempt.waited, queue);
  await attempt.confirm(homes);
  const gathers = gpus < 2 || offered.length === 0 || homes.includes(queue);
  const wish = { tag, gpus, holder: dir, trial: ref.trial.id, ...offer, turn: attempt.turn, gathers };
  const devices = await leaseDevices(wish).catch((error: Error) => {
    // Another host with this tag may offer enough.
    throw busy(error.message, patience);
  });
  if (!Array.isArray(devices)) {
    const message = `all devices of ${hostname()} for tag ${tag} are taken or waited for`;
    throw busy(message, devices.asksIn ?? patience);
  }
  try {
    const epoch = (await adoptedEpoch(dir)) ?? (await beginEpoch(dir));
    const { hostGraceMs: graceMs } = durabilityOf(job);
    await writeClaim(dir, epoch, { trial: ref.trial.id, host: hostname(), hostQueue: queue, graceMs });
    return { claim: { hostQueue: queue, host: hostname(), epoch, devices } };
  } catch (error) {
    await releaseDevices(dir, undefined, ref.trial.id);
    throw error;
  }
}

/** The newest run, where it goes on on this host; else null. */
async function adoptedEpoch(dir: string): Promise<number | null> {
  await mkdir(dir, { recursive: true });
  const live = (await listSupervised()).filter(await under(dir));
  const root = await realpath(dir);
  const newest = await newestEpoch(dir);
  return live.some(program => epochOf(program, root) >= newest) ? newest : null;
}

/** A new run; nothing of an older one runs on this machine any more. On others their supervisors see the new run and end theirs. */
async function beginEpoch(dir: string): Promise<number> {
  const epoch = await newEpoch(dir);
  await endPrograms(dir, { upToEpoch: epoch - 1, live: true, reason: 'a newer run of its job has begun' });
  return epoch;
}

/** The run that a program belongs to; of a program outside of any run's folder, what its supervisor says. */
function epochOf({ dir, supervisor }: Supervised, root: string): number {
  const [, epoch] = /(?:^|\/)epoch-(\d+)(?:\/|$)/.exec(dir.slice(root.length)) ?? [];
  return epoch === undefined ? supervisor.epoch : Number(epoch);
}

/** Ends what runs for this claim, or an older one, and frees its devices; another claim may have been made since. */
export async function reapJob(ref: JobRef): Promise<void> {
  if (!ref.claim) return;
  const plan = await readPlan(ref.plan);
  const dir = jobDir(plan.workDir, jobIn(plan, ref.job).key);
  const { epoch } = ref.claim;
  const record = await readClaim(dir, epoch);
  if (record && record.trial !== ref.trial.id) return;
  await stopAll({ under: dir, reason: 'its job has ended', upToEpoch: epoch });
  await endPrograms(dir, { upToEpoch: epoch });
  await giveBack(ref, dir);
}

function busy(message: string, asksIn: number): ApplicationFailure {
  return ApplicationFailure.create({ message, type: FAILURES.busy, nextRetryDelay: Math.round(asksIn * 1_000) });
}
