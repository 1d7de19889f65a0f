import { type FileHandle, open } from 'node:fs/promises';

const CHUNK = 64 * 1024;

/** Reads a log on from where it has come, as `tail -F` does: another or a shortened file of that name is read from its start. */
export class LogReader {
  #inode: number | null = null;
  #offset: number;

  constructor(offset = 0) {
    this.#offset = offset;
  }

  /** Everything that is new in the file at `path`, in pieces; nothing where it is not there. `path` may change: copies go on where theirs end. */
  async *read(path: string, { isCopy = false } = {}): AsyncGenerator<Buffer> {
    const file = await open(path).catch(() => null);
    if (!file) return;
    try {
      const { ino, size } = await file.stat();
      const isOther = this.#inode !== null && this.#inode !== ino && !isCopy;
      if (isOther || size < this.#offset) this.#offset = isCopy ? size : 0;
      this.#inode = ino;
      yield* this.#rest(file);
    } finally {
      await file.close();
    }
  }

  async *#rest(file: FileHandle): AsyncGenerator<Buffer> {
    for (;;) {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(CHUNK), 0, CHUNK, this.#offset);
      if (bytesRead === 0) return;
      this.#offset += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  }
}
