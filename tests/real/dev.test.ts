import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Connection } from '@temporalio/client';
import { execa } from 'execa';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { packageRoot } from '../../activities/runtime/paths.ts';
import { runProgram } from '../../activities/runtime/program.ts';
import { listSupervised } from '../../activities/runtime/supervised.ts';
import { parseDevConfig } from '../../workers/dev-config.ts';
import { startDevServer } from '../../workers/dev-server.ts';
import { options, runFolder, trainer, until } from '../activities/runtime/trainers.ts';
import { freePorts } from '../support/free-ports.ts';

let folder: string;
let file: string;
let address: string;
const running: Dev[] = [];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'dev-'));
  process.env.DJ_SANDBOX_STATE = join(folder, 'state');
  file = join(folder, 'temporal-dev.yaml');
  const [port] = await freePorts(1);
  address = `127.0.0.1:${port}`;
  writeFileSync(
    file,
    `server: {ip: 127.0.0.1, port: ${port}, ui_port: null}
database: {file: dev.db}
workers: [{name: control, kind: control}]
`,
  );
});

afterEach(async () => {
  for (const dev of running.splice(0)) await dev.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** `dj-sandbox dev` as a process, with what it has said so far. */
class Dev {
  lines: string[] = [];
  process: ChildProcess;
  #exit: Promise<unknown[]>;

  constructor() {
    const main = join(packageRoot(), 'dist', 'client', 'main.js');
    const env = { ...process.env, DJ_SANDBOX_DEV: file };
    this.process = spawn(process.execPath, [main, 'dev'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#exit = once(this.process, 'exit');
    for (const stream of [this.process.stdout!, this.process.stderr!]) {
      createInterface({ input: stream }).on('line', line => this.lines.push(line));
    }
    running.push(this);
  }

  says(text: string): Promise<string> {
    return until(() => this.lines.find(line => line.includes(text)));
  }

  async exitCode(): Promise<number | null> {
    const [code] = await this.#exit;
    return code as number | null;
  }

  async stop(): Promise<void> {
    if (this.process.exitCode === null && this.process.signalCode === null) this.process.kill('SIGINT');
    await this.#exit;
  }

  /** Process id of its worker, as soon as it has one. */
  worker(): Promise<number> {
    return until(async () => {
      const { stdout } = await execa('ps', ['-o', 'pid=,args=', '--ppid', String(this.process.pid)], { reject: false });
      const line = stdout.split('\n').find(one => one.includes('main.js worker'));
      return line === undefined ? null : Number.parseInt(line, 10);
    });
  }
}

const isServed = () =>
  Connection.connect({ address, connectTimeout: 500 }).then(
    async connection => {
      await connection.close();
      return true;
    },
    () => false,
  );

describe('`dj-sandbox dev`', () => {
  it('runs server and workers, starts a killed worker again, and ends all with Ctrl-C', async () => {
    const dev = new Dev();
    await dev.says(`Temporal runs at ${address}`);
    await dev.says('control worker runs at');
    const worker = await dev.worker();
    process.kill(worker, 'SIGKILL');
    await dev.says('worker control ended with signal SIGKILL; starting it again in 1 s');
    await until(() => dev.lines.filter(line => line.includes('control worker runs at')).length === 2);
    dev.process.kill('SIGINT');
    expect(await dev.exitCode()).toBe(0);
    expect(dev.lines).toContain('Stopping workers and server.');
    expect(await isServed()).toBe(false);
  });

  it('starts the server again when it dies', async () => {
    const dev = new Dev();
    await dev.says('control worker runs at');
    const { pid } = JSON.parse(readFileSync(join(folder, 'dev.db.server.json'), 'utf8')) as { pid: number };
    process.kill(pid, 'SIGKILL');
    await dev.says('the development server ended');
    await until(isServed);
  });

  it('runs once: a second one says who runs and leaves that one alone', async () => {
    const dev = new Dev();
    await dev.says('Temporal runs at');
    const second = new Dev();
    expect(await second.exitCode()).toBe(1);
    expect(second.lines.join('\n')).toContain(
      `server and workers run already at ${address} (process ${dev.process.pid}); stop that one first`,
    );
    expect(await isServed()).toBe(true);
  });

  it('leaves running trainers for adoption at the first Ctrl-C, which npm passes on once more', async () => {
    const dir = await runFolder();
    const run = runProgram(trainer('gated.py', 5, gate(dir)), options(dir)).catch(() => {});
    await until(async () => (await listSupervised()).length === 1);
    const dev = new Dev();
    await dev.says('Temporal runs at');
    dev.process.kill('SIGINT');
    await dev.says('Ctrl-C again ends them now.');
    dev.process.kill('SIGINT');
    expect(await dev.exitCode()).toBe(0);
    expect(dev.lines.join('\n')).toContain(`Left to the next worker here: 1 running program.\n  ${dir}`);
    expect(await listSupervised()).toHaveLength(1);
    writeFileSync(gate(dir), '5');
    await run;
  });

  it('ends running trainers at the second Ctrl-C', async () => {
    const dir = await runFolder();
    const run = runProgram(trainer('gated.py', 5, gate(dir)), options(dir)).then(() => 'ended by itself', String);
    await until(async () => (await listSupervised()).length === 1);
    const dev = new Dev();
    await dev.says('Temporal runs at');
    dev.process.kill('SIGINT');
    await dev.says('Ctrl-C again ends them now.');
    await until(() => {
      dev.process.kill('SIGINT');
      return dev.lines.includes('Ended 1 running program.');
    });
    expect(await dev.exitCode()).toBe(0);
    expect(dev.lines).toContain('Ended 1 running program.');
    expect(await listSupervised()).toEqual([]);
    expect(await run).not.toBe('ended by itself');
  });

  it('that is killed leaves the server to the next one, and no worker', async () => {
    const killed = new Dev();
    await killed.says('control worker runs at');
    const worker = await killed.worker();
    killed.process.kill('SIGKILL');
    await until(() => {
      try {
        process.kill(worker, 0);
        return false;
      } catch {
        return true;
      }
    });
    const server = await startDevServer(parseDevConfig(file, readFileSync(file, 'utf8')));
    expect(server).toMatchObject({ attached: true, keeper: undefined });
    await server.stop();
  });
});

function gate(dir: string): string {
  const path = join(dir, 'gate');
  writeFileSync(path, '1');
  return path;
}
