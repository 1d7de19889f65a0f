import { type Tracker, trackersNamed } from '../plan/watching.ts';
import type { Traces } from '../workers/traces/traces.ts';
import { wholeNumber } from './arguments.ts';
import { serverAddress } from './connect.ts';
import { CommandFailure } from './failure.ts';
import { startTracesOf } from './start-traces.ts';

export interface WorkerOptions {
  tags?: string;
  gpus: string;
  cpuPlaces: string;
  slots: string;
  warm: boolean;
  control?: boolean;
  drain?: boolean;
  metrics?: string;
  trackers?: string;
  traces?: string;
}

/**
 * Runs a worker until it is told to stop.
 * @throws CommandFailure when the options do not say which kind of worker, or of what.
 */
export async function runWorker(options: WorkerOptions): Promise<void> {
  if ((options.tags === undefined) === (options.control !== true))
    throw new CommandFailure(
      'a worker takes jobs of some tags (--tags cpu,gpu) or runs trials (--control): name one of the two',
    );
  if (options.control && options.drain)
    throw new CommandFailure(
      '--drain is of workers that take jobs (--tags): a control worker runs nothing that could be lost',
    );
  if (options.trackers !== undefined && !options.control)
    throw new CommandFailure('--trackers is of control workers (--control): they follow trials');
  const endpoint = serverAddress();
  const served = `${endpoint.address}, namespace ${endpoint.namespace}`;
  const metrics = options.metrics === undefined ? null : { metrics: bindAddress(options.metrics) };
  if (options.control) {
    const { runControlWorker } = await import('../workers/control.ts');
    const trackers = trackersIn(options.trackers ?? '');
    const ready = () => console.log(`control worker runs at ${served}; Ctrl-C stops it`);
    return await whileTraced(options.traces, traces =>
      runControlWorker(endpoint, { ...metrics, trackers, traces }, ready),
    );
  }
  const tags = namesIn('--tags', options.tags ?? '');
  const gpus = gpusOf(options.gpus);
  const cpuPlaces = wholeNumber('--cpu-places', options.cpuPlaces, 1);
  const slots = wholeNumber('--slots', options.slots, 1);
  const { runHostWorker } = await import('../workers/host.ts');
  const ready = (notes: string[]) =>
    console.log([`worker for ${tags.join(', ')} runs at ${served}; Ctrl-C stops it`, ...notes].join('\n  '));
  const { warm, drain = false } = options;
  const offer = { tags, gpus, cpuPlaces, slots, warm, drain, ...metrics };
  await whileTraced(options.traces, traces => runHostWorker(endpoint, { ...offer, traces }, ready));
}

/** Runs a worker with traces where they are asked for. */
async function whileTraced(asked: string | undefined, work: (traces: Traces | null) => Promise<void>): Promise<void> {
  const traces = await startTracesOf(asked);
  try {
    await work(traces);
  } finally {
    await traces?.close();
  }
  // Else a request to a collector that hangs would keep the process for as long as it may take.
  if (traces) process.exit();
}

/** `9464` is on loopback; another address is named: `10.0.0.7:9464`. */
function bindAddress(text: string): string {
  const [, address = '127.0.0.1', port] = /^(?:(.+):)?(\d{1,5})$/.exec(text) ?? [];
  if (port === undefined || Number(port) < 1 || Number(port) > 65_535)
    throw new CommandFailure(`--metrics ${text}: expected a port, such as 9464, or address:port`);
  return `${address}:${port}`;
}

function trackersIn(text: string): Tracker[] {
  if (text === '') return [];
  try {
    return trackersNamed(namesIn('--trackers', text));
  } catch (error) {
    throw new CommandFailure(`--trackers ${text}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function gpusOf(text: string): 'auto' | 'none' | string[] {
  if (text === 'auto' || text === 'none') return text;
  return namesIn('--gpus', text);
}

function namesIn(option: string, text: string): string[] {
  const names = text.split(',').map(name => name.trim());
  if (names.every(name => /^[A-Za-z0-9][\w.-]*$/.test(name))) return [...new Set(names)];
  throw new CommandFailure(`${option} ${text}: expected names separated by commas`);
}
