import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeAtomically } from '../runtime/atomic.ts';
import { bootId, startOf } from '../runtime/host-clock.ts';
import { stateDir } from '../runtime/state-dir.ts';
import { readRecord } from '../runtime/supervisor-files.ts';

interface Offer {
  pid: number;
  /** Clock ticks since boot: the process id may name another by now. */
  start: number | null;
  boot: string;
  devices: string[];
}

/**
 * Notes which GPUs this worker process may lease, and returns a sentence on each other live worker of this host that offers some of the same:
 * they share them by their leases, one job a GPU.
 */
export async function noteOffer(devices: readonly string[], state = stateDir()): Promise<string[]> {
  const folder = join(state, 'workers');
  await mkdir(folder, { recursive: true });
  const own: Offer = {
    pid: process.pid,
    start: await startOf(process.pid),
    boot: await bootId(),
    devices: [...devices],
  };
  await writeAtomically(join(folder, `${own.pid}.json`), JSON.stringify(own));
  const others = await Promise.all((await readdir(folder)).map(name => liveOffer(join(folder, name))));
  return others.flatMap(other => {
    const shared = other && other.pid !== own.pid ? other.devices.filter(device => devices.includes(device)) : [];
    if (shared.length === 0) return [];
    return [`the worker with process id ${other!.pid} offers ${shared.join(', ')} too: they share, one job a GPU`];
  });
}

/** A worker that was killed leaves its note behind. */
async function liveOffer(path: string): Promise<Offer | null> {
  if (!path.endsWith('.json')) return null;
  const offer = await readRecord<Offer>(path);
  if (offer && offer.boot === (await bootId()) && (await startOf(offer.pid)) === offer.start) return offer;
  await rm(path, { force: true });
  return null;
}
