// Removing job folders beside workers that may begin to use them at any time: aside in one step first, then gone.
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rename, rm, rmdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { runLock } from '../../activities/runtime/alone.ts';
import { whoRuns } from './in-use.ts';

/** What was set aside longer ago than this was left by a removal that was killed. */
const LEFT_MS = 60 * 60_000;

export type SetAside = { aside: string } | { kept: string };

/**
 * Takes a job's folder out of the cache in one step: from then on it is not there, and who needs it makes it anew. Where somebody runs the
 * job it stays, and `kept` says who.
 */
export async function setAside(dir: string, now = Date.now()): Promise<SetAside> {
  const runs = await whoRuns(dir, now);
  if (runs !== null) return { kept: runs };
  // Whoever runs the job takes this lock first.
  if (!(await seize(dir, now))) return { kept: 'a worker has just begun to run it' };
  const aside = join(dirname(dir), `.removed-${basename(dir)}-${randomBytes(4).toString('hex')}`);
  try {
    await rename(dir, aside);
  } catch (error) {
    await rmdir(runLock(dir)).catch(() => {});
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return { kept: 'it is gone already' };
  }
  const late = await whoRuns(aside, now, { ignoreLock: true });
  if (late !== null && (await putBack(dir, aside))) return { kept: late };
  return { aside };
}

/** Brings back what was set aside; false where another result has taken its place. */
export async function putBack(dir: string, aside: string): Promise<boolean> {
  await rmdir(runLock(aside)).catch(() => {});
  try {
    await rename(aside, dir);
    return true;
  } catch (error) {
    if (['EEXIST', 'ENOTEMPTY'].includes((error as NodeJS.ErrnoException).code ?? '')) return false;
    throw error;
  }
}

/** Deletes what was set aside. */
export async function erase(aside: string): Promise<void> {
  await rm(aside, { recursive: true, force: true, maxRetries: 3 });
}

/** Deletes what earlier removals, killed half-way, set aside. */
export async function eraseLeftOvers(workDir: string, now = Date.now()): Promise<void> {
  const jobs = join(workDir, 'jobs');
  for (const name of await readdir(jobs).catch(() => [] as string[])) {
    if (!name.startsWith('.removed-')) continue;
    const found = await stat(join(jobs, name)).catch(() => null);
    if (found && now - found.ctimeMs > LEFT_MS) await erase(join(jobs, name));
  }
}

/** Takes the job's lock, if nobody holds it; one that a worker left when it died is not held. */
async function seize(dir: string, now: number): Promise<boolean> {
  for (let again = true; ; again = false) {
    try {
      await mkdir(runLock(dir));
      return true;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT') return true;
      if (code !== 'EEXIST' || !again || (await whoRuns(dir, now)) !== null) return false;
    }
    await rmdir(runLock(dir)).catch(() => {});
  }
}
