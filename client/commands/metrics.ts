import type { Command } from 'commander';
import type { MetricsOptions } from '../metrics/print-metrics.ts';
import { addWorkDir } from '../record/work-dir-option.ts';

/** `dj-sandbox metrics ID` */
export function addMetrics(program: Command): void {
  addWorkDir(
    program
      .command('metrics')
      .description('what the jobs of a trial measured: latest values with their curves, and results')
      .argument('<id>', 'trial id, also that of a trial of a sweep or study, see `dj-sandbox list --all`')
      .option('--job <job>', 'id or meta_name of one job; default: all of them')
      .option('--csv', 'print all points, a row each')
      .option('--json', 'print JSON, with all points; NaN and Infinity as text'),
  )
    .addHelpText(
      'after',
      `
Needs no server where the trial's files are below this folder. A curve is drawn over steps, its lowest value the lowest bar; × is where a value
was NaN or infinite.
Examples:
  $ dj-sandbox metrics my-run
  $ dj-sandbox metrics my-run --job train --csv > train.csv
  $ dj-sandbox metrics my-sweep.trial-7 --json`,
    )
    .action(async (id: string, options: MetricsOptions) => {
      const { printMetrics } = await import('../metrics/print-metrics.ts');
      await printMetrics(id, options);
    });
}
