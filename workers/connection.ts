import { Client, type ConnectionOptions } from '@temporalio/client';
import { NativeConnection, type NativeConnectionOptions, Runtime } from '@temporalio/worker';

/** Which server a worker serves. */
export interface WorkerEndpoint {
  address: string;
  namespace: string;
  /** TLS, API key and headers, as a Temporal client profile gives them. */
  options: ConnectionOptions;
}

export interface WorkerConnection {
  native: NativeConnection;
  /** On the worker's own connection: after a server restart it answers within a second. */
  client: Client;
}

/** Signals are handled by whoever starts the worker: the SDK's own handlers would end it without our words. */
export function installRuntime(): void {
  Runtime.install({ shutdownSignals: [], workerHeartbeatInterval: '10s' });
}

/** Connects a worker and a client on the same connection. */
export async function connectWorker(endpoint: WorkerEndpoint): Promise<WorkerConnection> {
  const { address, tls, apiKey, metadata } = { ...endpoint.options, address: endpoint.address };
  const options: NativeConnectionOptions = { address };
  if (tls !== undefined) options.tls = tls;
  if (typeof apiKey === 'string') options.apiKey = apiKey;
  if (metadata !== undefined) options.metadata = metadata as Record<string, string>;
  const native = await NativeConnection.connect(options);
  return { native, client: new Client({ connection: native, namespace: endpoint.namespace }) };
}
