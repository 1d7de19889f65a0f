import { readdir } from 'node:fs/promises';
import { JobFailure } from '../runtime/failure.ts';

/** Throws JobFailure where a program that ended well left its output folder empty, or made none. */
export async function madeSomething(output: string, argv: readonly string[]): Promise<void> {
  const names = await readdir(output).catch(() => [] as string[]);
  if (names.length > 0) return;
  throw new JobFailure(
    `${argv[0]} ended well but wrote nothing to ${output}, which {output} stands for: tell it to write there`,
  );
}
