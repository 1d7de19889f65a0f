import type { Command } from 'commander';
import { addConfigOptions, type ConfigOptions } from '../config-options.ts';

interface StartOptions extends ConfigOptions {
  sweep?: string;
  concurrency?: string;
  seed?: string;
  id?: string;
  detach?: boolean;
  cache: boolean;
  json?: boolean;
}

/** `dj-sandbox sweep start` */
export function addSweepStart(group: Command): void {
  addConfigOptions(group.command('start').description('start a sweep of a sandbox config and watch it until it ends'))
    .option('--sweep <file>', "sweep file; default: the config's hpo_config")
    .option('--concurrency <n>', "trials at once; over the file's own")
    .option('--seed <n>', "seed of the sampler; over the file's own")
    .option('--id <id>', 'id of the sweep, which is never used twice; default: its name and the time')
    .option('--detach', 'do not watch: print the id and return')
    .option('--no-cache', 'run every job of every trial, also those that are done')
    .option('--json', 'print JSON: {id, runId, ui}, or with the view on stderr how the sweep ended')
    .addHelpText(
      'after',
      `
\`dj-sandbox run\` of a config that names a sweep file (hpo_config) does the same.
Examples:
  $ dj-sandbox sweep start --config sandbox.yaml
  $ dj-sandbox sweep start --config sandbox.yaml --sweep sweep.yaml --concurrency 4 --seed 7
  $ dj-sandbox sweep start --config sandbox.yaml --set max_iter_num=1 --id my-sweep --detach
The same without this command, from the folder that relative paths start at:
  $ temporal workflow start --task-queue sandbox --type sandboxSweep --workflow-id my-sweep \\
      --input '{"config":"sandbox.yaml","sweep":"sweep.yaml","baseDir":"'"$PWD"'"}'`,
    )
    .action(async (options: StartOptions) => {
      const { wholeNumber } = await import('../arguments.ts');
      const { toCompile } = await import('../config-options.ts');
      const { concurrency, seed, sweep, id, detach, cache, json } = options;
      const request = {
        ...(await toCompile(options)),
        ...(concurrency !== undefined && { concurrency: wholeNumber('--concurrency', concurrency, 1) }),
        ...(seed !== undefined && { seed: wholeNumber('--seed', seed, 0) }),
      };
      const { runSweep } = await import('../sweep/run-sweep.ts');
      process.exitCode = await runSweep({ ...request, sweep, id, detach, cache, json });
    });
}
