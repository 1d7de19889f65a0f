import { type FileHandle, open } from 'node:fs/promises';

const CHUNK = 1 << 20;

/** A line of metrics.jsonl; 'NaN' and the infinities are text. */
export interface MetricsLine {
  /** Seconds since 1970 when the log line was read. */
  t: number;
  segment: number;
  /** Bytes of the log up to the end of the line. */
  offset: number;
  /** On the first line of a segment that goes on from this step: what earlier segments told of later steps does not hold any more. */
  from?: number;
  [metric: string]: number | string | undefined;
}

/**
 * Reads metrics.jsonl as it grows: every call gives the whole lines that are new. A file that became shorter is another one: it is read from its
 * start.
 */
export class MetricsFollower {
  readonly #path: string;
  #position = 0;
  #inode: number | null = null;

  constructor(path: string) {
    this.#path = path;
  }

  async read(): Promise<MetricsLine[]> {
    const file = await open(this.#path, 'r').catch(() => null);
    if (!file) return [];
    try {
      return await this.#readFrom(file);
    } finally {
      await file.close();
    }
  }

  async #readFrom(file: FileHandle): Promise<MetricsLine[]> {
    const lines: MetricsLine[] = [];
    const { size, ino } = await file.stat();
    if (size < this.#position || (this.#inode ?? ino) !== ino) this.#position = 0;
    this.#inode = ino;
    const buffer = Buffer.alloc(Math.min(CHUNK, size - this.#position));
    while (buffer.length > 0) {
      const { bytesRead } = await file.read(buffer, 0, buffer.length, this.#position);
      // The position stays at the end of a whole line, so that an unfinished one is read again when it is whole.
      const whole = buffer.subarray(0, bytesRead).lastIndexOf(10) + 1;
      if (whole === 0) return lines;
      lines.push(...linesIn(buffer.toString('utf8', 0, whole - 1)));
      this.#position += whole;
    }
    return lines;
  }
}

/** What is no line of ours, as someone's editing may leave it, is passed over. */
function linesIn(text: string): MetricsLine[] {
  return text.split('\n').flatMap(line => {
    try {
      return [JSON.parse(line) as MetricsLine];
    } catch {
      return [];
    }
  });
}
