import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { writeAtomically } from './atomic.ts';

type Memo = Record<string, string>;

/** SHA-256 of a file's content, hex. */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/** Fingerprints of paths, remembered by size, mtime and inode so that large inputs are hashed once. */
export class Fingerprints {
  private readonly file: string;
  private memo: Memo | null = null;
  private changed = false;

  /** `file`: where they are remembered, such as `<work_dir>/fingerprints.json`. */
  constructor(file: string) {
    this.file = file;
  }

  /** Content hash of a file, or of a folder's names and contents (of `content` only, where given); null where there is nothing. */
  async of(path: string, content?: readonly string[]): Promise<string | null> {
    const found = await stat(path).catch(() => null);
    if (!found) return null;
    if (!found.isDirectory()) return await this.ofFile(path, `${path}:${found.size}:${found.mtimeMs}:${found.ino}`);
    const hash = createHash('sha256');
    const names = (await readdir(path)).filter(name => name !== '__pycache__' && (content?.includes(name) ?? true));
    for (const name of names.sort()) hash.update(`${name}\0${await this.of(join(path, name))}\n`);
    return hash.digest('hex');
  }

  /** Keeps what was learnt, where there is a folder for it: only looking at a plan makes none. Losing it only costs time. */
  async save(): Promise<void> {
    if (this.changed && existsSync(dirname(this.file))) await writeAtomically(this.file, JSON.stringify(this.memo));
    this.changed = false;
  }

  private async ofFile(path: string, key: string): Promise<string> {
    this.memo ??= await readFile(this.file, 'utf8').then(
      text => JSON.parse(text) as Memo,
      () => ({}),
    );
    const known = this.memo[key];
    if (known) return known;
    const hash = await hashFile(path);
    this.memo[key] = hash;
    this.changed = true;
    return hash;
  }
}
