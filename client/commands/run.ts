import type { Command } from 'commander';
import { addConfigOptions, type ConfigOptions } from '../config-options.ts';

interface RunOptions extends ConfigOptions {
  id?: string;
  detach?: boolean;
  json?: boolean;
  cache: boolean;
  sweep: boolean;
}

/** `dj-sandbox run` */
export function addRun(program: Command): void {
  addConfigOptions(
    program
      .command('run')
      .description('start a trial of a sandbox config, or the sweep that it names, and watch it until it ends'),
  )
    .option('--id <id>', 'id of the trial; default: the experiment and the time')
    .option('--no-sweep', 'run the one trial that the config describes, though it names a sweep file (hpo_config)')
    .option('--no-cache', 'run every job, also those that are done')
    .option('--detach', 'do not watch: print the id and return')
    .option('--json', 'print JSON: {id, runId, ui}, and with it how the trial ended; the view goes to stderr')
    .addHelpText(
      'after',
      `
Examples:
  $ dj-sandbox run --config sandbox.yaml
  $ dj-sandbox run --config sandbox.yaml --set text_length_filter.min_len=20 --set train_model.extra_configs.seed=7
  $ dj-sandbox run --config sandbox.yaml --id my-run --detach
  $ dj-sandbox run --config with-hpo.yaml --no-sweep
The same without this command, from the folder that relative paths start at:
  $ temporal workflow start --task-queue sandbox --type sandboxTrial --workflow-id my-run \\
      --input '{"config":"sandbox.yaml","baseDir":"'"$PWD"'"}'`,
    )
    .action(async (options: RunOptions) => {
      const { runTrial } = await import('../run-trial.ts');
      const { toCompile } = await import('../config-options.ts');
      const { id, detach, json, cache, sweep } = options;
      process.exitCode = await runTrial({ ...(await toCompile(options)), id, detach, json, cache, sweep });
    });
}
