import { link, lstat, mkdir, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Manifest } from '../../plan/manifest.ts';
import { readIfThere } from './atomic.ts';
import { Superseded } from './end-reason.ts';
import { hashFile } from './fingerprint.ts';

/** `<work_dir>/jobs/<key>`. */
export function jobDir(workDir: string, key: string): string {
  return join(workDir, 'jobs', key);
}

export const manifestPath = (dir: string): string => join(dir, 'manifest.json');
export const epochDir = (dir: string, epoch: number): string => join(dir, `epoch-${epoch}`);

/** Epochs of a folder, the newest first; none where there is no such folder. */
export async function epochsIn(dir: string): Promise<number[]> {
  const names = await readdir(dir).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const epochs = names.map(name => Number(/^epoch-(\d+)$/.exec(name)?.[1] ?? 0)).filter(epoch => epoch > 0);
  return epochs.sort((a, b) => b - a);
}

/** The newest epoch; 0 where none has begun. */
export async function newestEpoch(dir: string): Promise<number> {
  return (await epochsIn(dir))[0] ?? 0;
}

/** @throws Superseded where a newer run of the job has begun: only the newest may publish. */
export async function assertNewest(dir: string, epoch: number): Promise<void> {
  const newest = await newestEpoch(dir);
  if (newest > epoch) throw new Superseded(epoch, newest);
}

/** Begins a new epoch: an exclusive mkdir, so that no two runs ever share one. */
export async function newEpoch(dir: string): Promise<number> {
  await mkdir(dir, { recursive: true });
  for (;;) {
    const epoch = (await newestEpoch(dir)) + 1;
    try {
      await mkdir(epochDir(dir, epoch));
      return epoch;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

/** The manifest of a published job, or null. A job is done if and only if this is not null. */
export async function readManifest(dir: string): Promise<Manifest | null> {
  const text = await readIfThere(manifestPath(dir));
  return text === null ? null : (JSON.parse(text) as Manifest);
}

/**
 * The manifest, if everything that it lists is still there as it was: by size and time of writing, where the time differs by hash. Else it is
 * set aside so that the job is run again.
 */
export async function intactManifest(dir: string): Promise<{ manifest: Manifest | null; note?: string }> {
  const manifest = await readManifest(dir);
  if (!manifest) return { manifest: null };
  const damage = await damageIn(dir, manifest);
  if (damage === null) return { manifest };
  if (!(await setAside(dir, manifest))) return await intactManifest(dir);
  return { manifest: null, note: `an earlier result was damaged (${damage}): the job is run again` };
}

async function damageIn(dir: string, { files, results }: Manifest): Promise<string | null> {
  for (const file of files) {
    const what = await damageOf(join(dir, file.path), file);
    if (what !== null) return `${file.path} ${what}`;
  }
  // Listed paths of other jobs, which may have been run again elsewhere since.
  for (const path of results.flatMap(result => (result.kind === 'paths' ? result.paths : [])))
    if (!(await stat(resolve(dir, path)).catch(() => null))) return `${path} is gone`;
  return null;
}

async function damageOf(path: string, { bytes, sha256, mtime }: Manifest['files'][number]): Promise<string | null> {
  const found = await stat(path).catch(() => null);
  if (!found) return 'is gone';
  if (found.size !== bytes) return `has ${found.size} bytes instead of ${bytes}`;
  if (mtime === undefined || Math.trunc(found.mtimeMs) === mtime) return null;
  if ((await hashFile(path)) !== sha256) return 'has other content than was published';
  // As a copy of the whole folder leaves it: with its old time it is not read again. What a link leads to is not ours to touch.
  // Half a millisecond more: seconds as a floating-point number may come out just below the millisecond that was meant.
  if (!(await lstat(path)).isSymbolicLink()) await utimes(path, found.atime, (mtime + 0.5) / 1000).catch(() => {});
  return null;
}

/** False where another process was faster and has published a new manifest meanwhile: that one stays. */
async function setAside(dir: string, damaged: Manifest): Promise<boolean> {
  const aside = join(dir, `manifest.damaged-${damaged.epoch}.json`);
  try {
    await rename(manifestPath(dir), aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return true;
  }
  const taken = JSON.parse((await readIfThere(aside)) ?? 'null') as Manifest | null;
  if (!taken || taken.epoch === damaged.epoch) return true;
  await link(aside, manifestPath(dir)).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  await rm(aside, { force: true });
  return false;
}
