import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { JobFailure } from './failure.ts';
import { type EnvironmentName, pythonOf } from './paths.ts';

/** Which Python a config wants a program to run in. */
export interface PythonChoice {
  /** An interpreter; wins over an environment. */
  python?: string | null;
  /** Name of a conda environment, or folder of a virtual one. */
  env_name?: string | null;
  env_manager?: string | null;
}

export interface PythonCommand {
  /** What stands before the script. */
  argv: string[];
  /** What the user should know about the choice. */
  note: string | null;
}

const CONDA_LIST_MS = 60_000;

/**
 * The interpreter that a config names, or the locked environment where it names none. A named environment that is not on this host is
 * stood in for by the locked one, with a note: nothing is installed while a job runs.
 */
export async function pythonCommand(choice: PythonChoice, locked: EnvironmentName): Promise<PythonCommand> {
  const { python, env_name: name, env_manager: manager = 'conda' } = choice;
  if (python) {
    if (python.includes('/') && !existsSync(python)) throw new JobFailure(`python: ${python} is not there`);
    return { argv: [python], note: null };
  }
  if (!name) return { argv: [lockedPython(locked)], note: null };
  const found = manager === 'conda' || manager === 'mamba' ? await inConda(manager, name) : inFolder(name);
  if (Array.isArray(found)) return { argv: found, note: null };
  return { argv: [lockedPython(locked)], note: `${found}; the locked ${locked} environment stood in for it` };
}

function lockedPython(environment: EnvironmentName): string {
  const python = pythonOf(environment);
  if (existsSync(python)) return python;
  throw new JobFailure(
    `the ${environment} environment is not on this host (${python}): \`npm run setup\` in the package makes it`,
  );
}

function inFolder(folder: string): string[] | string {
  const python = join(resolve(folder), 'bin', 'python');
  return existsSync(python) ? [python] : `env_name: ${python} is not there`;
}

async function inConda(manager: string, name: string): Promise<string[] | string> {
  const { failed, stdout } = await execa(manager, ['env', 'list', '--json'], {
    reject: false,
    stdin: 'ignore',
    timeout: CONDA_LIST_MS,
  });
  if (failed) return `env_name: ${manager} is not on this host`;
  const { envs = [] } = JSON.parse(stdout) as { envs?: string[] };
  const prefix = envs.find(path => path.endsWith(`/${name}`));
  if (!prefix) return `env_name: ${manager} has no environment "${name}"`;
  return [manager, 'run', '--no-capture-output', '--prefix', prefix, 'python'];
}
