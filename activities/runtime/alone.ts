import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { lock } from 'proper-lockfile';

/** A lock whose holder has not renewed it for this long belongs to a worker that died. */
const STALE_MS = 10_000;
const RENEW_MS = 2_000;
const LOOK_EVERY_MS = 250;

/**
 * Runs `work` while nobody else does for this job directory: two trials that need the same job at once run it once. Publication is
 * safe without the lock; it only saves work.
 */
export async function alone<T>(dir: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  await mkdir(dir, { recursive: true });
  const release = await acquire(dir, signal);
  try {
    return await work();
  } finally {
    await release().catch(() => {});
  }
}

async function acquire(dir: string, signal: AbortSignal): Promise<() => Promise<void>> {
  for (;;) {
    signal.throwIfAborted();
    try {
      return await lock(dir, {
        lockfilePath: join(dir, 'run.lock'),
        stale: STALE_MS,
        update: RENEW_MS,
        realpath: false,
        onCompromised: () => {},
      });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ELOCKED') throw error;
    }
    await sleep(LOOK_EVERY_MS, undefined, { signal });
  }
}
