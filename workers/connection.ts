import { Client, type ConnectionOptions } from '@temporalio/client';
import {
  DefaultLogger,
  type LogEntry,
  NativeConnection,
  type NativeConnectionOptions,
  Runtime,
} from '@temporalio/worker';

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

/** From a job that reads a file to one that trains for days. */
const SECONDS = [0.1, 1, 10, 60, 600, 3600, 6 * 3600, 24 * 3600, 3 * 24 * 3600, 10 * 24 * 3600];

/**
 * Signals are handled by whoever starts the worker: the SDK's own handlers would end it without our words. `metrics`: where Prometheus finds the
 * worker's numbers, `address:port`.
 * @throws Error when nothing can listen there.
 */
export function installRuntime(metrics?: string): void {
  const prometheus = {
    bindAddress: metrics ?? '',
    countersTotalSuffix: true,
    useSecondsForDurations: true,
    histogramBucketOverrides: { sandbox_job_seconds: SECONDS, sandbox_claim_wait_seconds: SECONDS },
  };
  Runtime.install({
    logger: new DefaultLogger('WARN', write),
    shutdownSignals: [],
    workerHeartbeatInterval: '10s',
    ...(metrics !== undefined && { telemetryOptions: { metrics: { prometheus } } }),
  });
}

/** One line an entry; that a host worker has no workflows is as it should be. */
function write({ level, message, meta }: LogEntry): void {
  if (message.startsWith('No workflows registered')) return;
  const error = meta?.error instanceof Error ? `: ${meta.error.message}` : '';
  const where = meta?.activityType ? ` (${String(meta.activityType)} of ${String(meta.workflowId)})` : '';
  process.stderr.write(`${new Date().toISOString()} ${level} ${message}${where}${error}\n`);
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
