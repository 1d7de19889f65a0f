import type { Command } from 'commander';

/** `dj-sandbox status ID` */
export function addStatus(program: Command): void {
  program
    .command('status')
    .description('where a trial, sweep or study stands: its jobs, their progress, what it waits for')
    .argument('<id>', 'id of a trial, sweep or study, see `dj-sandbox list`')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExamples:\n  $ dj-sandbox status my-run\n  $ dj-sandbox status my-run --json')
    .action(async (id: string, options: { json?: boolean }) => {
      const { connect } = await import('../connect.ts');
      const { observe } = await import('../observe.ts');
      const { kindOf } = await import('../trials.ts');
      const server = await connect();
      try {
        const kind = await kindOf(server, id);
        if (kind === 'study') {
          const { printStudyStatus } = await import('../study/print-study.ts');
          return await printStudyStatus(server, id, options);
        }
        if (kind === 'sweep') {
          const { printSweepStatus } = await import('../sweep/print-status.ts');
          return await printSweepStatus(server, id, options);
        }
        const snapshot = await observe(server, id);
        const { statusJson, statusLines } = await import('../status-view.ts');
        if (options.json) {
          const { printJson } = await import('../output.ts');
          return printJson(statusJson(snapshot));
        }
        const { paintFor } = await import('../paint.ts');
        const size = { width: process.stdout.columns ?? 160, paint: paintFor(process.stdout) };
        for (const line of statusLines(snapshot, size)) console.log(line);
      } finally {
        await server.close();
      }
    });
}
