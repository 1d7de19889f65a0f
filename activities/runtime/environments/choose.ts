import { delimiter, join, resolve } from 'node:path';
import type { EnvironmentName } from '../paths.ts';
import type { Environment, EnvironmentChoice } from './environment.ts';
import { lockedPython } from './locked.ts';
import { present } from './present.ts';

/**
 * The environment that a config chooses; where it chooses none, one of our own locked ones, or what the worker's PATH has. Nothing is installed.
 * Throws JobFailure where it is not there.
 */
export function chosenEnvironment(
  { launcher, env_name: name, env_manager }: EnvironmentChoice,
  locked?: EnvironmentName,
): Environment {
  const python = launcher?.python;
  if (python) return plain(python.includes('/') ? present(python, 'launcher.python must be an interpreter') : python);
  if (!name) return plain(locked === undefined ? 'python3' : lockedPython(locked));
  const manager = env_manager ?? 'conda';
  // Environments of mamba are conda's own.
  if (manager === 'conda' || manager === 'mamba')
    return condaEnvironment('conda', [name.includes('/') ? '-p' : '-n', name]);
  return folderEnvironment(
    resolve(name),
    `env_name must be the folder of a ${manager} environment; an absolute path is safest`,
  );
}

function plain(python: string): Environment {
  return { python: [python], before: [], env: {} };
}

/** A conda environment, activated by conda itself. */
export function condaEnvironment(program: string, which: readonly string[]): Environment {
  const before = [program, 'run', '--no-capture-output', ...which];
  return { python: [...before, 'python'], before, env: {} };
}

/** A virtual environment, as its `activate` sets it up. */
export function folderEnvironment(folder: string, advice: string): Environment {
  const bin = join(folder, 'bin');
  const python = present(join(bin, 'python'), advice);
  return {
    python: [python],
    before: [],
    env: { VIRTUAL_ENV: folder, PATH: [bin, process.env.PATH ?? ''].join(delimiter) },
  };
}
