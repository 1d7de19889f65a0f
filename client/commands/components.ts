import type { Command } from 'commander';
import { withComponents } from '../with-components.ts';

/** `dj-sandbox components` */
export function addComponents(program: Command): void {
  withComponents(
    program
      .command('components')
      .description('what hooks run, your own components too, and which keys their configs take'),
  )
    .argument('[name]', 'only this one, by name or type, with its keys')
    .option('--json', 'print JSON, with a JSON Schema of each config')
    .addHelpText(
      'after',
      '\nExamples:\n  $ dj-sandbox components\n  $ dj-sandbox components evaluate.mse\n  $ dj-sandbox components --components ./my-evaluator.ts --json',
    )
    .action(async (name: string | undefined, options: { json?: boolean }) => {
      const { listComponents } = await import('../list-components.ts');
      listComponents(name, options);
    });
}
