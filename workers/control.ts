import { join } from 'node:path';
import { Worker } from '@temporalio/worker';
import { controlActivities } from '../activities/control/index.ts';
import { packageRoot } from '../activities/runtime/paths.ts';
import { HostWatch } from '../activities/watch/run-watch.ts';
import { CONTROL_QUEUE } from '../plan/protocol.ts';
import type { Tracker } from '../plan/watching.ts';
import { connectWorker, installRuntime, type WorkerEndpoint } from './connection.ts';
import { runUntilSignal } from './run-until-signal.ts';
import { ensureSearchAttributes } from './search-attributes.ts';
import type { Traces } from './traces/traces.ts';
import { workerTraces } from './traces/worker-traces.ts';

/** The workflow bundle that `npm run build` makes: a worker starts without webpack. */
export const WORKFLOW_BUNDLE = join(packageRoot(), 'dist', 'workflow-bundle.js');
/** The same with the interceptors that make spans: whoever wants no traces neither loads nor runs them. */
export const TRACED_WORKFLOW_BUNDLE = join(packageRoot(), 'dist', 'workflow-bundle-traced.js');

export interface ControlWorkerOptions {
  /** Address at which Prometheus finds its numbers. */
  metrics?: string;
  /** Of trials whose config names none. */
  trackers?: readonly Tracker[];
  /** Where spans go; default: none are made. */
  traces?: Traces | null;
}

/** Runs the worker of workflows and control activities until it is told to stop. */
export async function runControlWorker(
  endpoint: WorkerEndpoint,
  { metrics, trackers = [], traces = null }: ControlWorkerOptions = {},
  onReady: () => void = () => {},
): Promise<void> {
  installRuntime(metrics);
  const { native, client } = await connectWorker(endpoint);
  const watch = new HostWatch(client, line => console.error(line));
  try {
    await ensureSearchAttributes(client);
    const worker = await Worker.create({
      connection: native,
      namespace: endpoint.namespace,
      taskQueue: CONTROL_QUEUE,
      workflowBundle: { codePath: traces ? TRACED_WORKFLOW_BUNDLE : WORKFLOW_BUNDLE },
      ...(traces && workerTraces(traces)),
      activities: controlActivities(client, { watch, trackers }),
      // Each trial that waits for a worker of its tag holds a slot.
      maxConcurrentActivityTaskExecutions: 1_000,
      shutdownGraceTime: '5s',
      maxHeartbeatThrottleInterval: '2s',
      defaultHeartbeatThrottleInterval: '2s',
    });
    onReady();
    void watch.resume().catch(() => {});
    await runUntilSignal([worker]);
  } finally {
    await watch.stop();
    await native.close();
  }
}
