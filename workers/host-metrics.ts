// What a host worker tells Prometheus of its devices.
import { Runtime } from '@temporalio/worker';
import { leasedDevices } from '../activities/runtime/lease.ts';

const EVERY_MS = 5_000;

/** Tells how many of the GPUs that a worker offers are leased, until it is called off. */
export function tellDevices(offered: readonly string[]): () => void {
  const meter = Runtime.instance().metricMeter;
  const count = meter.createGauge('sandbox_gpus', 'int', 'gpus', 'GPUs that this worker may lease');
  const leased = meter.createGauge('sandbox_gpus_leased', 'int', 'gpus', 'GPUs of it that jobs hold');
  const tell = async () => {
    count.set(offered.length);
    leased.set((await leasedDevices(offered)).length);
  };
  const now = () => void tell().catch(() => {});
  now();
  const timer = setInterval(now, EVERY_MS);
  return () => clearInterval(timer);
}
