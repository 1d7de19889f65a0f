import type { Command } from 'commander';
import type { ConfigToCompile } from './compile-config.ts';
import { withComponents } from './with-components.ts';

/** Options of the commands that read a sandbox config. */
export interface ConfigOptions {
  config?: string;
  set?: string[];
  workDir?: string;
}

/** Adds `--config`, `--set`, `--work-dir` and `--components`. */
export function addConfigOptions(command: Command): Command {
  return withComponents(command)
    .option('--config <file>', 'sandbox config, YAML or JSON (required)')
    .option('--set <path=value>', 'set a value: <op>.<arg>, <meta_name>.extra_configs.…, or a global key', append)
    .option('--work-dir <folder>', "instead of the config's work_dir");
}

function append(value: string, before: string[] = []): string[] {
  return [...before, value];
}

/**
 * The options as `compileConfig` takes them; relative paths start where the command was called.
 * @throws CommandFailure when `--config` is missing or a `--set` cannot be read.
 */
export async function toCompile(options: ConfigOptions): Promise<ConfigToCompile> {
  const { required, settings } = await import('./arguments.ts');
  const config = required('--config', options.config);
  return { config, set: settings(options.set ?? []), workDir: options.workDir, baseDir: process.cwd() };
}
