import { delimiter, join, resolve } from 'node:path';
import type { EnvironmentName } from '../paths.ts';
import type { Environment, EnvironmentChoice } from './environment.ts';
import { lockedPython } from './locked.ts';
import { activatedBy } from './managers.ts';
import { present } from './present.ts';

/**
 * The environment that a config chooses among those that are there; where it chooses none, one of our own locked ones, or what the worker's PATH
 * has. Throws JobFailure where it is not there.
 */
export function chosenEnvironment(choice: EnvironmentChoice, locked?: EnvironmentName): Environment {
  const python = choice.launcher?.python;
  if (python) return plain(python.includes('/') ? present(python, 'launcher.python must be an interpreter') : python);
  const { env_name: name, env_manager } = choice;
  if (!name) return plain(locked === undefined ? 'python3' : lockedPython(locked));
  const manager = env_manager ?? 'conda';
  if (manager === 'conda' || manager === 'mamba') return condaEnvironment(manager, condaFlags(name));
  return folderEnvironment(
    resolve(name),
    `env_name must be the folder of a ${manager} environment; or say in requirements what it is made of, and it is made (docs/environments.md)`,
  );
}

function plain(python: string): Environment {
  return { python: [python], before: [], env: {} };
}

/** How conda is told of an environment by its name or folder. */
export function condaFlags(name: string): string[] {
  return [name.includes('/') ? '-p' : '-n', name];
}

/** A conda environment, activated by its manager. */
export function condaEnvironment(manager: 'conda' | 'mamba', which: readonly string[]): Environment {
  const before = activatedBy(manager, which);
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
