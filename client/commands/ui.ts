import type { Command } from 'commander';
import type { UiCommandOptions } from '../ui/serve-ui.ts';

/** `dj-sandbox ui` */
export function addUi(program: Command): void {
  program
    .command('ui')
    .description('pages of all runs in a browser: list, reports, compare, follow, logs; they only read')
    .option('--port <n>', 'where to listen; 0: a port that is free', '8244')
    .option('--host <address>', 'listen there too for other machines: whoever reaches it reads everything', '127.0.0.1')
    .option('--work-dir <folders...>', 'work_dirs whose runs are shown; default: those below this folder')
    .option('--address <host:port>', 'the Temporal server to ask; default: as for all commands')
    .option('--no-server', 'show what is on disk alone')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
Needs no server: without one the pages show what is on disk, and say so. Files are given from the work_dirs alone. It runs until Ctrl-C and then exits with 0;
1: the port is taken; 2: bad input. With --json it prints {"url": …} once it listens.
Examples:
  $ dj-sandbox ui
  $ dj-sandbox ui --port 9000 --work-dir outputs/my-project --work-dir outputs/other
  $ ssh -L 8244:127.0.0.1:8244 gpu-host        then open http://127.0.0.1:8244 here`,
    )
    .action(async (options: UiCommandOptions) => {
      const { serveUi } = await import('../ui/serve-ui.ts');
      process.exitCode = await serveUi(options);
    });
}
