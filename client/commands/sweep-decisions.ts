import type { Command } from 'commander';

/** `dj-sandbox sweep decisions ID` */
export function addSweepDecisions(group: Command): void {
  group
    .command('decisions')
    .description('everything that a sweep was told and decided, with reasons')
    .argument('<id>', 'sweep id, see `dj-sandbox sweep list`')
    .option('-f, --follow', 'go on with new ones until the sweep ends; Ctrl-C leaves it running')
    .option('--json', 'print JSON: a list, or with -f a line a decision')
    .addHelpText(
      'after',
      '\nExamples:\n  $ dj-sandbox sweep decisions my-sweep\n  $ dj-sandbox sweep decisions my-sweep -f --json',
    )
    .action(async (id: string, options: { follow?: boolean; json?: boolean }) => {
      const { printDecisions } = await import('../sweep/print-decisions.ts');
      process.exitCode = await printDecisions(id, options);
    });
}
