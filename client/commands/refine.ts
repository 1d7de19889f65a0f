import type { Command } from 'commander';
import type { RefineOptions } from '../refine-file.ts';

/** `dj-sandbox refine` */
export function addRefine(program: Command): void {
  program
    .command('refine')
    .description("set a recipe's minima and maxima k standard deviations around the mean of analysed data")
    .option('--recipe <file>', 'Data-Juicer recipe, YAML or JSON (required)')
    .option('--stats <file>', "overall.csv of Data-Juicer's analysis (required)")
    .option('--k <number>', 'standard deviations', '3')
    .option('--out <file>', 'where the refined recipe goes: .yaml, .yml or .json (required)')
    .addHelpText(
      'after',
      '\nExample:\n  $ dj-sandbox refine --recipe process.yaml --stats outputs/analysis/overall.csv --k 2 --out refined.yaml',
    )
    .action(async (options: RefineOptions) => {
      const { refineFile } = await import('../refine-file.ts');
      for (const line of refineFile(options)) console.log(line);
    });
}
