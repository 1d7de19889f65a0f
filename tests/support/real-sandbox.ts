import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { execa } from 'execa';
import { packageRoot } from '../../activities/runtime/paths.ts';
import { stopAll } from '../../activities/runtime/supervised.ts';
import { type Dev, startDev } from '../../workers/dev.ts';
import { readDevConfig } from '../../workers/dev-config.ts';
import { freePorts } from './free-ports.ts';

/** The real thing: a development server with a database of its own, a control worker and a host worker as processes. */
export interface RealSandbox {
  folder: string;
  client: Client;
  address: string;
  /** Of the Web UI; null without `ui`. */
  ui: string | null;
  /** What Prometheus would read of each worker, `/metrics` and all; empty without `metrics`. */
  metrics: string[];
  /** Runs the compiled CLI in the repository; never throws. */
  cli: (...args: string[]) => Promise<{ exitCode: number; stdout: string; stderr: string }>;
  /** Processes of this sandbox's workers, by what their command line holds. */
  workers: (holding: string) => Promise<number[]>;
  /** `keep`: the folder stays, to be looked at. */
  stop: (keep?: boolean) => Promise<void>;
}

interface SandboxOptions {
  ui?: boolean;
  metrics?: boolean;
  traces?: string | null;
  /** Of the server. */
  dynamicConfig?: Record<string, number>;
}

/** Starts it on free ports; `stop` ends everything and removes the folder. `gpus`: what the host worker may lease. `components`: of a user's own. `ui`: with the Web UI; `metrics`: its workers tell Prometheus; `traces`: a collector of its workers' traces. Data-Juicer is loaded when a test needs it. */
export async function startRealSandbox(
  tags = 'cpu, gpu',
  gpus: 'none' | 'auto' = 'none',
  components: readonly string[] = [],
  { ui = false, metrics = false, traces = null, dynamicConfig = {} }: SandboxOptions = {},
): Promise<RealSandbox> {
  const folder = mkdtempSync(join(tmpdir(), 'sandbox-'));
  const [port, uiPort, ...metricsPorts] = await freePorts(4);
  const [controlMetrics, hostMetrics] = metrics ? metricsPorts : [null, null];
  process.env.DJ_SANDBOX_STATE = join(folder, 'state');
  const file = join(folder, 'temporal-dev.yaml');
  writeFileSync(
    file,
    `server: {ip: 127.0.0.1, port: ${port}, ui_port: ${ui ? uiPort : null}}
database: {file: dev.db, pragmas: {journal_mode: WAL, synchronous: NORMAL}}
workers:
  - {name: control, kind: control, metrics_port: ${controlMetrics}, traces: ${traces}}
  - {name: host, kind: host, tags: [${tags}], gpus: ${gpus}, warm: false, metrics_port: ${hostMetrics}, traces: ${traces}}
components: ${JSON.stringify(components)}
dynamic_config: ${JSON.stringify(dynamicConfig)}
`,
  );
  const config = readDevConfig(file);
  const dev: Dev = await startDev(config, { quiet: true, say: () => {} });
  // After a server's restart the default would wait for seconds.
  const channelArgs = { 'grpc.initial_reconnect_backoff_ms': 50, 'grpc.max_reconnect_backoff_ms': 200 };
  const connection = await Connection.connect({ address: dev.address, channelArgs });
  await controlWorkerIsUp(connection);
  return {
    folder,
    client: new Client({ connection }),
    address: dev.address,
    ui: ui ? `http://127.0.0.1:${uiPort}` : null,
    metrics: metrics ? metricsPorts.map(each => `http://127.0.0.1:${each}/metrics`) : [],
    async cli(...args) {
      const main = join(packageRoot(), 'dist', 'client', 'main.js');
      const env = { TEMPORAL_ADDRESS: dev.address, NO_COLOR: '1' };
      const ended = await execa(process.execPath, [main, ...args], { cwd: packageRoot(), env, reject: false });
      return { exitCode: ended.exitCode ?? -1, stdout: ended.stdout, stderr: ended.stderr };
    },
    async workers(holding) {
      const { stdout } = await execa('pgrep', ['-f', `main.js worker.*${holding}`], { reject: false });
      const pids = stdout.split('\n').filter(Boolean).map(Number);
      const own = await Promise.all(
        pids.map(async pid => ((await environmentOf(pid)).includes(dev.address) ? [pid] : [])),
      );
      return own.flat();
    },
    async stop(keep = false) {
      await connection.close();
      await stopAll({ state: join(folder, 'state') });
      await dev.stop();
      if (!keep) rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The control worker makes the search attributes that trials need before it takes any. */
async function controlWorkerIsUp(connection: Connection): Promise<void> {
  for (;;) {
    const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace: 'default' });
    if (customAttributes?.SandboxState !== undefined) return;
    await new Promise(resolve => setTimeout(resolve, 100));
  }
}

/** Environment and command line of a process, to tell this sandbox's workers from others. */
async function environmentOf(pid: number): Promise<string> {
  const { stdout } = await execa('cat', [`/proc/${pid}/environ`, `/proc/${pid}/cmdline`], { reject: false });
  return stdout;
}
