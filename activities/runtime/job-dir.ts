import { link, mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Manifest } from '../../plan/manifest.ts';
import { readIfThere } from './atomic.ts';

/** `<work_dir>/jobs/<key>`. */
export function jobDir(workDir: string, key: string): string {
  return join(workDir, 'jobs', key);
}

export const manifestPath = (dir: string): string => join(dir, 'manifest.json');
export const epochDir = (dir: string, epoch: number): string => join(dir, `epoch-${epoch}`);

/** Begins a new epoch: an exclusive mkdir, so that no two runs ever share one. */
export async function newEpoch(dir: string): Promise<number> {
  await mkdir(dir, { recursive: true });
  for (;;) {
    const taken = (await readdir(dir)).map(name => Number(/^epoch-(\d+)$/.exec(name)?.[1] ?? 0));
    const epoch = Math.max(0, ...taken) + 1;
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

/** The manifest, if everything it lists is still there at its size; else it is set aside so that the job is run again. */
export async function intactManifest(dir: string): Promise<{ manifest: Manifest | null; note?: string }> {
  const manifest = await readManifest(dir);
  if (!manifest) return { manifest: null };
  for (const { path, bytes } of manifest.files) {
    const found = await stat(join(dir, path)).catch(() => null);
    if (found?.size === bytes) continue;
    if (!(await setAside(dir, manifest))) return await intactManifest(dir);
    const what = found ? `has ${found.size} bytes instead of ${bytes}` : 'is gone';
    return { manifest: null, note: `an earlier result was damaged (${path} ${what}): the job is run again` };
  }
  return { manifest };
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
