import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { SetupFailure } from './failure.mjs';
import { folderStep } from './folder-step.mjs';
import { inHome, inPackage } from './places.mjs';
import { ask, run } from './run.mjs';
import { findPython, findUv, uvEnvironment } from './uv.mjs';

/**
 * Where PYTHONDONTWRITEBYTECODE is set, as in many an image of containers, Python compiles all that it imports at each start: 13 s of torch and
 * diffusers in place of 5.
 */
const COMPILED = '--compile-bytecode';

/**
 * A step that makes `.sandbox/envs/<name>` from `python/locks/<name>.lock.txt`.
 * @param {{ name: string, title: string, download: string, proof?: string }} options
 */
export function pythonEnvironment({ name, title, download, proof = 'bin/python' }) {
  const lockFile = inPackage('python', 'locks', `${name}.lock.txt`);
  return folderStep({
    name,
    title,
    download,
    folder: inHome('envs', name),
    proof,
    inputs: () => [readFileSync(lockFile, 'utf8'), String(hasGpu()), COMPILED],
    make: into => installLock(lockFile, into),
  });
}

/**
 * @param {string} lockFile
 * @param {string} into
 */
export async function installLock(lockFile, into) {
  const uv = await findUv();
  if (!uv) throw new SetupFailure('uv is not there; `npm run setup` installs it.');
  const env = await uvEnvironment(uv);
  await run(uv, ['venv', '--quiet', '--relocatable', '--python', await findPython(uv), into], { env, what: 'uv venv' });
  const python = join(into, 'bin', 'python');
  const lock = readFileSync(lockFile, 'utf8');
  const isCpuBuild = /^torch==/m.test(lock) && (await canHaveCpuTorch(uv, python));
  const requirements = join(into, 'requirements.txt');
  writeFileSync(requirements, isCpuBuild ? withoutCuda(lock) : lock);
  const backend = isCpuBuild ? ['--torch-backend=cpu'] : [];
  const sync = ['pip', 'sync', COMPILED, '--python', python, ...backend, requirements];
  await run(uv, sync, { env, what: `Installing ${lockFile}` });
}

/** Whether CUDA can be used here: then torch is PyPI's build, which carries it. */
export function hasGpu() {
  const folders = (process.env.PATH ?? '').split(delimiter);
  return folders.some(folder => existsSync(join(folder, 'nvidia-smi')));
}

/** @type {Promise<boolean> | undefined} */
let cpuTorch;

/**
 * Whether torch's CPU build is wanted and PyTorch's own index, which has it, answers; asked once.
 * @param {string} uv
 * @param {string} python
 */
function canHaveCpuTorch(uv, python) {
  cpuTorch ??= askForCpuTorch(uv, python);
  return cpuTorch;
}

/**
 * @param {string} uv
 * @param {string} python
 */
async function askForCpuTorch(uv, python) {
  if (hasGpu()) return false;
  const env = { ...process.env, UV_HTTP_TIMEOUT: '5', UV_HTTP_RETRIES: '0' };
  const args = ['pip', 'install', '--dry-run', '--no-deps', '--torch-backend=cpu', '--python', python, 'torch==2.8.0'];
  const { ok } = await ask(uv, args, { env, timeout: 20_000 });
  const build = ok ? 'the CPU build' : "PyPI's build with CUDA, as PyTorch's own index does not answer";
  console.log(`      torch: no GPU here; taking ${build}.`);
  return ok;
}

/**
 * The lock without the packages that only CUDA needs.
 * @param {string} lock
 */
export function withoutCuda(lock) {
  return lock
    .split(/\n(?=\S)/)
    .filter(requirement => !/^(?:nvidia-|triton==)/.test(requirement))
    .join('\n');
}
