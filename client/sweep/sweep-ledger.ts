import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Decision } from '../../plan/sweep/types.ts';
import { CommandFailure, EXIT } from '../failure.ts';
import { parseLedger } from './read-ledger.ts';

/** A sweep's ledger as its folder has it. `bytes`: of the file. */
export interface SweepLedger {
  path: string;
  bytes: number;
  decisions: Decision[];
}

/**
 * All decisions of a sweep so far; null where there is no ledger. What is behind the last line break is still being written.
 * @throws CommandFailure where it has been damaged
 */
export async function sweepLedger(dir: string): Promise<SweepLedger | null> {
  const path = join(dir, 'decisions.jsonl');
  const text = await readFile(path, 'utf8').catch(() => null);
  if (text === null) return null;
  try {
    const decisions = parseLedger(text.slice(0, text.lastIndexOf('\n') + 1));
    return { path, bytes: Buffer.byteLength(text), decisions };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new CommandFailure(`${path} cannot be read (${why})`, EXIT.failed);
  }
}
