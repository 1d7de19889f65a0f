import { type ChildProcess, spawn } from 'node:child_process';
import { open } from 'node:fs/promises';
import { delimiter } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { JobFailure } from '../failure.ts';
import { programEnvironment } from '../program-environment.ts';

const ENDING_MS = 3_000;

interface Call {
  cwd: string;
  env: Record<string, string>;
  /** File that its output is added to. */
  log: string;
  signal: AbortSignal;
}

/**
 * Runs a manager of environments and returns its exit code (null: a signal ended it). Everything that it started ends with the signal.
 * Throws JobFailure where it is not installed.
 */
export async function runTool(argv: readonly string[], { cwd, env, log, signal }: Call): Promise<number | null> {
  signal.throwIfAborted();
  const file = await open(log, 'a');
  try {
    await file.write(`$ ${argv.join(' ')}\n`);
    const child = spawn(argv[0]!, argv.slice(1), {
      cwd,
      env: { ...programEnvironment(), ...env },
      stdio: ['ignore', file.fd, file.fd],
      detached: true,
    });
    return await ended(child, argv[0]!, signal);
  } finally {
    await file.close();
  }
}

async function ended(child: ChildProcess, program: string, signal: AbortSignal): Promise<number | null> {
  const end = new Promise<number | null>((resolve, reject) => {
    child.once('error', error => reject(notStarted(program, error)));
    child.once('exit', resolve);
  });
  const stop = async () => {
    endGroup(child, 'SIGTERM');
    await Promise.race([end.catch(() => {}), sleep(ENDING_MS)]);
    endGroup(child, 'SIGKILL');
  };
  const onAbort = () => void stop();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    const code = await end;
    if (signal.aborted) endGroup(child, 'SIGKILL');
    signal.throwIfAborted();
    return code;
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

function endGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(-pid, signal);
  } catch {
    // Nothing of it is left.
  }
}

/** Why a manager did not start, with what would be right. */
export function notStarted(program: string, error: NodeJS.ErrnoException): JobFailure {
  if (error.code !== 'ENOENT') return new JobFailure(`${program} cannot start: ${error.message}`, { cause: error });
  const path = (process.env.PATH ?? '').split(delimiter).join(', ');
  return new JobFailure(
    `there is no ${program} on the worker's PATH (${path}): install it and start the worker with it there, or choose another env_manager (uv comes with dj-sandbox's own set-up)`,
    { cause: error },
  );
}
