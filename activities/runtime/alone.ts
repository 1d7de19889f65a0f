import { mkdir, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { lock } from 'proper-lockfile';

/** A lock whose holder has not renewed it for this long belongs to a worker that died. */
const STALE_MS = 10_000;
const RENEW_MS = 2_000;
const LOOK_EVERY_MS = 250;

/** Held, and renewed every 2 s, by who runs the job of a directory. */
export const runLock = (dir: string): string => join(dir, 'run.lock');

/**
 * Runs `work` while nobody else does for this job directory: two trials that need the same job at once run it once. Publication is
 * safe without the lock; it only saves work.
 */
export async function alone<T>(dir: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  const release = await acquire(dir, signal);
  try {
    return await work();
  } finally {
    await release().catch(() => {});
  }
}

async function acquire(dir: string, signal: AbortSignal): Promise<() => Promise<void>> {
  const age = ageOf(runLock(dir));
  for (;;) {
    signal.throwIfAborted();
    await mkdir(dir, { recursive: true });
    try {
      return await lock(dir, {
        lockfilePath: runLock(dir),
        stale: STALE_MS,
        update: RENEW_MS,
        realpath: false,
        onCompromised: () => {},
      });
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // The directory was removed with what was in it (`dj-sandbox cache rm`).
      if (code === 'ENOENT') continue;
      if (code !== 'ELOCKED') throw error;
    }
    if ((await age()) > STALE_MS) await utimes(runLock(dir), 0, 0).catch(() => {});
    await sleep(LOOK_EVERY_MS, undefined, { signal });
  }
}

/** Milliseconds for which a file was seen unchanged: where the clock was set back, its time lies in the future, and it would seem fresh till then. */
function ageOf(path: string): () => Promise<number> {
  let last = Number.NaN;
  let since = 0;
  return async () => {
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Number.NaN }));
    if (mtimeMs !== last) since = performance.now();
    last = mtimeMs;
    return performance.now() - since;
  };
}
