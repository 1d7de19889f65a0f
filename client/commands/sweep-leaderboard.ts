import type { Command } from 'commander';

interface Options {
  json?: boolean;
  csv?: boolean;
  limit?: string;
}

/** `dj-sandbox sweep leaderboard ID` */
export function addSweepLeaderboard(group: Command): void {
  group
    .command('leaderboard')
    .description('all trials of a sweep, the best first, with what they tried and what that cost')
    .argument('<id>', 'sweep id, see `dj-sandbox sweep list`')
    .option('--json', 'print JSON')
    .option('--csv', 'print CSV')
    .option('--limit <n>', 'at most so many trials')
    .addHelpText(
      'after',
      `
Done trials by objective, then those that run or wait by their furthest rung, then stopped and failed ones.
Examples:
  $ dj-sandbox sweep leaderboard my-sweep --limit 10
  $ dj-sandbox sweep leaderboard my-sweep --csv > trials.csv`,
    )
    .action(async (id: string, options: Options) => {
      const { printLeaderboard } = await import('../sweep/print-leaderboard.ts');
      await printLeaderboard(id, options);
    });
}
