import { readIfThere } from '../../activities/runtime/atomic.ts';
import type { Decision } from '../../plan/sweep/types.ts';
import type { LedgerLine } from '../model/sweep.ts';

export interface LedgerRead {
  decisions: LedgerLine[];
  /** What of it could not be read, in a sentence; null: all of it could. */
  lacking: string | null;
}

/** The decisions of a sweep's decisions.jsonl with the lines that have them; null where there is no such file. Lines that are torn are passed over. */
export async function ledgerLines(path: string): Promise<LedgerRead | null> {
  const text = await readIfThere(path);
  if (text === null) return null;
  const lines = text.split('\n');
  // What is behind the last line break is still being written.
  lines.pop();
  const decisions: LedgerLine[] = [];
  const torn: number[] = [];
  for (const [line, each] of lines.entries()) {
    const decision = parsed(each);
    if (decision) decisions.push({ ...decision, line });
    else torn.push(line + 1);
  }
  const lacking = torn.length === 0 ? null : `the ledger ${path} has lines that cannot be read: ${torn.join(', ')}`;
  return { decisions, lacking };
}

function parsed(line: string): Decision | null {
  try {
    const value = JSON.parse(line) as Decision | null;
    return typeof value?.kind === 'string' ? value : null;
  } catch {
    return null;
  }
}
