import type { Command } from 'commander';

/** `dj-sandbox sweep list` */
export function addSweepList(group: Command): void {
  group
    .command('list')
    .description('sweeps of this server: those that run, then those that ended last')
    .option('--limit <n>', 'at most so many', '20')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExamples:\n  $ dj-sandbox sweep list\n  $ dj-sandbox sweep list --limit 100 --json')
    .action(async (options: { limit: string; json?: boolean }) => {
      const { wholeNumber } = await import('../arguments.ts');
      const { withServer } = await import('../connect.ts');
      const { listLines } = await import('../list-view.ts');
      const { printJson } = await import('../output.ts');
      const { listTrials } = await import('../trials.ts');
      const limit = wholeNumber('--limit', options.limit, 1);
      const rows = await withServer(server => listTrials(server, limit, 'sweeps'));
      if (options.json) return printJson(rows);
      for (const line of listLines(rows, process.stdout.columns ?? 160, 'sweeps')) console.log(line);
    });
}
