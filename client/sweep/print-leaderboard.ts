import { wholeNumber } from '../arguments.ts';
import { withServer } from '../connect.ts';
import { CommandFailure } from '../failure.ts';
import { printJson } from '../output.ts';
import { paintFor } from '../paint.ts';
import { leaderboardCsv, leaderboardJson, leaderboardLines } from './leaderboard-view.ts';
import { rankedTrials, readLedger } from './read-ledger.ts';
import { sweepBoard } from './sweeps.ts';

/**
 * Prints a sweep's leaderboard, as a table, CSV or JSON.
 * @throws CommandFailure when there is no such sweep, or nobody answers for it.
 */
export async function printLeaderboard(
  id: string,
  { json = false, csv = false, limit }: { json?: boolean; csv?: boolean; limit?: string },
): Promise<void> {
  if (json && csv) throw new CommandFailure('--json and --csv: give one of the two');
  const most = limit === undefined ? undefined : wholeNumber('--limit', limit, 1);
  const { board, ledger } = await withServer(async server => {
    const board = await sweepBoard(server, id);
    return { board, ledger: await readLedger(server, board) };
  });
  if (ledger.lacking !== null) process.stderr.write(`note: ${ledger.lacking}\n`);
  const ranked = { ...board, trials: rankedTrials(board, ledger).slice(0, most) };
  if (json) return void printJson(leaderboardJson(ranked));
  if (csv) return void process.stdout.write(leaderboardCsv(ranked));
  const size = { width: process.stdout.columns ?? 200, paint: paintFor(process.stdout) };
  for (const line of leaderboardLines(ranked, size)) console.log(line);
}
