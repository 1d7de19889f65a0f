import type { Command } from 'commander';
import { withComponents } from '../with-components.ts';

/** `dj-sandbox schema KIND` */
export function addSchema(program: Command): void {
  withComponents(
    program
      .command('schema')
      .description('JSON Schema of config files, for editors; your own components are in it too'),
  )
    .argument('<kind>', 'sandbox, component (files that extra_configs names), sweep or study')
    .addHelpText(
      'after',
      `
An editor with yaml-language-server takes it from the first line of a file: # yaml-language-server: $schema=sandbox.schema.json
Example:
  $ dj-sandbox schema sandbox --components ./my-evaluator.ts > sandbox.schema.json`,
    )
    .action(async (kind: string) => {
      const { printSchema } = await import('../print-schema.ts');
      printSchema(kind);
    });
}
