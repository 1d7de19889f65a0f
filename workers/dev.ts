import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { listSupervised, stopAll } from '../activities/runtime/supervised.ts';
import { type DevConfig, readDevConfig } from './dev-config.ts';
import { DevServerError } from './dev-errors.ts';
import { type DevServer, startDevServer } from './dev-server.ts';
import { KeptWorker } from './kept-worker.ts';

const RESTART_WAIT_MS = 5_000;
/** npm passes on a Ctrl-C that the terminal has given us already: what comes this soon is the same one. */
const SAME_SIGNAL_MS = 300;

export interface DevOptions {
  /** Workers write to log files beside the database, not to the terminal. */
  quiet?: boolean;
  /** Whether others may rely on these workers as long as this process lives. */
  keepsWorkers?: boolean;
  say?: (line: string) => void;
}

export interface Dev {
  address: string;
  namespace: string;
  uiUrl: string | null;
  /** Whether the server ran already. */
  attached: boolean;
  /** The process whose workers are used; undefined where workers were started. */
  keeper: number | undefined;
  /** Ends the workers, and the server when nobody else uses it. Programs under a supervisor go on. */
  stop: () => Promise<void>;
}

/**
 * Starts the development server and the workers of its configuration, or uses those that run already; what dies is started again.
 * @throws DevServerError
 */
export async function startDev(config: DevConfig, options: DevOptions = {}): Promise<Dev> {
  const { quiet = false, keepsWorkers = false, say = line => console.error(line) } = options;
  let server = await startDevServer(config, { keepsWorkers });
  const { address, namespace, uiUrl, attached, keeper } = server;
  const log = (name: string) => (quiet ? join(dirname(config.database.file), `worker-${name}.log`) : undefined);
  const wanted = keeper === undefined ? config.workers : [];
  // In this file the workers look for components of the user's own.
  const env: Record<string, string> = config.components.length > 0 ? { DJ_SANDBOX_DEV: config.file } : {};
  const workers = wanted.map(worker => new KeptWorker(worker, { address, namespace, say, env, log: log(worker.name) }));
  const stopping = new AbortController();
  const kept = keepServer(config, server, {
    keepsWorkers,
    say,
    signal: stopping.signal,
    onServer: next => (server = next),
  });
  return {
    address,
    namespace,
    uiUrl,
    attached,
    keeper,
    async stop() {
      stopping.abort();
      await Promise.all(workers.map(worker => worker.stop()));
      await kept;
      await server.stop();
    },
  };
}

interface KeepServer {
  keepsWorkers: boolean;
  say: (line: string) => void;
  signal: AbortSignal;
  onServer: (server: DevServer) => void;
}

/** Starts the server again when it ends by itself, until told to stop. */
async function keepServer(config: DevConfig, first: DevServer, { keepsWorkers, say, signal, onServer }: KeepServer) {
  const stopped = once(signal, 'abort');
  let server: DevServer | undefined = first;
  while (!signal.aborted) {
    await Promise.race([server?.ended, stopped]);
    if (signal.aborted) return;
    say(`the development server ended (see ${first.log}); starting it again`);
    try {
      server = await startDevServer(config, { keepsWorkers });
      onServer(server);
    } catch (error) {
      say(error instanceof Error ? error.message : String(error));
      await sleep(RESTART_WAIT_MS, undefined, { signal }).catch(() => {});
    }
  }
}

/**
 * Runs server and workers until Ctrl-C. The first one ends the workers and leaves running trainers to the next ones; a second one ends
 * those too.
 * @throws DevServerError, also when another `dev` runs already.
 */
export async function runDev(config: DevConfig = readDevConfig()): Promise<void> {
  const say = (line: string) => console.log(line);
  const signals = new Signals();
  const dev = await startDev(config, { keepsWorkers: true, say });
  if (dev.keeper !== undefined) {
    await dev.stop();
    throw new DevServerError(
      `server and workers run already at ${dev.address} (process ${dev.keeper}); stop that one first`,
    );
  }
  say(`Temporal ${dev.attached ? 'ran already' : 'runs'} at ${dev.address}${dev.uiUrl ? `, Web UI ${dev.uiUrl}` : ''}`);
  await signals.next();
  const trainers = await listSupervised();
  say(stopNotice(trainers.map(({ dir }) => dir)));
  const killing = signals.next().then(async () => {
    const ended = await stopAll({ reason: '`dj-sandbox dev` was stopped with two Ctrl-C' });
    say(`Ended ${programs(ended.length)}.`);
  });
  await dev.stop();
  if (signals.count > 1) await killing;
  signals.close();
}

/** What is said at the first Ctrl-C. */
export function stopNotice(trainers: string[]): string {
  if (trainers.length === 0) return 'Stopping workers and server.';
  return [
    `Stopping workers and server. Left to the next worker here: ${programs(trainers.length)}.`,
    ...trainers.map(dir => `  ${dir}`),
    'Ctrl-C again ends them now.',
  ].join('\n');
}

function programs(count: number): string {
  return count === 1 ? '1 running program' : `${count} running programs`;
}

/** Counts the signals that ask this process to end. */
class Signals {
  count = 0;
  #asked = 0;
  #waiting = new Map<number, () => void>();
  #names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  #last = -SAME_SIGNAL_MS;
  #onSignal = () => {
    if (performance.now() - this.#last < SAME_SIGNAL_MS) return;
    this.#last = performance.now();
    this.#waiting.get(++this.count)?.();
  };

  constructor() {
    for (const name of this.#names) process.on(name, this.#onSignal);
  }

  /** Resolves at the next signal that nobody waited for yet. */
  next(): Promise<void> {
    const number = ++this.#asked;
    return new Promise(resolve => (number <= this.count ? resolve() : this.#waiting.set(number, resolve)));
  }

  close(): void {
    for (const name of this.#names) process.off(name, this.#onSignal);
  }
}
