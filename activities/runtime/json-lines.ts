import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';

/** The objects of a file of JSON lines, one by one; none of a file that is not there. What is no line of ours, as someone's editing may leave it, is passed over. */
export async function* jsonLines(path: string): AsyncGenerator<Record<string, unknown>> {
  try {
    for await (const line of createInterface({ input: createReadStream(path) })) {
      const value = parsed(line);
      if (typeof value === 'object' && value !== null) yield value as Record<string, unknown>;
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
