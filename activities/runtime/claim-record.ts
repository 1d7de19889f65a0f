import { open, rm, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { writeAtomically } from './atomic.ts';
import { bootNow } from './host-clock.ts';
import { epochDir, newestEpoch } from './job-dir.ts';
import { programDirs } from './job-programs.ts';
import { listSupervised, under } from './supervised.ts';
import { readRecord, supervisorFiles } from './supervisor-files.ts';

/** A claim that nobody renews for so long, in seconds, no longer keeps other trials from the job, unless a program may run for it. */
const STALE_S = 60;

/** `epoch-<n>/claim.json`: for whom an epoch runs, and where. It is gone when that run has ended. */
export interface ClaimRecord {
  trial: string;
  host: string;
  hostQueue: string;
  graceMs: number;
}

/** Claims of other trials as this worker last saw them change: by its own clock, as clocks of hosts differ. */
const seen = new Map<string, { mtimeMs: number; at: number }>();

const pathOf = (dir: string, epoch: number) => join(epochDir(dir, epoch), 'claim.json');

export async function writeClaim(dir: string, epoch: number, record: ClaimRecord): Promise<void> {
  await writeAtomically(pathOf(dir, epoch), JSON.stringify(record));
}

export async function readClaim(dir: string, epoch: number): Promise<ClaimRecord | null> {
  return await readRecord<ClaimRecord>(pathOf(dir, epoch));
}

/** Says that the run of this epoch goes on. */
export async function renewClaimRecord(dir: string, epoch: number): Promise<void> {
  const now = new Date();
  await utimes(pathOf(dir, epoch), now, now).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
}

export async function endClaim(dir: string, epoch: number): Promise<void> {
  await rm(pathOf(dir, epoch), { force: true });
}

/**
 * Whether another trial runs this job, on whatever host: in one sentence, or null. Two that need it at once run it once: the second waits.
 * A claim whose worker is gone counts as long as its program may still run.
 */
export async function runByAnother(dir: string, by: { trial: string; hostQueue: string }): Promise<string | null> {
  const epoch = await newestEpoch(dir);
  const record = epoch === 0 ? null : await readClaim(dir, epoch);
  if (!record || record.trial === by.trial) return null;
  const idle = await idleSince(pathOf(dir, epoch));
  if (idle === null) return null;
  const limit = (await mayStillRun(dir, record, by.hostQueue)) ? STALE_S + record.graceMs / 1000 : STALE_S;
  if (idle > limit) return null;
  return `trial ${record.trial} runs this job on ${record.host} already: its result is waited for`;
}

/** Seconds for which this worker has seen no renewal; null where the claim has ended. */
async function idleSince(path: string): Promise<number | null> {
  // Opened, not only looked at: a network file system then asks its server.
  const file = await open(path).catch(() => null);
  if (!file) return null;
  const { mtimeMs } = await file.stat().finally(() => file.close());
  const before = seen.get(path);
  if (before?.mtimeMs === mtimeMs) return bootNow() - before.at;
  seen.set(path, { mtimeMs, at: bootNow() });
  return 0;
}

async function mayStillRun(dir: string, record: ClaimRecord, hostQueue: string): Promise<boolean> {
  if (record.hostQueue === hostQueue) return (await listSupervised()).some(await under(dir));
  for (const program of await programDirs(dir)) {
    const files = supervisorFiles(program);
    if ((await readRecord(files.supervisor)) && !(await readRecord(files.exit))) return true;
  }
  return false;
}
