import type { Command } from 'commander';
import { addConfigOptions, type ConfigOptions } from '../config-options.ts';

/** `dj-sandbox env create|list` */
export function addEnv(program: Command): void {
  const env = program
    .command('env')
    .description('Python environments that are made for jobs on this host')
    .addHelpText(
      'after',
      `
Examples:
  $ dj-sandbox env create --config sandbox.yaml   before a host is cut off from the network
  $ dj-sandbox env list --json`,
    );
  addConfigOptions(
    env.command('create').description('make the environments that the jobs of a config describe, with the network'),
  )
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  $ dj-sandbox env create --config sandbox.yaml')
    .action(async (options: ConfigOptions & { json?: boolean }) => {
      const { createEnvironments } = await import('../environments.ts');
      process.exitCode = await createEnvironments(options);
    });
  env
    .command('list')
    .description('environments that are there')
    .option('--json', 'print JSON, with every package')
    .addHelpText('after', '\nExample:\n  $ dj-sandbox env list')
    .action(async (options: { json?: boolean }) => {
      const { listEnvironments } = await import('../environments.ts');
      await listEnvironments(options);
    });
}
