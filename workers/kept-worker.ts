import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { packageRoot } from '../activities/runtime/paths.ts';
import type { DevWorker } from './dev-config.ts';

const SHORTEST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 30_000;
/** A worker that ran this long was well: when it dies, its next start does not wait. */
const WELL_MS = 60_000;
/** Above the workers' own grace time. */
const STOP_TIMEOUT_MS = 20_000;

export interface KeptWorkerOptions {
  address: string;
  namespace: string;
  /** File for the worker's output; absent: the terminal. */
  log?: string;
  /** Added to the worker's environment. */
  env?: Record<string, string>;
  say: (line: string) => void;
}

/** A worker process that is started again when it dies. */
export class KeptWorker {
  #worker: DevWorker;
  #options: KeptWorkerOptions;
  #child: ChildProcess | undefined;
  #stopping = new AbortController();
  #kept: Promise<void>;

  constructor(worker: DevWorker, options: KeptWorkerOptions) {
    this.#worker = worker;
    this.#options = options;
    this.#kept = this.#keep();
  }

  /** Lets it finish what it does (within its grace time) and resolves when it has ended. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#child?.kill('SIGTERM');
    const kill = setTimeout(() => this.#child?.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await this.#kept;
    clearTimeout(kill);
  }

  async #keep(): Promise<void> {
    const { signal } = this.#stopping;
    for (let wait = SHORTEST_WAIT_MS; !signal.aborted; wait = Math.min(2 * wait, LONGEST_WAIT_MS)) {
      const start = performance.now();
      const end = await this.#runOnce();
      if (signal.aborted) return;
      if (performance.now() - start > WELL_MS) wait = SHORTEST_WAIT_MS;
      const { log, say } = this.#options;
      const where = log ? ` (see ${log})` : '';
      say(`worker ${this.#worker.name} ended with ${end}${where}; starting it again in ${wait / 1000} s`);
      await sleep(wait, undefined, { signal }).catch(() => {});
    }
  }

  /** Runs the worker until it ends; says how it ended. */
  async #runOnce(): Promise<string> {
    const { address, namespace, log, env } = this.#options;
    const output = log === undefined ? 'inherit' : openSync(log, 'a');
    const main = join(packageRoot(), 'dist', 'client', 'main.js');
    // A session of its own: Ctrl-C in the terminal is ours to pass on. The channel closes when we die, which ends the worker.
    this.#child = spawn(process.execPath, [main, ...workerArguments(this.#worker)], {
      detached: true,
      env: { ...withoutProfile(process.env), ...env, TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace },
      stdio: ['ignore', output, output, 'ipc'],
    });
    if (output !== 'inherit') closeSync(output);
    const [code, signal] = (await once(this.#child, 'exit')) as [number | null, string | null];
    return signal ? `signal ${signal}` : `exit code ${code}`;
  }
}

/** What `dj-sandbox` is called with. */
export function workerArguments(worker: DevWorker): string[] {
  const metrics = worker.metrics_port === null ? [] : ['--metrics', String(worker.metrics_port)];
  const traces = worker.traces === null ? [] : ['--traces', worker.traces];
  if (worker.kind === 'control') {
    const trackers = worker.trackers.length > 0 ? ['--trackers', worker.trackers.join(',')] : [];
    return ['worker', '--control', ...trackers, ...metrics, ...traces];
  }
  const gpus = typeof worker.gpus === 'string' ? worker.gpus : worker.gpus.join(',') || 'none';
  const numbers = ['--cpu-places', String(worker.cpu_places), '--slots', String(worker.slots)];
  const cold = worker.warm ? [] : ['--no-warm'];
  return ['worker', '--tags', worker.tags.join(','), '--gpus', gpus, ...numbers, ...cold, ...metrics, ...traces];
}

/** A client profile of the caller's may name another server, TLS or a key. */
function withoutProfile(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([key]) => !key.startsWith('TEMPORAL_')));
}
