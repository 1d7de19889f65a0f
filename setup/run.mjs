import { spawn } from 'node:child_process';
import { SetupFailure } from './failure.mjs';
import { packageFolder } from './places.mjs';

const FIRST_LINES = 10;
const LAST_LINES = 30;

/**
 * Runs a program and shows how far it is: its last line of output, on one line of the terminal; elsewhere what it downloads.
 * @param {string} program
 * @param {string[]} args
 * @param {{ env?: NodeJS.ProcessEnv, what: string }} options `what`: the failure's subject, such as "npm ci"
 * @returns {Promise<void>}
 */
export async function run(program, args, { env = process.env, what }) {
  const child = spawn(program, args, { cwd: packageFolder, env, stdio: ['ignore', 'pipe', 'pipe'] });
  /** @type {string[]} */
  const kept = [];
  const onLine = (/** @type {string} */ line) => {
    kept.push(line);
    if (kept.length > FIRST_LINES + LAST_LINES) kept.splice(FIRST_LINES, 1);
    show(line);
  };
  eachLine(child.stdout, onLine);
  eachLine(child.stderr, onLine);
  const { code, error } = await ended(child);
  clear();
  if (error) throw new SetupFailure(`${what} could not start: ${error.message}`);
  if (code !== 0) throw new SetupFailure(`${what} failed:\n${kept.map(line => `  ${line}`).join('\n')}`);
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

/**
 * @param {import('node:stream').Readable} stream
 * @param {(line: string) => void} onLine also for what a progress bar rewrites
 */
function eachLine(stream, onLine) {
  let rest = '';
  stream.setEncoding('utf8').on('data', text => {
    const lines = (rest + text).split(/[\r\n]+/);
    rest = lines.pop() ?? '';
    for (const line of lines) if (line.trim()) onLine(line.trimEnd());
  });
  stream.on('end', () => {
    if (rest.trim()) onLine(rest.trimEnd());
  });
}

/** @param {string} line */
function show(line) {
  if (process.stdout.isTTY) process.stdout.write(`\r\x1b[K      ${line.trim().slice(0, process.stdout.columns - 8)}`);
  else if (line.startsWith('Downloading ')) console.log(`      ${line}`);
}

function clear() {
  if (process.stdout.isTTY) process.stdout.write('\r\x1b[K');
}
