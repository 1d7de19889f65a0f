import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';

const LINE_CHARS = 16 * 1024 * 1024;

/** Calls `take` with each complete line of a stream; an endless line is an error of the stream, so memory stays bounded. */
export function linesOf(stream: Readable, take: (line: string) => void): void {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  stream.on('data', (chunk: Buffer) => {
    const parts = (rest + decoder.write(chunk)).split('\n');
    rest = parts.pop() ?? '';
    for (const line of parts) take(line);
    if (rest.length > LINE_CHARS) stream.destroy(new Error(`a line is longer than ${LINE_CHARS} characters`));
  });
}
