import { open } from 'node:fs/promises';
import type { Leaderboard } from '../../plan/protocol.ts';
import { compareTrials } from '../../plan/sweep/compare-trials.ts';
import { trialsOf } from '../../plan/sweep/trials.ts';
import type { Decision, SweepTrial } from '../../plan/sweep/types.ts';
import type { Server } from '../connect.ts';
import { newestDecisions } from './sweeps.ts';

export interface Ledger {
  decisions: Decision[];
  /** Why it is not all of them; null where it is. */
  lacking: string | null;
}

/** All decisions of a sweep: those of decisions.jsonl, and the newest, which may not be written yet. */
export async function readLedger(
  server: Server,
  { sweep, ledger }: Pick<Leaderboard, 'sweep' | 'ledger'>,
): Promise<Ledger> {
  const newest = (await newestDecisions(server, sweep)) ?? [];
  try {
    const written = ledger.bytes === 0 ? [] : parseLedger(await readStart(ledger.path, ledger.bytes));
    return { decisions: joined(written, newest), lacking: null };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { decisions: newest, lacking: `${ledger.path} cannot be read here (${why}): these are the newest only` };
  }
}

/** Written decisions, and those of the newest that come after them. */
export function joined(written: readonly Decision[], newest: readonly Decision[]): Decision[] {
  const last = written.at(-1)?.seq ?? 0;
  return [...written, ...newest.filter(({ seq }) => seq > last)];
}

/** Lines of JSON. */
export function parseLedger(text: string): Decision[] {
  return text.split('\n').flatMap(line => (line === '' ? [] : [JSON.parse(line) as Decision]));
}

/** All trials of a sweep in the order of its leaderboard; where its ledger cannot be read, those that the sweep itself lists. */
export function rankedTrials({ spec, trials }: Pick<Leaderboard, 'spec' | 'trials'>, ledger: Ledger): SweepTrial[] {
  if (ledger.lacking !== null) return trials;
  return trialsOf(ledger.decisions).sort(compareTrials(spec.metrics[0]?.goal ?? 'minimize'));
}

/** The first bytes of a file: what lies beyond them is not settled. */
async function readStart(path: string, bytes: number): Promise<string> {
  const file = await open(path);
  try {
    const buffer = Buffer.alloc(bytes);
    let at = 0;
    while (at < bytes) {
      const { bytesRead } = await file.read(buffer, at, bytes - at, at);
      if (bytesRead === 0) throw new Error(`it has ${at} bytes, and the sweep wrote ${bytes}`);
      at += bytesRead;
    }
    return buffer.toString('utf8');
  } finally {
    await file.close();
  }
}
