import { randomBytes } from 'node:crypto';
import { link, mkdir, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { bootId, bootNow } from './host-clock.ts';
import { endPrograms } from './job-programs.ts';
import { DEFAULT_PRIORITY, DEFAULT_WEIGHT, type Turn } from './line.ts';
import { stateDir } from './state-dir.ts';
import { listSupervised, under } from './supervised.ts';
import { keptFree, leaveLine, placeOf, standInLine, ticketOf } from './tickets.ts';

export { offeredDevices } from './devices.ts';
export { stateDir } from './state-dir.ts';

/** A lease that nobody renews for so long, in seconds, and whose job has no live supervisor, may be taken over. */
const STALE_S = 60;
/** What a host without GPUs has to lease: places for its trainings. */
const CPU_PLACE = 'cpu:';

export interface LeaseRequest {
  tag: string;
  gpus: number;
  /** The job's directory. */
  holder: string;
  /** The trial that claims; asking again for the same job gives the same devices. */
  trial: string;
  /** Devices that this worker may lease; empty on a host without GPUs. */
  offered: readonly string[];
  /** How many jobs a host without GPUs runs at once; default 1. */
  cpuPlaces?: number;
  /** When it is its turn among those who wait; default: as one trial of middle priority. */
  turn?: Turn;
  /** False: free devices are not kept for a job of several until there are enough. */
  gathers?: boolean;
  state?: string;
}

/** No devices now. */
export interface Busy {
  /** Seconds after which it asks again; null: another trial runs the job, and its result is waited for. */
  asksIn: number | null;
}

/**
 * The newest file of a device says whose it is. Files are `<device>.<n>`, each made exclusively: who makes n + 1 has decided what comes
 * after n, so that of two who find a device free, or a lease stale, one gets it, without a lock.
 */
interface Lease {
  device: string;
  n: number;
  /** Null: free. */
  holder: string | null;
  trial: string;
  pid: number;
  /** ISO 8601. */
  since: string;
}

/**
 * Leases as many devices as the job needs, or none: who must wait stands in line. The names are for CUDA_VISIBLE_DEVICES; a host without GPUs
 * leases one of its CPU places and returns no names. Throws an Error where this host can never offer so many.
 */
export async function leaseDevices({
  tag,
  gpus,
  holder,
  trial,
  offered,
  cpuPlaces = 1,
  turn = { priority: DEFAULT_PRIORITY, key: trial, weight: DEFAULT_WEIGHT },
  gathers = true,
  state = stateDir(),
}: LeaseRequest): Promise<string[] | Busy> {
  if (gpus === 0) return [];
  if (offered.length > 0 && offered.length < gpus) {
    throw new Error(
      `the job needs ${gpus} GPUs at once, this worker for tag ${tag} offers ${offered.length}: ${offered.join(', ')}`,
    );
  }
  const devices = offered.length > 0 ? [...offered] : Array.from({ length: cpuPlaces }, (_, i) => `${CPU_PLACE}${i}`);
  const needed = offered.length > 0 ? gpus : 1;
  const folder = await leaseFolder(state);
  const leases = await Promise.all(devices.map(device => newest(folder, device)));
  const job = resolve(holder);
  const own = leases.filter(lease => lease.holder === job);
  // Another trial runs this job: it will be done, and found done, soon.
  for (const lease of own) if (lease.trial !== trial && !(await isStale(folder, lease, state))) return { asksIn: null };
  if (own.length > 0 && own.every(lease => lease.trial === trial) && own.length === needed) {
    await Promise.all(own.map(lease => touch(folder, lease)));
    return namesOf(own);
  }
  const place = await placeOf(folder, { ...turn, id: ticketOf(job, trial), holder: job, needed, devices, gathers });
  const stale = await Promise.all(leases.map(lease => lease.holder === null || isStale(folder, lease, state)));
  const free = leases.filter((_, i) => stale[i]);
  const kept = await keptFree(
    folder,
    place.before,
    free.map(lease => lease.device),
  );
  const left = free.filter(lease => !kept.has(lease.device));
  const taken = await takeAll(folder, left, needed, { holder: job, trial });
  if (!taken) return { asksIn: await standInLine(folder, place) };
  await leaveLine(folder, place);
  return namesOf(taken);
}

/** Takes so many of the leases' devices, or none. */
async function takeAll(
  folder: string,
  leases: Lease[],
  needed: number,
  by: Pick<Lease, 'holder' | 'trial'>,
): Promise<Lease[] | null> {
  const taken: Lease[] = [];
  for (const [i, lease] of leases.entries()) {
    // Nothing is taken, even for a moment, once there cannot be enough: it would be in the way of who can have all.
    if (taken.length === needed || taken.length + leases.length - i < needed) break;
    // Its supervisor is dead: what that left running would share the device.
    if (lease.holder !== null) await endPrograms(lease.holder);
    const mine = await follow(folder, lease, by);
    if (mine) taken.push(mine);
  }
  if (taken.length === needed) return taken;
  for (const lease of taken) await follow(folder, lease, { holder: null, trial: '' });
  return null;
}

/** Frees what a job's directory holds (for one trial only, where given); nothing where it holds nothing. */
export async function releaseDevices(holder: string, state = stateDir(), trial?: string): Promise<void> {
  const folder = await leaseFolder(state);
  for (const lease of await heldBy(folder, holder, trial)) await follow(folder, lease, { holder: null, trial: '' });
}

/** Says that the job's run goes on. Returns how many devices it holds. */
export async function renewDevices(holder: string, state = stateDir(), trial?: string): Promise<number> {
  const folder = await leaseFolder(state);
  const own = await heldBy(folder, holder, trial);
  await Promise.all(own.map(lease => touch(folder, lease)));
  return own.length;
}

/** Which of some devices jobs hold; a stale lease counts until somebody takes it over. */
export async function leasedDevices(devices: readonly string[], state = stateDir()): Promise<string[]> {
  const folder = await leaseFolder(state);
  const leases = await Promise.all(devices.map(device => newest(folder, device)));
  return leases.filter(lease => lease.holder !== null).map(lease => lease.device);
}

/** Leases of an earlier boot do not count: nothing of what held them lives. */
async function leaseFolder(state: string): Promise<string> {
  const folder = join(state, `leases-${(await bootId()).slice(0, 8) || 'now'}`);
  await mkdir(folder, { recursive: true });
  return folder;
}

async function heldBy(folder: string, holder: string, trial?: string): Promise<Lease[]> {
  const devices = new Set(
    (await readdir(folder))
      .filter(name => /\.\d+$/.test(name))
      .map(name => decodeURIComponent(name.replace(/\.\d+$/, ''))),
  );
  const leases = await Promise.all([...devices].map(device => newest(folder, device)));
  return leases.filter(lease => lease.holder === resolve(holder) && (trial === undefined || lease.trial === trial));
}

const namesOf = (leases: Lease[]) => leases.map(lease => lease.device).filter(device => !device.startsWith(CPU_PLACE));
const fileOf = (folder: string, { device, n }: Pick<Lease, 'device' | 'n'>) =>
  join(folder, `${encodeURIComponent(device)}.${n}`);

async function numbersOf(folder: string, device: string): Promise<number[]> {
  const start = `${encodeURIComponent(device)}.`;
  const numbers = (await readdir(folder))
    .filter(name => name.startsWith(start))
    .map(name => Number(name.slice(start.length)));
  return numbers.filter(Number.isInteger);
}

async function newest(folder: string, device: string): Promise<Lease> {
  for (;;) {
    const n = Math.max(0, ...(await numbersOf(folder, device)));
    if (n === 0) return { device, n, holder: null, trial: '', pid: 0, since: '' };
    const text = await readFile(fileOf(folder, { device, n }), 'utf8').catch(() => null);
    if (text !== null) return { ...(JSON.parse(text) as Lease), device, n };
  }
}

async function isStale(folder: string, lease: Lease, state: string): Promise<boolean> {
  const found = await stat(fileOf(folder, lease)).catch(() => null);
  if (found && bootNow() - found.mtimeMs / 1000 < STALE_S) return false;
  return !(await listSupervised(state)).some(await under(lease.holder!));
}

async function touch(folder: string, lease: Lease): Promise<void> {
  await renewedNow(fileOf(folder, lease));
}

/** By the boot-time clock: setting the host's clock makes no lease stale. */
async function renewedNow(path: string): Promise<void> {
  await utimes(path, bootNow(), bootNow());
}

/** Makes the file after `lease`; null if another did. */
async function follow(folder: string, lease: Lease, next: Pick<Lease, 'holder' | 'trial'>): Promise<Lease | null> {
  const made: Lease = {
    ...next,
    device: lease.device,
    n: lease.n + 1,
    pid: process.pid,
    since: new Date().toISOString(),
  };
  const part = join(folder, `${randomBytes(6).toString('hex')}.tmp`);
  const path = fileOf(folder, made);
  await writeFile(part, JSON.stringify(made));
  await renewedNow(part);
  try {
    await link(part, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return null;
    throw error;
  } finally {
    await rm(part, { force: true });
  }
  const numbers = await numbersOf(folder, made.device);
  if (Math.max(...numbers) > made.n) {
    // The file before was long outdated when it was read: what came after it stands.
    await rm(path, { force: true });
    return null;
  }
  await Promise.all(
    numbers.filter(n => n < made.n).map(n => rm(fileOf(folder, { device: made.device, n }), { force: true })),
  );
  return made;
}
