import { existsSync } from 'node:fs';
import { Client, Connection, type ConnectionOptions } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { devServer } from './dev-server.ts';
import { CommandFailure, EXIT } from './failure.ts';
import { startClientTraces } from './start-traces.ts';

const CONNECT_TIMEOUT_MS = 2_000;
/** A server that restarts is found again within about a second instead of gRPC's two minutes. */
const QUICK_RECONNECT = { 'grpc.initial_reconnect_backoff_ms': 200, 'grpc.max_reconnect_backoff_ms': 1_000 };

/** Which Temporal server to talk to. */
export interface ServerAddress {
  address: string;
  namespace: string;
  /** What the Web UI's pages of this namespace begin with; null where it is not known. */
  ui: string | null;
  /** The development server of temporal-dev.yaml: not named by a profile or the environment. */
  development: boolean;
  /** Where that one's workers send traces; null: not known. */
  traces: string | null;
  options: ConnectionOptions;
}

export interface Server extends ServerAddress {
  client: Client;
  close: () => Promise<void>;
}

/**
 * The server that profile and environment name (TEMPORAL_PROFILE, TEMPORAL_CONFIG_FILE, TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, …), else
 * the development server of temporal-dev.yaml.
 * @throws CommandFailure when a named config file is not there or cannot be read.
 */
export function serverAddress(): ServerAddress {
  const file = process.env.TEMPORAL_CONFIG_FILE;
  if (file && !existsSync(file)) throw new CommandFailure(`TEMPORAL_CONFIG_FILE names ${file}, which does not exist`);
  const { connectionOptions, namespace } = profile();
  const { address } = connectionOptions;
  if (!address) {
    const dev = devServer();
    return {
      address: dev.address,
      namespace: namespace ?? dev.namespace,
      ui: dev.ui && workflowsOf(dev.ui, namespace ?? dev.namespace),
      development: true,
      traces: dev.traces,
      options: { ...connectionOptions, address: dev.address } as ConnectionOptions,
    };
  }
  return {
    address,
    namespace: namespace ?? 'default',
    ui: webUi(address, namespace ?? 'default'),
    development: false,
    traces: null,
    options: connectionOptions as ConnectionOptions,
  };
}

function profile() {
  try {
    return loadClientConnectConfig();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new CommandFailure(`the Temporal client profile cannot be used: ${why}`, EXIT.badInput, { cause: error });
  }
}

/** The development server's pages where the address is its own; Temporal Cloud's where it is there. */
function webUi(address: string, namespace: string): string | null {
  const dev = devServer();
  if (address === dev.address) return dev.ui && workflowsOf(dev.ui, namespace);
  if (/\.(tmprl\.cloud|api\.temporal\.io)(:\d+)?$/.test(address))
    return workflowsOf('https://cloud.temporal.io', namespace);
  return null;
}

function workflowsOf(ui: string, namespace: string): string {
  return `${ui}/namespaces/${encodeURIComponent(namespace)}/workflows`;
}

function lazily({ options }: ServerAddress): Connection {
  return Connection.lazy({ ...options, connectTimeout: CONNECT_TIMEOUT_MS, channelArgs: QUICK_RECONNECT });
}

/**
 * Connects to the server that profile, environment or temporal-dev.yaml name.
 * @throws CommandFailure within about two seconds when none answers there.
 */
export async function connect(where: ServerAddress = serverAddress()): Promise<Server> {
  const connection = lazily(where);
  try {
    await connection.ensureConnected();
  } catch (error) {
    await connection.close();
    const start = where.development
      ? 'start one with `npm run dev` (or `dj-sandbox dev`)'
      : 'start it, or correct TEMPORAL_ADDRESS or the profile';
    throw new CommandFailure(`no Temporal server answers at ${where.address}: ${start}`, EXIT.failed, { cause: error });
  }
  return {
    ...where,
    client: new Client({ connection, namespace: where.namespace }),
    close: () => connection.close(),
  };
}

/**
 * As `connect`, to start something: a trace begins with it where traces are wanted.
 * @throws CommandFailure
 */
export async function connectToStart(): Promise<Server> {
  const server = await connect();
  const traces = await startClientTraces(server.traces);
  if (traces === null) return server;
  const { clientTraces } = await import('./client-traces.ts');
  const { connection } = server.client;
  const interceptors = { workflow: [clientTraces(traces)] };
  return {
    ...server,
    client: new Client({ connection, namespace: server.namespace, interceptors }),
    close: async () => {
      await traces.close();
      await server.close();
    },
  };
}

/** Connects for as long as `work` takes. */
export async function withServer<T>(work: (server: Server) => Promise<T>): Promise<T> {
  const server = await connect();
  try {
    return await work(server);
  } finally {
    await server.close();
  }
}
