import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { sandboxHome } from '../activities/runtime/paths.ts';
import { DevServerError } from './dev-errors.ts';

/** The CLI that temporal-dev.yaml is rendered for; setup/temporal.mjs installs the same. */
export const TEMPORAL_VERSION = '1.9.1';

/** The `temporal` that set-up made, else PATH's. */
export function temporalCli(): string {
  const installed = join(sandboxHome(), 'bin', 'temporal');
  return existsSync(installed) ? installed : 'temporal';
}

/**
 * Refuses a CLI of another version: flags and defaults of its development server change.
 * @throws DevServerError
 */
export async function checkTemporalCli(path: string): Promise<void> {
  const remedy = `this needs ${TEMPORAL_VERSION}, which \`npm run setup\` installs`;
  const { failed, stdout } = await execa(path, ['--version'], { reject: false, timeout: 10_000 });
  if (failed) throw new DevServerError(`the Temporal CLI at ${path} does not run; ${remedy}`);
  const version = /^temporal version (\S+)/.exec(stdout)?.[1] ?? 'of an unknown version';
  if (version !== TEMPORAL_VERSION) throw new DevServerError(`the Temporal CLI at ${path} is ${version}; ${remedy}`);
}
