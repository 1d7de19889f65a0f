import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { JobFailure } from './failure.ts';
import { type EnvironmentName, pythonOf } from './paths.ts';

/** The config keys that choose an interpreter. */
export interface PythonChoice {
  /** `python`: an interpreter; it wins over an environment. */
  launcher?: { python?: string | null | undefined } | null | undefined;
  /** Name of a conda environment, or folder of a virtual one. */
  env_name?: string | null | undefined;
  env_manager?: 'conda' | 'mamba' | 'venv' | 'virtualenv' | 'uv' | null | undefined;
}

/**
 * Start of a command line that runs Python where the config says, else in the locked environment. Nothing is ever installed.
 * Throws JobFailure when the interpreter is not there.
 */
export function pythonCommand(
  { launcher, env_name: name, env_manager }: PythonChoice,
  locked: EnvironmentName,
): string[] {
  const python = launcher?.python;
  if (python) return [python.includes('/') ? present(python, 'launcher.python must be an interpreter') : python];
  if (!name) return [present(pythonOf(locked), 'run set-up (`npm run setup`), or name one in launcher.python')];
  const manager = env_manager ?? 'conda';
  // Environments of mamba are conda's own.
  if (manager === 'conda' || manager === 'mamba')
    return ['conda', 'run', '--no-capture-output', name.includes('/') ? '-p' : '-n', name, 'python'];
  return [
    present(
      join(resolve(name), 'bin', 'python'),
      `env_name must be the folder of a ${manager} environment; an absolute path is safest`,
    ),
  ];
}

function present(python: string, advice: string): string {
  if (!existsSync(python)) throw new JobFailure(`there is no Python interpreter at ${python}: ${advice}`);
  return python;
}
