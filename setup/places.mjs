// Where set-up puts things, and the files of ours that it reads.
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const packageFolder = dirname(dirname(fileURLToPath(import.meta.url)));

/** `.sandbox` in the package, or `$DJ_SANDBOX_HOME`, as activities/runtime/paths.ts has it. */
export const home = process.env.DJ_SANDBOX_HOME ?? join(packageFolder, '.sandbox');

/** @param {string[]} parts */
export const inPackage = (...parts) => join(packageFolder, ...parts);

/** npm leaves the lockfile out of packages: this is an installed one, whose own packages and dist/ came with it. */
export const isInstalled = !existsSync(inPackage('package-lock.json'));

/** @param {string[]} parts */
export const inHome = (...parts) => join(home, ...parts);

/** @param {string} environment */
export const pythonOf = environment => inHome('envs', environment, 'bin', 'python');
