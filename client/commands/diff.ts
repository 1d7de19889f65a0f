import type { Command } from 'commander';
import type { DiffOptions } from '../diff/print-diff.ts';
import { addWorkDir } from '../record/work-dir-option.ts';

/** `dj-sandbox diff A B` */
export function addDiff(program: Command): void {
  addWorkDir(
    program
      .command('diff')
      .description('what two trials differ in: configs, recipes, data, results')
      .argument('<a>', 'trial id, also that of a trial of a sweep or study')
      .argument('<b>', 'trial id')
      .option('--unified', 'one value below the other, as in terminals of fewer than 90 columns')
      .option('--json', 'print JSON'),
  )
    .addHelpText(
      'after',
      `
Jobs are compared by their ids, in the last iteration of each trial; a job that both have under one key was made once and is the same. Recipes are
those that ran, after refinement. Exits 0 whether they differ or not.
Examples:
  $ dj-sandbox diff my-run my-other-run
  $ dj-sandbox diff my-sweep.trial-3 my-sweep.trial-7 --json`,
    )
    .action(async (a: string, b: string, options: DiffOptions) => {
      const { printDiff } = await import('../diff/print-diff.ts');
      await printDiff(a, b, options);
    });
}
