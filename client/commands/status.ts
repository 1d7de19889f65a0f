import type { Command } from 'commander';
import type { StatusOptions } from '../record/status-on-disk.ts';
import { addWorkDir } from '../record/work-dir-option.ts';

/** `dj-sandbox status ID` */
export function addStatus(program: Command): void {
  addWorkDir(
    program
      .command('status')
      .description('where a trial, sweep or study stands: its jobs, their progress, what it waits for')
      .argument('<id>', 'id of a trial, sweep or study, see `dj-sandbox list`')
      .option('--json', 'print JSON'),
  )
    .addHelpText(
      'after',
      `
With --work-dir, and where no server answers, what the files below this folder tell.
Examples:
  $ dj-sandbox status my-run
  $ dj-sandbox status my-run --json
  $ dj-sandbox status my-sweep --work-dir outputs/my-project`,
    )
    .action(async (id: string, options: StatusOptions) => {
      const { printStatus } = await import('../print-status.ts');
      await printStatus(id, options);
    });
}
