// What a run does with its claim on this host: hold it, keep it, give it back.
import { ApplicationFailure } from '@temporalio/common';
import { type Claim, FAILURES, type JobRef } from '../../plan/protocol.ts';
import { endClaim, readClaim, renewClaimRecord } from './claim-record.ts';
import { assertNewest, newestEpoch } from './job-dir.ts';
import { releaseDevices, renewDevices } from './lease.ts';

/**
 * Sees that the claim is still this trial's: nobody renewed it while no worker lived.
 * @throws ApplicationFailure `ClaimLost`, or Superseded where a newer claim of the job exists.
 */
export async function holdClaim(ref: JobRef, dir: string, gpus: number): Promise<void> {
  if (!ref.claim) return;
  await assertNewest(dir, ref.claim.epoch);
  await renewClaimRecord(dir, ref.claim.epoch);
  if (gpus === 0 || (await renewDevices(dir, undefined, ref.trial.id)) > 0) return;
  throw ApplicationFailure.nonRetryable(
    `the claim of ${ref.job} on ${ref.claim.host} was lost while no worker ran there: it is made again`,
    FAILURES.claimLost,
  );
}

/** Says that the run goes on; to be said well within a minute of the last time. */
export async function keepClaim(ref: JobRef, dir: string): Promise<void> {
  if (!ref.claim) return;
  await renewClaimRecord(dir, ref.claim.epoch);
  await renewDevices(dir, undefined, ref.trial.id);
}

/** Frees what the claim holds, unless its trial has claimed the job on this host again: then the devices are that claim's. */
export async function giveBack(
  ref: { trial: { id: string }; claim?: Pick<Claim, 'epoch' | 'hostQueue'> },
  dir: string,
): Promise<void> {
  if (!ref.claim) return;
  const { epoch, hostQueue } = ref.claim;
  const newest = await newestEpoch(dir);
  const newer = newest > epoch ? await readClaim(dir, newest) : null;
  if (newer?.trial !== ref.trial.id || newer.hostQueue !== hostQueue)
    await releaseDevices(dir, undefined, ref.trial.id);
  await endClaim(dir, epoch);
}
