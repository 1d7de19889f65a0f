import type { Command } from 'commander';

/** `dj-sandbox sync [ID]` */
export function addSync(program: Command): void {
  program
    .command('sync')
    .description('send what trackers and notifications of runs have missed')
    .argument('[id]', 'id of a trial, sweep or study; default: all of this host of which something is missing')
    .option('--work-dir <folder>', 'look at the runs of this work_dir, also those of which all was sent')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
A control worker sends by itself, again and again; this does it now. Runs that W&B has as offline files are sent to its server once WANDB_API_KEY is set.
Exits 1 where something could not be sent.
Examples:
  $ dj-sandbox sync
  $ dj-sandbox sync my-run --work-dir outputs/my-project`,
    )
    .action(async (id: string | undefined, options: { workDir?: string; json?: boolean }) => {
      const { sync } = await import('../sync.ts');
      process.exitCode = await sync(id, options);
    });
}
