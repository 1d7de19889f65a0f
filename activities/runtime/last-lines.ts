import { open } from 'node:fs/promises';

const TAIL_BYTES = 32 * 1024;
const LINE_CHARS = 500;

/** The last lines of a log for a person to read: progress bars collapsed to their last state, control characters removed. */
export async function lastLines(path: string, count: number): Promise<string[]> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const start = Math.max(0, size - TAIL_BYTES);
    const { buffer, bytesRead } = await file.read(
      Buffer.alloc(Math.min(size, TAIL_BYTES)),
      0,
      Math.min(size, TAIL_BYTES),
      start,
    );
    return readable(buffer.toString('utf8', 0, bytesRead)).slice(-count);
  } finally {
    await file.close();
  }
}

/** Lines without terminal control: of a line rewritten with carriage returns only the last state stays. */
export function readable(text: string): string[] {
  return text
    .split('\n')
    .map(line => line.replace(/\r+$/, '').split('\r').at(-1) ?? '')
    .map(line => stripControl(line).slice(0, LINE_CHARS))
    .filter(line => line.trim() !== '');
}

function stripControl(line: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: removing them is the point.
  return line.replace(/\u001b\[[0-9;?]*[A-Za-z]/g, '').replace(/[\u0000-\u0008\u000b-\u001f\u007f]/g, '');
}
