import type { Command } from 'commander';
import { addConfigOptions, type ConfigOptions } from '../config-options.ts';

interface PlanOptions extends ConfigOptions {
  sweep?: string;
  trials?: string;
  seed?: string;
  json?: boolean;
}

/** `dj-sandbox sweep plan` */
export function addSweepPlan(group: Command): void {
  addConfigOptions(group.command('plan').description('what a sweep would try, without running anything'))
    .option('--sweep <file>', "sweep file, YAML or JSON; default: the config's hpo_config")
    .option('--trials <n>', "so many points; default: the sweep's run_cap, else 20")
    .option('--seed <n>', "instead of the sweep file's seed")
    .option('--json', 'print JSON: [{trial, parameters: {name: value}}]')
    .addHelpText(
      'after',
      `
Of a sampler that learns, the points are those before any trial has ended.
Examples:
  $ dj-sandbox sweep plan --config sandbox.yaml --trials 20 --seed 0
  $ dj-sandbox sweep plan --config sandbox.yaml --sweep sweep.yaml --json`,
    )
    .action(async ({ sweep, trials, seed, json, ...options }: PlanOptions) => {
      const { wholeNumber } = await import('../arguments.ts');
      const { toCompile } = await import('../config-options.ts');
      const { planSweep } = await import('../plan-sweep.ts');
      process.exitCode = await planSweep({
        ...(await toCompile(options)),
        sweep,
        trials: trials === undefined ? undefined : wholeNumber('--trials', trials, 1),
        seed: seed === undefined ? undefined : wholeNumber('--seed', seed, 0),
        json,
      });
    });
}
