import { type FileHandle, open } from 'node:fs/promises';

const CHUNK = 64 * 1024;
const LINE_FEED = 10;

/** Where the last `count` lines of a file begin, and how many lines there are from there (fewer in a short file). An unfinished line is one. */
export async function lastLinesOffset(path: string, count: number): Promise<{ offset: number; lines: number }> {
  const file = await open(path);
  try {
    return await searchBackwards(file, count);
  } finally {
    await file.close();
  }
}

async function searchBackwards(file: FileHandle, count: number): Promise<{ offset: number; lines: number }> {
  const { size } = await file.stat();
  if (size === 0 || count === 0) return { offset: size, lines: 0 };
  let lines = 0;
  const buffer = Buffer.alloc(Math.min(CHUNK, size));
  for (let end = size; end > 0; ) {
    const start = Math.max(0, end - buffer.length);
    const { bytesRead } = await file.read(buffer, 0, end - start, start);
    for (let at = bytesRead - 1; at >= 0; at -= 1) {
      // The line feed at the very end closes the last line, it begins none.
      if (buffer[at] !== LINE_FEED || start + at === size - 1) continue;
      lines += 1;
      if (lines === count) return { offset: start + at + 1, lines };
    }
    end = start;
  }
  return { offset: 0, lines: lines + 1 };
}
