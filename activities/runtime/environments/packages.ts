import { execa } from 'execa';
import type { EnvironmentRecord } from '../../../plan/manifest.ts';
import { JobFailure } from '../failure.ts';
import { pythonFile } from '../paths.ts';
import { programEnvironment } from '../program-environment.ts';
import type { Environment } from './environment.ts';
import { notStarted } from './tool.ts';

const LAST_LINES = 20;

type Versions = Pick<EnvironmentRecord, 'python' | 'packages'>;

/** Versions of Python and of every package of an environment, as its own interpreter finds them. Throws JobFailure where it cannot run. */
export async function packagesIn({ python, env }: Environment, signal: AbortSignal): Promise<Versions> {
  const told = await say([...python, pythonFile('environments', 'packages.py')], env, signal);
  return JSON.parse(told.slice(told.indexOf('{'))) as Versions;
}

/** The same of a conda environment, as conda finds them: not only packages of Python. `which`: `['-n', name]` or `['-p', folder]`. */
export async function condaPackages(program: string, which: readonly string[], signal: AbortSignal): Promise<Versions> {
  const told = JSON.parse(await say([program, 'list', ...which, '--json'], {}, signal)) as {
    name: string;
    version: string;
  }[];
  const packages = Object.fromEntries(told.map(({ name, version }) => [name, version]));
  return { python: packages['python'] ?? 'none', packages };
}

/** First number of what a manager says of its version. */
export async function versionOf(argv: readonly string[], signal: AbortSignal): Promise<string> {
  return /\d+(?:\.\w+)+/.exec(await say(argv, {}, signal))?.[0] ?? 'unknown';
}

/** What a program prints. */
async function say([program, ...args]: readonly string[], env: Record<string, string>, cancelSignal: AbortSignal) {
  const { failed, stdout, stderr, cause } = await execa(program!, args, {
    env: { ...programEnvironment(), ...env },
    extendEnv: false,
    stdin: 'ignore',
    reject: false,
    cancelSignal,
  });
  cancelSignal.throwIfAborted();
  if (!failed) return stdout;
  const { code } = (cause ?? {}) as NodeJS.ErrnoException;
  if (code !== undefined) throw notStarted(program!, cause as NodeJS.ErrnoException);
  const logTail = stderr.trim().split('\n').slice(-LAST_LINES);
  throw new JobFailure(`${[program, ...args].join(' ')} failed: ${logTail.at(-1)}`, { logTail });
}
