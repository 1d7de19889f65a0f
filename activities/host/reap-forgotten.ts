import type { Client } from '@temporalio/client';
import { giveBack } from '../runtime/claim.ts';
import { readClaim } from '../runtime/claim-record.ts';
import { endPrograms } from '../runtime/job-programs.ts';
import { latestRun } from '../runtime/latest-run.ts';
import { listSupervised, stopAll } from '../runtime/supervised.ts';
import { hostQueue } from './host-queue.ts';

const REASON = 'its trial ended while no worker lived here';

/**
 * Ends the programs of this host whose trials have ended, cancelled or terminated while no worker lived here, and frees what they hold, instead of
 * leaving that to their supervisors' deadlines; a sentence on each. Those of trials of which the server does not say so are left alone.
 */
export async function reapForgotten(client: Client): Promise<string[]> {
  const ended: string[] = [];
  for (const { dir, supervisor } of await listSupervised()) {
    const { epoch } = supervisor;
    const [, job] = /^(.*\/jobs\/[^/]+)\//.exec(dir) ?? [];
    const claim = job === undefined ? null : await readClaim(job, epoch);
    if (job === undefined || !claim || (await latestRun(client, claim.trial)) !== 'closed') continue;
    ended.push(
      await end(job, epoch, claim.trial).then(
        () => `ended what trial ${claim.trial} had left running in ${dir}: ${REASON}`,
        error => `warning: trial ${claim.trial} has ended, its program could not be: ${(error as Error).message}`,
      ),
    );
  }
  return ended;
}

async function end(job: string, epoch: number, trial: string): Promise<void> {
  await stopAll({ under: job, upToEpoch: epoch, reason: REASON });
  await endPrograms(job, { upToEpoch: epoch });
  await giveBack({ trial: { id: trial }, claim: { epoch, hostQueue: hostQueue() } }, job);
}
