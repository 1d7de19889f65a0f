import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { loadOwnComponents, OwnComponentsError } from '../activities/own/load.ts';
import { devConfigFile, readDevConfig } from '../workers/dev-config.ts';
import { asCommandFailure } from './dev-server.ts';
import { CommandFailure } from './failure.ts';

/**
 * Loads the user's own components that `--components` names (relative to where the command was called), else those of temporal-dev.yaml (relative to
 * that file).
 * @throws CommandFailure when one cannot be used.
 */
export async function loadComponents(given: readonly string[] | undefined): Promise<void> {
  const { names, from } = given ? { names: given, from: process.cwd() } : configured();
  try {
    await loadOwnComponents(names, from);
  } catch (error) {
    throw error instanceof OwnComponentsError ? new CommandFailure(error.message) : error;
  }
}

function configured(): { names: string[]; from: string } {
  const file = devConfigFile();
  if (!existsSync(file)) return { names: [], from: '' };
  try {
    return { names: readDevConfig(file).components, from: dirname(file) };
  } catch (error) {
    throw asCommandFailure(error);
  }
}
