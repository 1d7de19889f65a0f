import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** Far above anything that a scenario takes: it gives up by itself. */
const LIMIT_MS = 900_000;

/**
 * Runs a scenario of this folder in a process of its own, since a sandbox takes its environment from its process, and returns what it prints.
 * Throws an Error with its last words where it prints nothing.
 */
export async function aside<T>(scenario: string, args: readonly (string | number)[]): Promise<T> {
  const run = fileURLToPath(new URL('run.mjs', import.meta.url));
  const options = { timeout: LIMIT_MS, maxBuffer: 1 << 26 };
  const ended = promisify(execFile)(process.execPath, [run, scenario, ...args.map(String)], options);
  const { stdout, stderr } = await ended.catch((error: { stdout: string; stderr: string }) => error);
  const last = stdout.trimEnd().split('\n').at(-1) ?? '';
  try {
    return JSON.parse(last) as T;
  } catch {
    throw new Error(`${scenario} ${args.join(' ')} reported nothing: ${last} ${stderr.slice(-2000)}`);
  }
}
