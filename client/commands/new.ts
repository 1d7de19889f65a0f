import type { Command } from 'commander';
import type { NewComponentOptions } from '../new-component.ts';
import { withComponents } from '../with-components.ts';

/** `dj-sandbox new component NAME` */
export function addNew(program: Command): void {
  const group = program.command('new').description('write a file to begin with');
  group.addHelpText('after', '\nExample:\n  $ dj-sandbox new component word-count');
  withComponents(group.command('component').description('a component of your own that works, and its test'))
    .argument('<name>', 'small letters, digits and dashes, such as word-count')
    .option('--hook <hook>', 'hook that runs it, one that there is or a new one', 'EvaluateDataHook')
    .option('--dir <folder>', 'where the files go', '.')
    .addHelpText(
      'after',
      `
Examples:
  $ dj-sandbox new component word-count
  $ dj-sandbox new component word-count --hook GeneralDataExecutorHook --dir components`,
    )
    .action(async (name: string, options: NewComponentOptions) => {
      const { newComponent } = await import('../new-component.ts');
      for (const line of await newComponent(name, options)) console.log(line);
    });
}
