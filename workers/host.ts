import { Worker, type WorkerOptions } from '@temporalio/worker';
import { components, registry } from '../activities/components.ts';
import { hostQueue } from '../activities/host/host-queue.ts';
import { hostActivities } from '../activities/host/index.ts';
import { noteOffer } from '../activities/host/offers.ts';
import { reapForgotten } from '../activities/host/reap-forgotten.ts';
import { unknownComponent } from '../activities/host/unknown-component.ts';
import { stopDataJuicer, warmDataJuicer } from '../activities/runtime/data-juicer-host.ts';
import { jobActivity } from '../activities/runtime/job-activity.ts';
import { offeredDevices } from '../activities/runtime/lease.ts';
import { connectWorker, installRuntime, type WorkerEndpoint } from './connection.ts';
import { tellDevices } from './host-metrics.ts';
import { runUntilSignal } from './run-until-signal.ts';
import { sharedFate } from './shared-fate.ts';
import type { Traces } from './traces/traces.ts';
import { workerTraces } from './traces/worker-traces.ts';

/** What a host worker offers. */
export interface HostWorkerOptions {
  tags: string[];
  /** Devices that it may lease: `auto` asks nvidia-smi. */
  gpus: 'auto' | 'none' | string[];
  /** Claimed jobs at once where it has no GPU. */
  cpuPlaces: number;
  /** Short jobs at once. */
  slots: number;
  /** Loads Data-Juicer before a job needs it, where it offers `cpu`. */
  warm: boolean;
  /** When told to stop, waits for the jobs that it runs, instead of leaving them to the next worker. */
  drain?: boolean;
  /** Where Prometheus finds its numbers, `address:port`. */
  metrics?: string;
  /** Where spans go; default: none are made. */
  traces?: Traces | null;
}

/** Claimed jobs are bounded by the devices that they hold, not by slots. */
const CLAIMED_SLOTS = 32;
/** Short jobs may end within it; programs under a supervisor are left to the next worker at once. */
const GRACE = '5s';
const DRAIN_GRACE = '365 days';

/** Runs a worker that takes jobs of some tags, and claimed jobs of this host, until it is told to stop. */
export async function runHostWorker(
  endpoint: WorkerEndpoint,
  options: HostWorkerOptions,
  onReady: (notes: string[]) => void = () => {},
): Promise<void> {
  installRuntime(options.metrics);
  const { native, client } = await connectWorker(endpoint);
  let callOff = () => {};
  try {
    const devices = await offeredDevices(options.gpus);
    const offers = [...(devices.length > 0 ? [`leases ${devices.join(', ')}`] : []), ...(await noteOffer(devices))];
    const freed = await reapForgotten(client);
    const leaving = new AbortController();
    const jobs = Object.fromEntries(
      components.map(component => [component.name, jobActivity(component, client, registry, leaving.signal)]),
    );
    const common: Omit<WorkerOptions, 'taskQueue'> = {
      connection: native,
      namespace: endpoint.namespace,
      activities: {
        ...jobs,
        ...hostActivities({ offered: devices, cpuPlaces: options.cpuPlaces }, client),
        default: unknownComponent,
      },
      // A stopped worker's open polls swallow retries: one poll at a time keeps that to one.
      activityTaskPollerBehavior: { type: 'simple-maximum', maximum: 1 },
      shutdownGraceTime: options.drain ? DRAIN_GRACE : GRACE,
      maxHeartbeatThrottleInterval: '2s',
      defaultHeartbeatThrottleInterval: '2s',
      ...(options.traces && workerTraces(options.traces)),
    };
    const workers = await Promise.all([
      ...options.tags.map(tag =>
        Worker.create({ ...common, taskQueue: tag, maxConcurrentActivityTaskExecutions: options.slots }),
      ),
      Worker.create({ ...common, taskQueue: hostQueue(), maxConcurrentActivityTaskExecutions: CLAIMED_SLOTS }),
    ]);
    if (options.metrics !== undefined) callOff = tellDevices(devices);
    if (options.warm && options.tags.includes('cpu')) void warmDataJuicer().catch(() => {});
    const fate = await sharedFate();
    onReady([...offers, ...freed, ...(fate ? [`warning: ${fate}`] : [])]);
    await runUntilSignal(workers, {
      onStop: () => {
        if (!options.drain) leaving.abort();
      },
      ...(options.drain && { secondEnds: true }),
    });
  } finally {
    callOff();
    await stopDataJuicer();
    await native.close();
  }
}
