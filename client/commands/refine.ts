import type { Command } from 'commander';

/** `dj-sandbox refine` */
export function addRefine(program: Command): void {
  program
    .command('refine')
    .description("set a recipe's minima and maxima k standard deviations around the mean of analysed data")
    .requiredOption('--recipe <file>', 'Data-Juicer recipe, YAML or JSON')
    .requiredOption('--stats <file>', "overall.csv of Data-Juicer's analysis")
    .option('--k <number>', 'standard deviations', '3')
    .requiredOption('--out <file>', 'where the refined recipe goes, .yaml, .yml or .json')
    .addHelpText(
      'after',
      '\nExample:\n  $ dj-sandbox refine --recipe process.yaml --stats outputs/analysis/overall.csv --k 2 --out refined.yaml',
    )
    .action(async (options: { recipe: string; stats: string; k: string; out: string }) => {
      const { refineFile } = await import('../refine-file.ts');
      for (const line of refineFile(options)) console.log(line);
    });
}
