import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** `./outputs/<project>` lies two folders down. */
const DEPTH = 2;
/** More folders than these are not searched: then `--work-dir` is asked for. */
const MOST_FOLDERS = 500;

/** The work_dirs of dj-sandbox in a folder: itself and what lies up to two folders below, nearest first. */
export async function workDirsNear(folder: string): Promise<string[]> {
  const found: string[] = [];
  let level = [folder];
  let looked = 0;
  for (let depth = 0; depth <= DEPTH; depth += 1) {
    const below: string[] = [];
    for (const one of level) {
      looked += 1;
      if (looked > MOST_FOLDERS) return found;
      const folders = await foldersIn(one);
      if (folders.includes('trials')) found.push(one);
      else below.push(...folders.filter(isSearched).map(name => join(one, name)));
    }
    level = below;
  }
  return found;
}

const isSearched = (name: string) => !name.startsWith('.') && name !== 'node_modules';

async function foldersIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries.filter(entry => entry.isDirectory()).map(entry => entry.name);
}
