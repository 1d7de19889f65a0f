import { readFileSync, statSync } from 'node:fs';

/** The file system as `compile` sees it. */
export const files = {
  /** Text of a file, or null where it cannot be read. */
  read(path: string): string | null {
    try {
      return readFileSync(path, 'utf8');
    } catch {
      return null;
    }
  },
  stat(path: string): 'file' | 'directory' | null {
    const found = statSync(path, { throwIfNoEntry: false });
    if (!found) return null;
    return found.isDirectory() ? 'directory' : 'file';
  },
};
