import { existsSync, statSync } from 'node:fs';
import { SetupFailure } from './failure.mjs';
import { folderStep } from './folder-step.mjs';
import { home, inHome } from './places.mjs';
import { ask, run } from './run.mjs';

const VERSION = '0.13.9';
/** The first 0.x that has all flags that we use. */
const OLDEST_MINOR = 7;
const PYTHONS = '>=3.10,<3.14';

const installed = inHome('envs', 'uv', 'bin', 'uv');

/** uv, where PATH has none: installed by pip into an environment of its own. */
export const uvStep = folderStep({
  name: 'uv',
  title: `uv ${VERSION}, which installs the Python environments`,
  download: '20 MB',
  folder: inHome('envs', 'uv'),
  proof: 'bin/uv',
  inputs: () => [VERSION],
  async make(into) {
    const python = await systemPython();
    const made = await ask(python, ['-m', 'venv', into]);
    if (!made.ok) {
      throw new SetupFailure(
        `${python} -m venv failed, so uv cannot be installed: ${lastLine(made.stderr || made.stdout)}\n` +
          'On Debian and Ubuntu: apt-get install python3-venv. Or put uv on PATH yourself.',
      );
    }
    await run(`${into}/bin/python`, ['-m', 'pip', 'install', '--quiet', `uv==${VERSION}`], { what: 'pip install uv' });
  },
});

/** Path of a uv that can be used: ours, or PATH's where it is new enough; undefined where there is none yet. */
export async function findUv() {
  if (existsSync(installed)) return installed;
  const { ok, stdout } = await ask('uv', ['--version']);
  const [major = 0, minor = 0] = (/(\d+)\.(\d+)/.exec(stdout) ?? []).slice(1).map(Number);
  const isNew = major > 0 || minor >= OLDEST_MINOR;
  return ok && isNew ? 'uv' : undefined;
}

/** An interpreter that the locked packages exist for; uv fetches one where the machine has none. */
/** @param {string} uv */
export async function findPython(uv) {
  const found = await ask(uv, ['python', 'find', '--no-python-downloads', PYTHONS]);
  if (found.ok) return found.stdout.trim();
  console.log(`      No Python ${PYTHONS} here: uv fetches Python 3.12 (about 30 MB).`);
  return '3.12';
}

/**
 * uv hard-links from its cache; across disks it would copy gigabytes, so there the cache is in our folder.
 * @param {string} uv
 * @returns {Promise<NodeJS.ProcessEnv>}
 */
export async function uvEnvironment(uv) {
  if (process.env.UV_CACHE_DIR || process.env.UV_LINK_MODE) return process.env;
  const cache = (await ask(uv, ['cache', 'dir'])).stdout.trim();
  const isNear = !existsSync(cache) || statSync(cache).dev === statSync(home).dev;
  return isNear ? process.env : { ...process.env, UV_CACHE_DIR: inHome('cache', 'uv') };
}

async function systemPython() {
  for (const python of ['python3', 'python']) {
    const { ok } = await ask(python, ['-c', 'import sys; sys.exit(sys.version_info < (3, 10))']);
    if (ok) return python;
  }
  throw new SetupFailure('Python 3.10 or newer is needed, and neither python3 nor python on PATH is one.');
}

/** @param {string} text */
const lastLine = text => text.trim().split('\n').at(-1) ?? '';
