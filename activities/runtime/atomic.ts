import { randomBytes } from 'node:crypto';
import { link, mkdir, open, readFile, rename, rm, symlink } from 'node:fs/promises';
import { dirname, relative } from 'node:path';

function temporary(path: string): string {
  return `${path}.${randomBytes(4).toString('hex')}.tmp`;
}

async function writeSynced(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx');
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Makes what was renamed or linked in a folder last through a power cut. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** A file's text, or null where there is none; a file that cannot be read is an error, not an absent one. */
export async function readIfThere(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return null;
    throw error;
  }
}

/** Replaces a file: readers see the old text or the new one, never a part. */
export async function writeAtomically(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const part = temporary(path);
  try {
    await writeSynced(part, text);
    await rename(part, path);
  } finally {
    await rm(part, { force: true });
  }
  await syncFolder(dirname(path));
}

/** Makes a file that must not exist yet; false when another was first. */
export async function createOnce(path: string, text: string): Promise<boolean> {
  const part = temporary(path);
  try {
    await writeSynced(part, text);
    await link(part, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(part, { force: true });
  }
  await syncFolder(dirname(path));
  return true;
}

/** Points a symbolic link (relative, so that the tree can move) at a target, replacing an older link or file. */
export async function linkAtomically(path: string, target: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const part = temporary(path);
  try {
    await symlink(relative(dirname(path), target), part);
    await rename(part, path);
  } finally {
    await rm(part, { force: true });
  }
}
