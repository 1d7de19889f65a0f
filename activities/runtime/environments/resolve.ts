import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { EnvironmentRecord } from '../../../plan/manifest.ts';
import type { EnvironmentName } from '../paths.ts';
import { chosenEnvironment, condaEnvironment, condaFlags, folderEnvironment } from './choose.ts';
import type { Environment, EnvironmentChoice } from './environment.ts';
import { type Making, madeEnvironment } from './make.ts';
import { activatedBy, MANAGER_CALLS } from './managers.ts';
import { condaPackages, packagesIn, versionOf } from './packages.ts';
import { isToBeMade, wantedEnvironment } from './wanted.ts';

/** An environment, and what is in it where the config chose it. */
export interface ResolvedEnvironment {
  environment: Environment;
  /** Null of what the config did not choose as an environment. */
  record: EnvironmentRecord | null;
}

/** The environment that a config chooses, made first where it says what of; with what is in it. Throws JobFailure where it cannot be had. */
export async function resolveEnvironment(
  choice: EnvironmentChoice,
  locked: EnvironmentName | undefined,
  making: Making,
): Promise<ResolvedEnvironment> {
  if (!choice.launcher?.python && isToBeMade(choice)) return await made(choice, making);
  const environment = chosenEnvironment(choice, locked);
  if (choice.launcher?.python || !choice.env_name) return { environment, record: null };
  return { environment, record: await recordOf(choice, choice.env_name, environment, making.signal) };
}

async function made(choice: EnvironmentChoice, making: Making): Promise<ResolvedEnvironment> {
  const record = await madeEnvironment(await wantedEnvironment(choice), making);
  const { manager, folder } = record;
  const environment =
    manager === 'conda' || manager === 'mamba'
      ? condaEnvironment(manager, ['-p', folder])
      : folderEnvironment(folder, 'it was removed just now; try again');
  return { environment, record };
}

/** What is in an environment that was there. */
async function recordOf(
  { env_manager }: EnvironmentChoice,
  name: string,
  environment: Environment,
  signal: AbortSignal,
): Promise<EnvironmentRecord> {
  const manager = env_manager ?? 'conda';
  if (manager === 'conda' || manager === 'mamba') {
    const program = activatedBy(manager, [])[0] as 'conda' | 'mamba';
    const managerVersion = await versionOf(MANAGER_CALLS[program].version(), signal);
    const folder = name.includes('/') ? resolve(name) : null;
    const versions = await condaPackages(program, condaFlags(name), signal);
    return { name, manager, managerVersion, folder, identity: null, ...versions };
  }
  const folder = resolve(name);
  const versions = await packagesIn(environment, signal);
  return { name, manager, managerVersion: await madeBy(folder, manager), folder, identity: null, ...versions };
}

/** Version of the manager as it wrote it down; Python's own, which is that of venv, is not told apart there. */
async function madeBy(folder: string, manager: string): Promise<string | null> {
  const text = await readFile(join(folder, 'pyvenv.cfg'), 'utf8').catch(() => '');
  return new RegExp(`^${manager} = (\\S+)$`, 'm').exec(text)?.[1] ?? null;
}
