import type { Command } from 'commander';
import type { DemoOptions } from '../run-demo.ts';

/** `dj-sandbox demo` */
export function addDemo(program: Command): void {
  program
    .command('demo')
    .description('a whole experiment on this machine, with a server and workers of its own where none runs')
    .option('--text', 'the text example, which trains nothing, instead of text-to-video')
    .option('--sweep', 'a sweep of twelve trials, of which the best are trained on, instead of one trial')
    .option('--pools', 'a pool study: which clips train the better model, and whether it pays to repeat them')
    .option('--seed <n>', 'seed of the training: another one trains anew')
    .option('--keep', 'leave server and workers running until Ctrl-C')
    .addHelpText(
      'after',
      '\nExamples:\n  $ dj-sandbox demo\n  $ dj-sandbox demo --seed 7\n  $ dj-sandbox demo --sweep\n  $ dj-sandbox demo --pools\n  $ dj-sandbox demo --text --keep',
    )
    .action(async (options: DemoOptions) => {
      const { runDemo } = await import('../run-demo.ts');
      process.exitCode = await runDemo(options);
    });
}
