import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { canonical } from '../../../plan/canonical.ts';
import { REQUIREMENTS_PATH } from '../../../plan/environment.ts';
import { JobFailure } from '../failure.ts';
import { hashFile } from '../fingerprint.ts';
import { safeName } from '../safe-name.ts';
import type { EnvironmentChoice, Manager } from './environment.ts';

/** Raise it when the same words come to mean another environment. */
const FORMAT = 1;
const IDENTITY_LENGTH = 16;
/** Of a package's folder: what says which packages it needs. The rest of it is used as it is, and may change. */
const DECLARATIONS = ['pyproject.toml', 'setup.py', 'setup.cfg', 'requirements.txt'];
const NESTED = /^\s*(?:-r|--requirement|-c|--constraint)(?:\s+|=)(\S+)/;
const ARCHIVE = /\.(?:whl|zip|gz)$/;

/** An environment that is to be there: the same identity is the same environment. */
export interface WantedEnvironment {
  /** As the config calls it. */
  name: string;
  manager: Manager;
  /** Version of Python, or null. */
  python: string | null;
  /** Absolute path of a conda environment.yml, or null. */
  config: string | null;
  /** What pip installs: a file, a package's folder, or requirements one by one. */
  requirements: { file: string } | { folder: string } | { list: string[] } | null;
  /** Hash of the above, by content. */
  identity: string;
}

/** Whether a config says what its environment is made of. */
export function isToBeMade({ requirements, env_params }: EnvironmentChoice): boolean {
  return requirements != null || env_params?.env_config_path != null;
}

/** What a config asks for, read from its files. Throws JobFailure where one is missing or the manager has no use for it. */
export async function wantedEnvironment(choice: EnvironmentChoice): Promise<WantedEnvironment> {
  const { env_name, env_manager, env_params, requirements } = choice;
  const manager = env_manager ?? 'conda';
  const [config, python] = [env_params?.env_config_path ?? null, env_params?.env_py_version ?? null];
  if (config !== null && manager !== 'conda' && manager !== 'mamba')
    throw new JobFailure(
      `env_params.env_config_path is for conda and mamba, and env_manager is ${manager}: give its packages in requirements`,
    );
  const made = requirements == null ? null : await madeOf(requirements);
  const content = {
    format: FORMAT,
    platform: `${process.platform}-${process.arch}`,
    manager,
    python,
    config: config === null ? null : await textOf(config, 'env_params.env_config_path'),
    requirements: made === null ? null : await contentOf(made),
  };
  const identity = createHash('sha256').update(canonical(content)).digest('hex').slice(0, IDENTITY_LENGTH);
  return { name: env_name || 'env', manager, python, config, requirements: made, identity };
}

/** Folder of an environment among those of its host. */
export function folderName({ name, identity }: Pick<WantedEnvironment, 'name' | 'identity'>): string {
  return `${safeName(basename(name))}-${identity}`;
}

type Made = NonNullable<WantedEnvironment['requirements']>;

async function madeOf(requirements: string | string[]): Promise<Made> {
  if (Array.isArray(requirements)) return { list: requirements };
  const path = resolve(requirements);
  const found = await stat(path).catch(() => null);
  if (!found) throw missing(path, 'requirements');
  return found.isDirectory() ? { folder: path } : { file: path };
}

/** What decides which packages come of it. */
async function contentOf(made: Made): Promise<string[]> {
  if ('file' in made) return await fileContent(made.file, new Set());
  if ('list' in made) return await Promise.all(made.list.map(each => lineContent(each, process.cwd())));
  const texts = DECLARATIONS.map(name => readFile(join(made.folder, name), 'utf8').catch(() => ''));
  return [made.folder, ...(await Promise.all(texts))];
}

/** A requirements file's text, those that it names in turn, and hashes of the archives that it names by path. */
async function fileContent(path: string, seen: Set<string>): Promise<string[]> {
  if (seen.has(path)) return [];
  seen.add(path);
  const text = await textOf(path, 'requirements');
  const contents: string[] = [];
  for (const line of text.split(/\r?\n/)) {
    const nested = NESTED.exec(line)?.[1];
    if (nested !== undefined && !nested.includes('://'))
      contents.push(line, ...(await fileContent(resolve(dirname(path), nested), seen)));
    else contents.push(await lineContent(line.replace(/(?:^|\s)#.*$/, '').trim(), dirname(path)));
  }
  return contents.filter(content => content !== '');
}

async function lineContent(line: string, folder: string): Promise<string> {
  if (!ARCHIVE.test(line) || !REQUIREMENTS_PATH.test(line)) return line;
  const path = resolve(folder, line);
  return await hashFile(path).catch(() => {
    throw missing(path, 'requirements');
  });
}

async function textOf(path: string, key: string): Promise<string> {
  return await readFile(path, 'utf8').catch(() => {
    throw missing(path, key);
  });
}

function missing(path: string, key: string): JobFailure {
  return new JobFailure(`${path} is not there, which ${key} needs: put it there, or correct the path`);
}
