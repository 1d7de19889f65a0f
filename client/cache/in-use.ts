// Whether a job's folder is being worked in, by what workers and supervisors leave there.
import { stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { runLock } from '../../activities/runtime/alone.ts';
import { readClaim } from '../../activities/runtime/claim-record.ts';
import { epochDir, epochsIn } from '../../activities/runtime/job-dir.ts';
import { programDirs } from '../../activities/runtime/job-programs.ts';
import { liveSupervisor, readRecord, supervisorFiles } from '../../activities/runtime/supervisor-files.ts';

/** A lock is renewed every 2 s; clocks of hosts may differ a little. */
const LOCK_MS = 60_000;
/** A claim is renewed every 15 s. */
const CLAIM_MS = 60_000;
/** By how much another host's clock may be behind. */
const OTHER_CLOCK_MS = 10 * 60_000;

/** Who runs a job, as a clause; null where nobody does. In doubt (another host, not heard of for a while) it counts as run. */
export async function whoRuns(dir: string, now: number, { ignoreLock = false } = {}): Promise<string | null> {
  return (ignoreLock ? null : await lockedBy(dir, now)) ?? (await claimedBy(dir, now)) ?? (await supervisedIn(dir));
}

async function lockedBy(dir: string, now: number): Promise<string | null> {
  const renewed = (await stat(runLock(dir)).catch(() => null))?.mtimeMs;
  return renewed !== undefined && now - renewed < LOCK_MS ? 'a worker runs it' : null;
}

async function claimedBy(dir: string, now: number): Promise<string | null> {
  for (const epoch of await epochsIn(dir)) {
    const claim = await readClaim(dir, epoch);
    const renewed = (await stat(join(epochDir(dir, epoch), 'claim.json')).catch(() => null))?.mtimeMs;
    if (!claim || renewed === undefined) continue;
    const grace = (await mayRun(epochDir(dir, epoch))) ? claim.graceMs : 0;
    const clock = claim.host === hostname() ? 0 : OTHER_CLOCK_MS;
    if (now - renewed < CLAIM_MS + grace + clock) return `trial ${claim.trial} runs it on ${claim.host}`;
  }
  return null;
}

/** A program of this run was started, and no end of it is written down. */
async function mayRun(folder: string): Promise<boolean> {
  for (const program of [folder, ...(await programDirs(folder))]) {
    const files = supervisorFiles(program);
    if ((await readRecord(files.supervisor)) && !(await readRecord(files.exit))) return true;
  }
  return false;
}

async function supervisedIn(dir: string): Promise<string | null> {
  for (const program of await programDirs(dir)) {
    // A supervisor of another version lives all the same.
    const live = await liveSupervisor(program).catch(() => true);
    if (live) return `a program of it runs on ${hostname()}`;
  }
  return null;
}
