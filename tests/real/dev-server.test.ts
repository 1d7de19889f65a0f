import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pythonOf } from '../../activities/runtime/paths.ts';
import { type DevConfig, parseDevConfig } from '../../workers/dev-config.ts';
import { DevServerError } from '../../workers/dev-errors.ts';
import { type DevServer, startDevServer } from '../../workers/dev-server.ts';
import { freePorts } from '../support/free-ports.ts';

let folder: string;
let port: number;
let uiPort: number;
const started: DevServer[] = [];
const children: ChildProcess[] = [];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'dev-server-'));
  [port = 0, uiPort = 0] = await freePorts(2);
});

afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await Promise.all(started.splice(0).map(server => server.stop()));
  rmSync(folder, { recursive: true, force: true });
});

function config({
  attributes = 'SandboxState: Keyword',
  retention = '30d',
  database = 'state/dev.db',
  at = port,
} = {}) {
  return parseDevConfig(
    join(folder, 'temporal-dev.yaml'),
    `server: {ip: 127.0.0.1, port: ${at}, ui_port: ${at === port ? uiPort : 'null'}}
database: {file: ${database}, pragmas: {journal_mode: WAL, synchronous: NORMAL}}
retention: ${retention}
search_attributes: {${attributes}}
dynamic_config: {matching.enableFairness: true, 'frontend.httpAllowedHosts': []}
workers: [{name: control, kind: control}]
`,
  );
}

async function start(of: DevConfig = config()): Promise<DevServer> {
  const server = await startDevServer(of);
  started.push(server);
  return server;
}

async function failure(of: DevConfig, cli?: string): Promise<string> {
  const error = await startDevServer(of, cli ? { cli } : {}).then(
    server => void started.push(server),
    error => error,
  );
  expect(error).toBeInstanceOf(DevServerError);
  return (error as Error).message;
}

async function withClient<T>(server: DevServer, work: (client: Client) => Promise<T>): Promise<T> {
  const connection = await Connection.connect({ address: server.address });
  try {
    return await work(new Client({ connection }));
  } finally {
    await connection.close();
  }
}

async function retentionDays(server: DevServer): Promise<number> {
  return withClient(server, async ({ connection }) => {
    const { config } = await connection.workflowService.describeNamespace({ namespace: 'default' });
    return Number(config?.workflowExecutionRetentionTtl?.seconds) / 86_400;
  });
}

async function attributes(server: DevServer): Promise<string[]> {
  return withClient(server, async ({ connection }) => {
    const { customAttributes } = await (connection as Connection).operatorService.listSearchAttributes({
      namespace: 'default',
    });
    return Object.keys(customAttributes)
      .filter(name => name.startsWith('Sandbox'))
      .sort();
  });
}

describe('the development server', () => {
  it('starts, serves gRPC and the Web UI, makes the folder of its database, and ends', async () => {
    const server = await start();
    expect(server).toMatchObject({
      address: `127.0.0.1:${port}`,
      attached: false,
      uiUrl: `http://127.0.0.1:${uiPort}`,
    });
    expect(await attributes(server)).toEqual(['SandboxState']);
    expect(await retentionDays(server)).toBe(30);
    await expect.poll(async () => (await fetch(server.uiUrl!).catch(() => null))?.status).toBe(200);
    await server.stop();
    await server.ended;
    await expect(Connection.connect({ address: server.address, connectTimeout: 500 })).rejects.toThrow();
  });

  it('that runs already is used, and ends only when nobody uses it any more', async () => {
    const first = await start();
    const user = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    children.push(user);
    writeFileSync(join(folder, 'state', 'dev.db.users', String(user.pid)), '');
    const second = await start();
    expect(second).toMatchObject({ attached: true, pid: first.pid, address: first.address });
    await second.stop();
    expect(await retentionDays(first)).toBe(30);
    user.kill('SIGKILL');
    await once(user, 'exit');
    await first.stop();
    await first.ended;
  });

  it('started twice at the same moment is one', async () => {
    const [one, other] = await Promise.all([start(), start()]);
    expect(one.pid).toBe(other.pid);
    expect([one.attached, other.attached].sort()).toEqual([false, true]);
  });

  it('of an existing database gets the search attributes and the retention that the file says now, and keeps its workflows', async () => {
    const before = await start();
    await withClient(before, client => client.workflow.start('any', { taskQueue: 'none', workflowId: 'kept' }));
    await before.stop();
    const after = await start(config({ attributes: 'SandboxState: Keyword, SandboxTrial: Int', retention: '3d' }));
    expect(await attributes(after)).toEqual(['SandboxState', 'SandboxTrial']);
    expect(await retentionDays(after)).toBe(3);
    await withClient(after, async client => {
      await client.workflow.start('any', {
        taskQueue: 'none',
        workflowId: 'new',
        searchAttributes: { SandboxTrial: [7] },
      });
      expect((await client.workflow.getHandle('new').describe()).searchAttributes['SandboxTrial']).toEqual([7]);
      expect((await client.workflow.getHandle('kept').describe()).status.name).toBe('RUNNING');
    });
  });

  it('refuses a search attribute that the database has with another type, and does not stay behind', async () => {
    await (await start()).stop();
    expect(await failure(config({ attributes: 'SandboxState: Int' }))).toBe(
      'search attribute SandboxState is Keyword in the database and Int in temporal-dev.yaml; give it another name, or start with another database.file',
    );
    await start();
  });

  it('says which port another program uses', async () => {
    const other = createServer().listen(port, '127.0.0.1');
    await once(other, 'listening');
    expect(await failure(config())).toBe(
      `port ${port} of 127.0.0.1 is used by another program; stop that one, or set another server.port in temporal-dev.yaml`,
    );
    other.close();
  });

  it('says that its database is served at another port', async () => {
    const first = await start();
    const [at = 0] = await freePorts(1);
    expect(await failure(config({ at }))).toBe(
      `the database ${join(folder, 'state', 'dev.db')} is used by the development server at 127.0.0.1:${port} (process ${first.pid}); ` +
        'stop that one, or set another database.file',
    );
  });

  it('says that its database is locked by another program', async () => {
    await (await start()).stop();
    const script =
      'import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute("BEGIN EXCLUSIVE"); print("held", flush=True); sys.stdin.read()';
    const database = join(folder, 'state', 'dev.db');
    const holder = spawn(pythonOf('data-juicer'), ['-c', script, database], { stdio: ['pipe', 'pipe', 'inherit'] });
    children.push(holder);
    await once(holder.stdout!, 'data');
    expect(await failure(config())).toBe(
      `the database ${database} is locked by another program; close that one, or set another database.file`,
    );
  });

  it('says that its database is no database', async () => {
    writeFileSync(
      join(folder, 'notes.txt'),
      'some text that is long enough to be read as a header of a database file, and is none',
    );
    expect(await failure(config({ database: 'notes.txt' }))).toBe(
      `${join(folder, 'notes.txt')} is not a SQLite database; remove it, or set another database.file`,
    );
  });

  it.each([
    ['echo "temporal version 1.3.0 (Server 1.27.1, UI 2.36.0)"', 'is 1.3.0'],
    ['echo hello', 'is of an unknown version'],
    ['exit 3', 'does not run'],
  ])('refuses a temporal that answers --version with `%s`', async (body, what) => {
    const cli = join(folder, 'temporal');
    writeFileSync(cli, `#!/bin/sh\n${body}\n`);
    chmodSync(cli, 0o755);
    expect(await failure(config(), cli)).toBe(
      `the Temporal CLI at ${cli} ${what}; this needs 1.9.1, which \`npm run setup\` installs`,
    );
  });

  it('takes over after one that was killed, whatever its record says', async () => {
    const killed = await start();
    process.kill(killed.pid, 'SIGKILL');
    await killed.ended;
    const next = await start();
    expect(next.attached).toBe(false);
    expect(next.pid).not.toBe(killed.pid);
  });
});
