import { spawn } from 'node:child_process';
import { SetupFailure } from './failure.mjs';
import { packageFolder } from './places.mjs';

/**
 * Runs a program whose output the user sees.
 * @param {string} program
 * @param {string[]} args
 * @param {{ env?: NodeJS.ProcessEnv, cwd?: string, what: string }} options `what`: the failure's subject, such as "npm ci"
 * @returns {Promise<void>}
 */
export async function run(program, args, { env = process.env, cwd = packageFolder, what }) {
  const { code, error } = await ended(spawn(program, args, { cwd, env, stdio: ['ignore', 'inherit', 'inherit'] }));
  if (error) throw new SetupFailure(`${what} could not start: ${error.message}`);
  if (code !== 0) throw new SetupFailure(`${what} failed; its output is above.`);
}

/**
 * Runs a program for its output.
 * @param {string} program
 * @param {string[]} args
 * @param {{ env?: NodeJS.ProcessEnv, timeout?: number }} [options] `timeout` in milliseconds
 * @returns {Promise<{ ok: boolean, stdout: string, stderr: string }>}
 */
export async function ask(program, args, { env = process.env, timeout } = {}) {
  const child = spawn(program, args, { env, timeout, stdio: ['ignore', 'pipe', 'pipe'] });
  const output = { stdout: '', stderr: '' };
  child.stdout.on('data', text => {
    output.stdout += text;
  });
  child.stderr.on('data', text => {
    output.stderr += text;
  });
  const { code } = await ended(child);
  return { ok: code === 0, ...output };
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @returns {Promise<{ code: number | null, error?: Error }>}
 */
function ended(child) {
  return new Promise(resolve => {
    child.once('error', error => resolve({ code: null, error }));
    child.once('close', code => resolve({ code }));
  });
}
