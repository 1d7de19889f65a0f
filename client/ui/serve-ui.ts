// `dj-sandbox ui`: listens, says where, and ends with Ctrl-C.
import { existsSync } from 'node:fs';
import type { Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { createAdaptorServer } from '@hono/node-server';
import { wholeNumber } from '../arguments.ts';
import { CommandFailure, EXIT } from '../failure.ts';
import { onInterruption } from '../interruption.ts';
import { workDirsNear } from '../record/work-dirs-near.ts';
import { uiApp } from './app.ts';
import { AskedServer } from './asked-server.ts';
import { isLoopback } from './guard.ts';
import { Runs } from './runs.ts';
import { SeenClips } from './seen-clips.ts';

export interface UiCommandOptions {
  port: string;
  host: string;
  workDir?: string[];
  address?: string;
  /** False: none is asked. */
  server: boolean;
  json?: boolean;
}

/**
 * Serves the pages until Ctrl-C; returns the exit code.
 * @throws CommandFailure when a work_dir is not there, or it cannot listen where it is asked to.
 */
export async function serveUi(options: UiCommandOptions): Promise<number> {
  const port = portOf(options.port);
  const named = (options.workDir ?? []).map(folder => {
    if (!existsSync(folder)) throw new CommandFailure(`--work-dir ${folder}: there is no such folder`);
    return resolve(folder);
  });
  if (options.address !== undefined) process.env.TEMPORAL_ADDRESS = options.address;
  const asked = options.server ? new AskedServer() : null;
  const runs = new Runs({
    workDirs: named.length > 0 ? async () => named : async () => await workDirsNear(process.cwd()),
    server: asked && { address: asked.address, list: () => asked.list() },
  });
  const clips = new SeenClips();
  const app = uiApp({
    runs,
    clips,
    host: options.host,
    say: async run => (run.onServer && asked ? await asked.say(run) : null),
  });
  const server = createAdaptorServer({ fetch: app.fetch, hostname: options.host }) as HttpServer;
  const interruption = onInterruption();
  try {
    await listen(server, port, options.host);
    const url = urlOf(server, options.host);
    say(url, options);
    await ended(interruption.signal);
    return EXIT.done;
  } finally {
    interruption.close();
    // Pages that are open ask again and again: nobody waits for them.
    server.close();
    server.closeAllConnections();
    await Promise.all([asked?.close(), clips.close()]);
  }
}

function portOf(text: string): number {
  const port = wholeNumber('--port', text, 0);
  if (port > 65_535) throw new CommandFailure(`--port ${text}: expected a port, 65535 at most; 0: one that is free`);
  return port;
}

function say(url: string, { host, json = false }: UiCommandOptions): void {
  if (!isLoopback(host))
    process.stderr.write(
      `warning: with --host ${host} everybody who can reach this machine can read all runs, without a password; on 127.0.0.1 only you can (from elsewhere: ssh -L)\n`,
    );
  if (json) process.stdout.write(`${JSON.stringify({ url })}\n`);
  else process.stdout.write(`${url}\nCtrl-C ends it.\n`);
}

async function ended(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise(done => signal.addEventListener('abort', done, { once: true }));
}

async function listen(server: HttpServer, port: number, host: string): Promise<void> {
  await new Promise<void>((done, fail) => {
    server.once('error', (error: NodeJS.ErrnoException) => fail(listenFailure(error, port, host)));
    server.listen(port, host, done);
  });
}

function listenFailure(error: NodeJS.ErrnoException, port: number, host: string): CommandFailure {
  const words: Record<string, string> = {
    EADDRINUSE: `port ${port} is taken, perhaps by another \`dj-sandbox ui\` (then open http://127.0.0.1:${port}): end that, or choose another with --port (0: one that is free)`,
    EACCES: `port ${port} may not be used by this user: choose one above 1023 with --port`,
    EADDRNOTAVAIL: `--host ${host} is no address of this machine: 127.0.0.1 always is`,
    ENOTFOUND: `--host ${host} is no name that is known here: 127.0.0.1 always is`,
  };
  const why = words[error.code ?? ''] ?? `it cannot listen at ${host}:${port}: ${error.message}`;
  const isInput = error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND';
  return new CommandFailure(why, isInput ? EXIT.badInput : EXIT.failed, { cause: error });
}

function urlOf(server: HttpServer, host: string): string {
  const { port } = server.address() as AddressInfo;
  const name = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`;
}
