import { open } from 'node:fs/promises';
import { JobFailure } from '../../runtime/failure.ts';

const CHUNK = 64 * 1024;
const LINE_BYTES = 16 * 1024 * 1024;
const BREAK = 10;

/** First and last line of a file, however long that is. @throws JobFailure where it has none. */
export async function firstAndLastLine(path: string): Promise<[string, string]> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const part = async (start: number, length: number) => {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, start);
      return buffer.subarray(0, bytesRead);
    };
    for (let length = CHUNK; ; length *= 4) {
      const some = Math.min(size, length);
      const [head, tail] = [await part(0, some), await part(size - some, some)];
      const end = head.indexOf(BREAK);
      const closed = tail.at(-1) === BREAK ? tail.subarray(0, -1) : tail;
      const start = closed.lastIndexOf(BREAK);
      if (size === 0 || (some === size && end === 0)) throw new JobFailure(`${path} has no samples`);
      const isWhole = some === size || (end >= 0 && start >= 0);
      if (isWhole) return [(end < 0 ? head : head.subarray(0, end)).toString(), closed.subarray(start + 1).toString()];
      if (length > LINE_BYTES) throw new JobFailure(`${path} has a line of more than ${LINE_BYTES} bytes`);
    }
  } finally {
    await file.close();
  }
}
