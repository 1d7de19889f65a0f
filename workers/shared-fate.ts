import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';

/** Programs that are a container's first process only to run another one: they end when that one does. */
const THIN_INITS = ['tini', 'tini-static', 'dumb-init', 'docker-init', 'catatonit'];
const ASK_MS = 5_000;

export interface Surroundings {
  /** Where the proc file system is. */
  proc?: string;
  pid?: number;
  ppid?: number;
  /** KillMode of a systemd unit; null where it cannot be found out. */
  killMode?: (unit: string, ofUser: boolean) => Promise<string | null>;
}

/**
 * Says in one sentence why the programs of a worker, though detached, would die with it, and what to change; null where they live on. A process
 * cannot leave its control group or its container by itself.
 */
export async function sharedFate({
  proc = '/proc',
  pid = process.pid,
  ppid = process.ppid,
  killMode = askSystemd,
}: Surroundings = {}): Promise<string | null> {
  if (pid === 1 || (ppid === 1 && THIN_INITS.includes(await read(join(proc, '1', 'comm')))))
    return (
      'this worker is the main process of a container: when it ends, its running programs end with it; let the container outlive it ' +
      '(docs/durability.md, Containers)'
    );
  const unit = serviceOf(await read(join(proc, 'self', 'cgroup')));
  if (!unit) return null;
  const mode = await killMode(unit.name, unit.ofUser);
  if (mode === 'process' || mode === 'none') return null;
  const said = mode === null ? 'unless its KillMode is process' : `as its KillMode is ${mode}`;
  return `stopping the systemd unit ${unit.name} ends the running programs of this worker too, ${said}: set KillMode=process in [Service]`;
}

/** The systemd service that a process belongs to, by its control groups; null for a login session's or none. */
function serviceOf(cgroups: string): { name: string; ofUser: boolean } | null {
  const lines = cgroups.split('\n').map(line => line.split(':'));
  // cgroup v2, or systemd's own hierarchy of v1.
  const [, , ...rest] = lines.find(([id, of]) => id === '0' || of === 'name=systemd') ?? [];
  const parts = rest.join(':').split('/');
  const name = parts.findLast(part => /\.(service|scope)$/.test(part));
  if (!name?.endsWith('.service')) return null;
  return { name, ofUser: parts.slice(0, parts.lastIndexOf(name)).some(part => part.startsWith('user@')) };
}

async function askSystemd(unit: string, ofUser: boolean): Promise<string | null> {
  const asked = ['show', '--property=KillMode', '--value', '--', unit];
  const { stdout, failed } = await execa('systemctl', ofUser ? ['--user', ...asked] : asked, {
    reject: false,
    timeout: ASK_MS,
  });
  return failed || typeof stdout !== 'string' || stdout.trim() === '' ? null : stdout.trim();
}

async function read(path: string): Promise<string> {
  return (await readFile(path, 'utf8').catch(() => '')).trim();
}
