import type { Command } from 'commander';

/** `dj-sandbox list` */
export function addList(program: Command): void {
  program
    .command('list')
    .description('trials, sweeps and studies of this server: those that run, then those that ended last')
    .option('--limit <n>', 'at most so many', '20')
    .option('--all', 'also the trials of sweeps and studies')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExamples:\n  $ dj-sandbox list\n  $ dj-sandbox list --all --limit 100 --json')
    .action(async (options: { limit: string; all?: boolean; json?: boolean }) => {
      const { wholeNumber } = await import('../arguments.ts');
      const { connect } = await import('../connect.ts');
      const { listTrials } = await import('../trials.ts');
      const { printJson } = await import('../output.ts');
      const limit = wholeNumber('--limit', options.limit, 1);
      const server = await connect();
      try {
        const rows = await listTrials(server, limit, options.all ? 'all' : 'own');
        if (options.json) return printJson(rows);
        const { listLines } = await import('../list-view.ts');
        for (const line of listLines(rows, process.stdout.columns ?? 160)) console.log(line);
      } finally {
        await server.close();
      }
    });
}
