import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { sandboxHome } from '../paths.ts';
import type { Manager } from './environment.ts';

/** What pip is asked for: requirements in a file, or a package that is being worked on. */
export type Install = { file: string } | { editable: string };

/** How a manager is called. */
export interface ManagerCalls {
  /** Prints its version. */
  version: () => string[];
  /** Makes an environment in a folder that is not there yet; `python` is a version, null for what there is. */
  create: (folder: string, python: string | null) => string[];
  /** The same of a conda environment.yml. */
  createFrom?: (folder: string, config: string) => string[];
  install: (folder: string, what: Install) => string[];
}

const words = (what: Install) => ('file' in what ? ['-r', what.file] : ['-e', what.editable]);

/** pip, by the interpreter that it installs for. */
const pip = (...python: string[]) => [...python, '-m', 'pip', 'install', '--no-input', '--disable-pip-version-check'];

const byItsPip = (folder: string, what: Install) => [...pip(join(folder, 'bin', 'python')), ...words(what)];

/** What the original makes where nothing else is said. */
const CONDA_PYTHON = '3.10';

function conda(program: string, ...run: string[]): ManagerCalls {
  return {
    version: () => [program, '--version'],
    create: (folder, python) => [program, 'create', '--yes', '--prefix', folder, `python=${python ?? CONDA_PYTHON}`],
    // `--yes` is newer than many a conda; the environment says it.
    createFrom: (folder, config) => [program, 'env', 'create', '--file', config, '--prefix', folder],
    install: (folder, what) => [...pip(program, 'run', ...run, '--prefix', folder, 'python'), ...words(what)],
  };
}

/** Managers by name. */
export const MANAGER_CALLS: Record<Manager, ManagerCalls> = {
  conda: conda('conda', '--no-capture-output'),
  mamba: conda('mamba'),
  uv: {
    version: () => [uv(), '--version'],
    create: (folder, python) => [
      uv(),
      'venv',
      '--no-project',
      ...(python === null ? [] : ['--python', python]),
      folder,
    ],
    // As pip does by itself: where PYTHONDONTWRITEBYTECODE is set, each start would compile what it imports.
    install: (folder, what) => [
      ...[uv(), 'pip', 'install', '--compile-bytecode', '--python', join(folder, 'bin', 'python')],
      ...words(what),
    ],
  },
  venv: {
    version: () => ['python3', '--version'],
    create: (folder, python) => [`python${python ?? '3'}`, '-m', 'venv', folder],
    install: byItsPip,
  },
  virtualenv: {
    version: () => ['virtualenv', '--version'],
    create: (folder, python) => ['virtualenv', ...(python === null ? [] : ['--python', python]), folder],
    install: byItsPip,
  },
};

/** That of our set-up, else PATH's. */
function uv(): string {
  const own = join(sandboxHome(), 'envs', 'uv', 'bin', 'uv');
  return existsSync(own) ? own : 'uv';
}

/** What activates a conda environment: conda, or a mamba that stands alone, whose `run` has no flag for its output. */
export function activatedBy(manager: 'conda' | 'mamba', which: readonly string[]): string[] {
  if (manager === 'mamba' && !onPath('conda') && onPath('mamba')) return ['mamba', 'run', ...which];
  return ['conda', 'run', '--no-capture-output', ...which];
}

function onPath(program: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some(folder => existsSync(join(folder, program)));
}

/** Nobody is there to be asked, and what the user has installed for himself is no part of an environment. */
export const ALWAYS = {
  PYTHONNOUSERSITE: '1',
  CONDA_ALWAYS_YES: 'true',
  MAMBA_ALWAYS_YES: 'true',
  PIP_NO_INPUT: '1',
};

const NOBODY = 'http://127.0.0.1:9';

/** Says to each of them, and to what they start, that there is no network. */
export const OFFLINE = {
  UV_OFFLINE: '1',
  UV_PYTHON_DOWNLOADS: 'never',
  PIP_NO_INDEX: '1',
  PIP_RETRIES: '0',
  CONDA_OFFLINE: 'true',
  MAMBA_OFFLINE: 'true',
  GIT_ALLOW_PROTOCOL: 'file',
  ...Object.fromEntries(
    ['http_proxy', 'https_proxy', 'all_proxy'].flatMap(name => [
      [name, NOBODY],
      [name.toUpperCase(), NOBODY],
    ]),
  ),
  no_proxy: '',
  NO_PROXY: '',
};
