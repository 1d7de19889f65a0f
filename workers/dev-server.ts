import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import type { DevConfig } from './dev-config.ts';
import { DevServerError } from './dev-errors.ts';
import { devServerFlags } from './dev-flags.ts';
import { reconcile } from './dev-reconcile.ts';
import { DevServerFiles, type DevServerRecord, isAlive } from './dev-server-record.ts';
import { isPortFree } from './free-port.ts';
import { checkTemporalCli, temporalCli } from './temporal-cli.ts';

const MAX_STARTS = 3;
const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 10_000;
/** gRPC tries again soon after a refused connection: the server is up within half a second. */
const QUICK_RECONNECT = { 'grpc.initial_reconnect_backoff_ms': 50, 'grpc.max_reconnect_backoff_ms': 200 };

export interface DevServerOptions {
  /** The `temporal` to start. */
  cli?: string;
  /** Whether the caller keeps workers running as long as it uses the server. */
  keepsWorkers?: boolean;
}

export interface DevServer {
  /** host:port of gRPC. */
  address: string;
  namespace: string;
  /** null where it runs without. */
  uiUrl: string | null;
  pid: number;
  /** Whether it ran already. */
  attached: boolean;
  /** Where the server writes what it has to say. */
  log: string;
  /** The process that keeps workers running on it, where one did before this call. */
  keeper: number | undefined;
  /** Resolves when the server has ended, by whatever cause. */
  ended: Promise<void>;
  /** Ends this process's use of the server, and the server when nobody else on this machine uses it. */
  stop: () => Promise<void>;
}

/**
 * Starts the development server that the configuration describes, or attaches to the one that runs already on its database. Returns
 * when it answers and its search attributes and retention are as configured. The server outlives a killed caller.
 * @throws DevServerError
 */
export async function startDevServer(
  config: DevConfig,
  { cli = temporalCli(), keepsWorkers = false }: DevServerOptions = {},
): Promise<DevServer> {
  const files = new DevServerFiles(config.database.file);
  const address = hostPort(config.server.ip, config.server.port);
  return files.alone(async () => {
    const running = await runningServer(files);
    if (running && (running.ip !== config.server.ip || running.port !== config.server.port)) {
      throw new DevServerError(busyDatabase(config, running));
    }
    const pid = running?.pid ?? (await launchAndPrepare(config, files, cli, address));
    if (running) await prepare(config, address, pid, files);
    const keeper = files.keeper();
    files.join(keepsWorkers);
    return {
      address,
      namespace: config.namespace,
      uiUrl: config.server.ui_port === null ? null : `http://${hostPort(config.server.ip, config.server.ui_port)}`,
      pid,
      attached: running !== undefined,
      log: files.log,
      keeper,
      ended: gone(pid, { ref: false }),
      stop: () =>
        files.alone(async () => {
          if (files.leave()) await end(pid, files);
        }),
    };
  });
}

/** The server takes some ports of its own choice; where another program is faster with one of them it dies, and is started again. */
async function launchAndPrepare(
  config: DevConfig,
  files: DevServerFiles,
  cli: string,
  address: string,
): Promise<number> {
  for (let attempt = 1; ; attempt++) {
    const pid = await launch(config, files, cli);
    try {
      await prepare(config, address, pid, files);
      return pid;
    } catch (error) {
      await end(pid, files);
      const lostPort = readFileSync(files.log, 'utf8').includes('address already in use');
      if (!lostPort || attempt === MAX_STARTS) throw error;
    }
  }
}

/** The server that the record names, where it still is one: after a reboot its process id may be another program's. */
async function runningServer(files: DevServerFiles): Promise<DevServerRecord | undefined> {
  const record = files.running();
  return record && !(await isPortFree(record.ip, record.port)) ? record : undefined;
}

/** Starts the server in a session of its own, so that Ctrl-C reaches the workers and not it. */
async function launch(config: DevConfig, files: DevServerFiles, cli: string): Promise<number> {
  await checkTemporalCli(cli);
  await checkPorts(config);
  const log = openSync(files.log, 'w');
  const child = spawn(cli, devServerFlags(config), { detached: true, stdio: ['ignore', log, log] });
  closeSync(log);
  await once(child, 'spawn');
  child.unref();
  files.write({ pid: child.pid!, ip: config.server.ip, port: config.server.port });
  return child.pid!;
}

async function checkPorts({ server, file }: DevConfig): Promise<void> {
  for (const key of ['port', 'ui_port', 'http_port', 'metrics_port'] as const) {
    const port = server[key];
    if (port === null || (await isPortFree(server.ip, port))) continue;
    throw new DevServerError(
      `port ${port} of ${server.ip} is used by another program; stop that one, or set another server.${key} in ${basename(file)}`,
    );
  }
}

/** Waits until the server answers, and brings its namespace to the configuration. */
async function prepare(config: DevConfig, address: string, pid: number, files: DevServerFiles): Promise<void> {
  const connection = Connection.lazy({ address, connectTimeout: START_TIMEOUT_MS, channelArgs: QUICK_RECONNECT });
  const abort = new AbortController();
  try {
    const up = connection.ensureConnected().catch(error => {
      throw new DevServerError(`the development server at ${address} does not answer; see ${files.log}`, {
        cause: error,
      });
    });
    const down = gone(pid, { until: abort.signal }).then(() => {
      if (!abort.signal.aborted) throw new DevServerError(whyEnded(config, files));
    });
    await Promise.race([up, down]);
    await reconcile(connection, config);
  } finally {
    abort.abort();
    await connection.close();
  }
}

/** One sentence for a server that ended while it started. */
function whyEnded({ database }: DevConfig, { log }: DevServerFiles): string {
  const output = readFileSync(log, 'utf8');
  if (output.includes('database is locked'))
    return `the database ${database.file} is locked by another program; close that one, or set another database.file`;
  if (output.includes('file is not a database'))
    return `${database.file} is not a SQLite database; remove it, or set another database.file`;
  const last = output.trim().split('\n').at(-1) ?? '';
  return `the development server ended while it started: ${last.slice(0, 300)} (all of it in ${log})`;
}

function busyDatabase({ database }: DevConfig, { ip, port, pid }: DevServerRecord): string {
  return (
    `the database ${database.file} is used by the development server at ${hostPort(ip, port)} (process ${pid}); ` +
    `stop that one, or set another database.file`
  );
}

async function end(pid: number, files: DevServerFiles): Promise<void> {
  signal(pid, 'SIGTERM');
  const kill = setTimeout(() => signal(pid, 'SIGKILL'), STOP_TIMEOUT_MS);
  await gone(pid);
  clearTimeout(kill);
  files.clear();
}

function signal(pid: number, name: 'SIGTERM' | 'SIGKILL'): void {
  try {
    process.kill(pid, name);
  } catch {
    // it has ended
  }
}

/** Resolves when a process has ended or `until` is aborted. It may be another one's child, so that it must be asked for. */
async function gone(pid: number, { until, ref = true }: { until?: AbortSignal; ref?: boolean } = {}): Promise<void> {
  while (isAlive(pid) && !until?.aborted) await sleep(50, undefined, { ref });
}

function hostPort(ip: string, port: number): string {
  return ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`;
}
