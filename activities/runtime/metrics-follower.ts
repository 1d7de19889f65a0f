import { type FileHandle, open } from 'node:fs/promises';

const CHUNK = 1 << 20;

/** A line of metrics.jsonl; 'NaN' and the infinities are text. */
export interface MetricsLine {
  /** Seconds since 1970 when the log line was read. */
  t: number;
  segment: number;
  /** Bytes of the log up to the end of the line. */
  offset: number;
  [metric: string]: number | string;
}

/** Reads metrics.jsonl as it grows: every call gives the whole lines that are new. */
export class MetricsFollower {
  readonly #path: string;
  #position = 0;

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
    const fresh = (await file.stat()).size - this.#position;
    const buffer = Buffer.alloc(Math.min(CHUNK, Math.max(0, fresh)));
    while (buffer.length > 0) {
      const { bytesRead } = await file.read(buffer, 0, buffer.length, this.#position);
      // The position stays at the end of a whole line, so that an unfinished one is read again when it is whole.
      const whole = buffer.subarray(0, bytesRead).lastIndexOf(10) + 1;
      if (whole === 0) return lines;
      for (const line of buffer.toString('utf8', 0, whole - 1).split('\n')) lines.push(JSON.parse(line) as MetricsLine);
      this.#position += whole;
    }
    return lines;
  }
}
