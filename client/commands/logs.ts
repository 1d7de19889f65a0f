import type { Command } from 'commander';
import type { LogsOptions } from '../logs/print-logs.ts';
import { addWorkDir } from '../record/work-dir-option.ts';

/** `dj-sandbox logs ID` */
export function addLogs(program: Command): void {
  addWorkDir(
    program
      .command('logs')
      .description("the logs of a trial's jobs, over all runs and segments")
      .argument('<id>', 'trial id, also that of a trial of a sweep or study, see `dj-sandbox list --all`')
      .option('--job <job>', 'id or meta_name of one job; default: all of them')
      .option('-f, --follow', 'go on with what is written until all jobs are done; Ctrl-C leaves the trial running')
      .option('--lines <n>', 'only the last lines of each job; default: all, with -f 10')
      .option('--json', 'print a JSON object a line: {job, iteration, run, segment, program, line}'),
  )
    .addHelpText(
      'after',
      `
Needs no server where the trial's files are below this folder. A terminal gets lines without control characters and of a progress bar
its last state; a pipe or file gets the bytes as they were written.
Examples:
  $ dj-sandbox logs my-run --job train --lines 50
  $ dj-sandbox logs my-run -f
  $ dj-sandbox logs my-sweep.trial-7 --work-dir outputs/my-project | less`,
    )
    .action(async (id: string, options: LogsOptions) => {
      const { printLogs } = await import('../logs/print-logs.ts');
      process.exitCode = await printLogs(id, options);
    });
}
