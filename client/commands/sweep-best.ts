import type { Command } from 'commander';
import type { BestOptions } from '../sweep/best.ts';
import { withComponents } from '../with-components.ts';

/** `dj-sandbox sweep best ID` */
export function addSweepBest(group: Command): void {
  withComponents(
    group.command('best').description('write the best trial as a recipe for Data-Juicer and as a sandbox config'),
  )
    .argument('<id>', 'sweep id, see `dj-sandbox sweep list`')
    .option(
      '--out <file>',
      'where the recipe goes, .yaml, .yml or .json; the config goes to <name>.sandbox.yaml (required)',
    )
    .option('--force', 'replace files that are there')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
The recipe is the one that the trial's data was processed by, after refinement and with the winning values. The config is the sweep's own
with those values and without hpo_config: running it finds every job done.
Example:
  $ dj-sandbox sweep best my-sweep --out recipe.yaml && dj-sandbox run --config recipe.sandbox.yaml`,
    )
    .action(async (id: string, options: BestOptions) => {
      const { writeBest } = await import('../sweep/best.ts');
      await writeBest(id, options);
    });
}
