import type { Command } from 'commander';
import type { ListOptions } from '../print-list.ts';
import { addWorkDir } from '../record/work-dir-option.ts';

/** `dj-sandbox list` */
export function addList(program: Command): void {
  addWorkDir(
    program
      .command('list')
      .description('trials, sweeps and studies: those that run, then those that ended last')
      .option('--limit <n>', 'at most so many', '20')
      .option('--all', 'also the trials of sweeps and studies')
      .option('--json', 'print JSON'),
    'list what is in this work_dir, without a server',
  )
    .addHelpText(
      'after',
      `
Where no server answers, what the work_dirs below this folder have, the newest first; a run that is \`unfinished\` has not ended as far as its files
tell, and nothing runs for it.
Examples:
  $ dj-sandbox list
  $ dj-sandbox list --all --limit 100 --json
  $ dj-sandbox list --work-dir outputs/my-project`,
    )
    .action(async (options: ListOptions) => {
      const { printList } = await import('../print-list.ts');
      await printList(options);
    });
}
