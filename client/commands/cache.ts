import type { Command } from 'commander';
import type { GcOptions } from '../cache/run-cache.ts';
import type { WorkDirOptions } from '../cache/work-dir.ts';
import { withComponents } from '../with-components.ts';

/** `dj-sandbox cache ls|gc|rm` */
export function addCache(program: Command): void {
  const cache = program
    .command('cache')
    .description('results of jobs that are kept in a work_dir: list, clean up, remove');
  cache.addHelpText('after', '\nExample:\n  $ dj-sandbox cache ls --config sandbox.yaml');
  withWorkDir(cache.command('ls').description('what is kept, the newest first'))
    .option('--verify', 'compare contents with the published hashes; exits 1 where anything is damaged')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
States: done, running, held (saved its state and waits), partial (ended half-way; the next run goes on from there), damaged.
Examples:
  $ dj-sandbox cache ls --config sandbox.yaml
  $ dj-sandbox cache ls --work-dir outputs/my-project --verify --json`,
    )
    .action(async (options: WorkDirOptions & { json?: boolean; verify?: boolean }) => {
      const { listCache } = await import('../cache/run-cache.ts');
      process.exitCode = await listCache(options);
    });
  withWorkDir(cache.command('gc').description('remove results that no trial links to'))
    .option('--older-than <time>', 'also results that no trial has linked to for so long, such as 30d')
    .option('--partial', 'also what was stopped or failed half-way')
    .option('--dry-run', 'only say what would be removed')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
Remove the folder of a trial (<work_dir>/trials/<trial>) to let go of its results. What runs, and what the plan of a trial that goes on
names, always stays; where no server answers, every trial may go on.
Examples:
  $ dj-sandbox cache gc --config sandbox.yaml --dry-run
  $ dj-sandbox cache gc --work-dir outputs/my-project --older-than 30d --partial`,
    )
    .action(async (options: GcOptions) => {
      const { collectCache } = await import('../cache/run-cache.ts');
      await collectCache(options);
    });
  withWorkDir(
    cache.command('rm').description('remove results by key, so that the jobs run again when they are next needed'),
  )
    .argument('<key...>', 'job keys or beginnings of them, see `dj-sandbox cache ls` and `dj-sandbox plan`')
    .option('--force', 'also what trials link to; never what runs')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
Examples:
  $ dj-sandbox cache rm 3f2a9c0d41 --work-dir outputs/my-project
  $ dj-sandbox cache rm 3f2a9c0d41 77b0 --config sandbox.yaml --force`,
    )
    .action(async (keys: string[], options: WorkDirOptions & { force?: boolean; json?: boolean }) => {
      const { removeFromCache } = await import('../cache/run-cache.ts');
      process.exitCode = await removeFromCache(keys, options);
    });
}

function withWorkDir(command: Command): Command {
  return withComponents(command)
    .option('--work-dir <folder>', 'the work_dir')
    .option('--config <file>', 'a sandbox config, whose work_dir is meant');
}
