import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { JobFailure } from '../runtime/failure.ts';
import { pythonOf } from '../runtime/paths.ts';

/** The keys that choose an interpreter. */
export interface EnvironmentChoice {
  launcher?: { python?: string | undefined } | null | undefined;
  env_name?: string | null | undefined;
  env_manager?: 'conda' | 'mamba' | 'venv' | 'virtualenv' | 'uv' | null | undefined;
}

/**
 * Start of a command line that runs Python in the chosen environment. Nothing is ever installed.
 * Throws JobFailure when the environment's interpreter is not there.
 */
export function interpreter({ launcher, env_name: name, env_manager: manager = 'conda' }: EnvironmentChoice): string[] {
  if (launcher?.python) return [launcher.python];
  if (!name) return [present(pythonOf('train'), 'run set-up, or name one in launcher.python')];
  // Environments of mamba are conda's own.
  if (manager === 'conda' || manager === 'mamba' || manager == null)
    return ['conda', 'run', '--no-capture-output', name.includes('/') ? '-p' : '-n', name, 'python'];
  const python = join(resolve(name), 'bin', 'python');
  return [present(python, `env_name must be the folder of a ${manager} environment; an absolute path is safest`)];
}

function present(python: string, advice: string): string {
  if (!existsSync(python)) throw new JobFailure(`there is no Python interpreter at ${python}: ${advice}`);
  return python;
}
