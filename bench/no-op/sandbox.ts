import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Client, Connection } from '@temporalio/client';
import { inPackage } from '../../setup/places.mjs';
import { freePorts } from '../../tests/support/free-ports.ts';
import { readDevConfig } from '../../workers/dev-config.ts';
import { startDevServer } from '../../workers/dev-server.ts';

/** The development server of temporal-dev.yaml with a database of its own, a control worker and a host worker that run no-op jobs. */
export interface NoOpSandbox {
  folder: string;
  client: Client;
  /** By what it is: server, control, host. */
  pids: Record<string, number>;
  stop: () => Promise<void>;
}

export async function startNoOpSandbox(): Promise<NoOpSandbox> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-no-op-'));
  const [port] = await freePorts(1);
  const config = readDevConfig(inPackage('temporal-dev.yaml'));
  const server = await startDevServer({
    ...config,
    server: { ...config.server, port: port!, ui_port: null },
    database: { ...config.database, file: join(folder, 'dev.db') },
  });
  const workers = Object.fromEntries(
    ['control', 'host'].map(kind => [kind, startWorker(kind, server.address, folder)]),
  );
  await Promise.all(Object.values(workers).map(ready));
  const connection = await Connection.connect({ address: server.address });
  return {
    folder,
    client: new Client({ connection }),
    pids: { server: server.pid, ...Object.fromEntries(Object.entries(workers).map(([kind, { pid }]) => [kind, pid!])) },
    async stop() {
      await connection.close();
      await Promise.all(Object.values(workers).map(stopped));
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function startWorker(kind: string, address: string, folder: string): ChildProcess {
  const args = [inPackage('bench', 'run.mjs'), 'no-op/worker.ts', kind, address];
  const env = { ...process.env, DJ_SANDBOX_STATE: join(folder, 'state') };
  return spawn(process.execPath, args, { cwd: folder, env, stdio: ['ignore', 'pipe', 'inherit'] });
}

async function ready(worker: ChildProcess): Promise<void> {
  for await (const line of createInterface({ input: worker.stdout! })) if (line === 'ready') return;
  throw new Error(`a worker of the bench ended before it was ready (exit code ${worker.exitCode})`);
}

async function stopped(worker: ChildProcess): Promise<void> {
  if (worker.exitCode !== null) return;
  worker.kill('SIGTERM');
  await once(worker, 'exit');
}
