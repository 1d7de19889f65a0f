import { readFile } from 'node:fs/promises';
import { JobFailure } from '../runtime/failure.ts';

/** What an evaluation program wrote: one JSON value, or one a line where `lines` says so. Throws JobFailure where there is none. */
export async function readEvaluation(path: string, { lines = false } = {}): Promise<unknown> {
  const text = await readFile(path, 'utf8').catch(error => {
    throw new JobFailure(`the program ended well and left no result at ${path}: ${String(error)}`, { cause: error });
  });
  if (text.trim() === '') throw new JobFailure(`the result ${path} is empty`);
  try {
    return lines
      ? text
          .trim()
          .split('\n')
          .map(line => JSON.parse(line))
      : JSON.parse(text);
  } catch (error) {
    throw new JobFailure(`the result ${path} is not JSON: ${String(error)}`, { cause: error });
  }
}
