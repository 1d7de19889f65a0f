import { setTimeout as sleep } from 'node:timers/promises';
import type { Decision } from '../../plan/sweep/types.ts';
import { type Server, withServer } from '../connect.ts';
import { EXIT } from '../failure.ts';
import { onInterruption } from '../interruption.ts';
import { printJson } from '../output.ts';
import { decisionLine } from './decision-line.ts';
import { joined, readLedger } from './read-ledger.ts';
import { assertSweep, newestDecisions, sweepBoard } from './sweeps.ts';

const POLL_MS = 1_000;

/**
 * Prints a sweep's decisions, with `follow` also new ones until it ends; returns the exit code.
 * @throws CommandFailure when there is no such sweep, or nobody answers for it.
 */
export async function printDecisions(id: string, { follow = false, json = false }): Promise<number> {
  return await withServer(async server => {
    const { decisions, lacking } = await readLedger(server, await sweepBoard(server, id));
    if (lacking !== null) process.stderr.write(`note: ${lacking}\n`);
    if (json && !follow) printJson(decisions);
    else print(decisions, json);
    return follow ? await printNew(server, id, decisions, json) : EXIT.done;
  });
}

async function printNew(server: Server, id: string, before: Decision[], json: boolean): Promise<number> {
  const interruption = onInterruption();
  const { signal } = interruption;
  try {
    for (let seen = before; ; ) {
      const { open } = await assertSweep(server, id);
      const all = joined(seen, (await newestDecisions(server, id)) ?? []);
      print(all.slice(seen.length), json);
      seen = all;
      if (!open) return EXIT.done;
      await sleep(POLL_MS, undefined, { signal }).catch(() => {});
      if (signal.aborted) return EXIT.interrupted;
    }
  } finally {
    interruption.close();
  }
}

function print(decisions: readonly Decision[], json: boolean): void {
  for (const decision of decisions) console.log(json ? JSON.stringify(decision) : decisionLine(decision));
}
