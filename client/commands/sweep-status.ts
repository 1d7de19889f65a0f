import type { Command } from 'commander';

/** `dj-sandbox sweep status ID` */
export function addSweepStatus(group: Command): void {
  group
    .command('status')
    .description('where a sweep stands: its trials, the best so far, the newest decisions')
    .argument('<id>', 'sweep id, see `dj-sandbox sweep list`')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  $ dj-sandbox sweep status my-sweep\n  $ dj-sandbox sweep status my-sweep --json\nTo watch it until it ends: dj-sandbox watch my-sweep',
    )
    .action(async (id: string, options: { json?: boolean }) => {
      const { withServer } = await import('../connect.ts');
      const { assertSweep } = await import('../sweep/sweeps.ts');
      const { printSweepStatus } = await import('../sweep/print-status.ts');
      await withServer(async server => {
        const { described } = await assertSweep(server, id);
        await printSweepStatus(server, id, options, described);
      });
    });
}
