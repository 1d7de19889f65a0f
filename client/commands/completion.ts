import { Argument, type Command } from 'commander';
import type { Shell } from '../completion/scripts.ts';

/** `dj-sandbox completion SHELL`, and the hidden command that the shells ask. */
export function addCompletion(program: Command): void {
  program
    .command('completion')
    .description('what makes a shell complete commands, options, ids and jobs')
    .addArgument(new Argument('<shell>', 'which shell').choices(['bash', 'zsh', 'fish']))
    .addHelpText(
      'after',
      `
Examples:
  $ dj-sandbox completion bash >> ~/.bashrc
  $ dj-sandbox completion zsh > ~/.zfunc/_dj-sandbox        a folder of your fpath
  $ dj-sandbox completion fish > ~/.config/fish/completions/dj-sandbox.fish`,
    )
    .action(async (shell: Shell) => {
      const { SCRIPTS } = await import('../completion/scripts.ts');
      process.stdout.write(SCRIPTS[shell]);
    });
  program
    .command('__complete', { hidden: true })
    .argument('[words...]')
    .action(async (words: string[]) => {
      const { printCompletions } = await import('../completion/print-completions.ts');
      await printCompletions(program, words);
      // A server that does not answer is not waited for.
      process.exit();
    });
}
