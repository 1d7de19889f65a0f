import type { Command } from 'commander';
import type { ExplainOptions } from '../explain/print-explanation.ts';
import { addWorkDir } from '../record/work-dir-option.ts';

/** `dj-sandbox explain ID` */
export function addExplain(program: Command): void {
  addWorkDir(
    program
      .command('explain')
      .description(
        'why each job of a trial ran, was found done, was tried again or failed; from where it went on, and on which host',
      )
      .argument('<id>', 'trial id, also that of a trial of a sweep or study, see `dj-sandbox list --all`')
      .option('--job <job>', 'id or meta_name of one job; default: all of them')
      .option('--no-server', 'only from the files, at once')
      .option('--json', 'print JSON'),
  )
    .addHelpText(
      'after',
      `
From plans, manifests and the records of runs in the work_dir; attempts and their failures from the trial's history, where a server answers.
Examples:
  $ dj-sandbox explain my-run
  $ dj-sandbox explain my-run --job train
  $ dj-sandbox explain my-sweep.trial-7 --no-server --json`,
    )
    .action(async (id: string, options: ExplainOptions) => {
      const { printExplanation } = await import('../explain/print-explanation.ts');
      await printExplanation(id, options);
    });
}
