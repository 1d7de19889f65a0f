import { type Command, Option } from 'commander';
import { addWorkDir } from '../record/work-dir-option.ts';
import type { ReportOptions } from '../report/write-report.ts';

/** `dj-sandbox report ID` */
export function addReport(program: Command): void {
  addWorkDir(
    program
      .command('report')
      .description('one page on a trial, sweep or study: data, recipe, curves, videos, scores, timeline, lineage, cost')
      .argument('<id>', 'id of a trial, sweep or study, see `dj-sandbox list`')
      .option('--out <folder>', 'where index.html is written; default: <work_dir>/reports/<id>')
      .addOption(
        new Option(
          '--videos <how>',
          'embed: in the page; link: as files in videos/ beside it; default: embed up to 20 MB',
        ).choices(['embed', 'link']),
      )
      .option('--json', 'print JSON: path, bytes, kind, and what could not be shown'),
  )
    .addHelpText(
      'after',
      `
The page is one HTML file that opens offline in any browser: it loads nothing from elsewhere. Videos of more than 20 MB together are copied
beside it. Needs no server; where one answers, and without --work-dir, the state is what it says. Exits 0 when the report is there, also of a
trial that failed.
Examples:
  $ dj-sandbox report my-run
  $ dj-sandbox report my-run --out /tmp/my-run-report --videos link
  $ dj-sandbox report my-sweep --work-dir outputs/my-project --json`,
    )
    .action(async (id: string, options: ReportOptions) => {
      const { writeReport } = await import('../report/write-report.ts');
      await writeReport(id, options);
    });
}
