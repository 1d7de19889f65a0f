import { readFile } from 'node:fs/promises';
import { uptime } from 'node:os';

/** Seconds since boot, time asleep included: the clock that supervisors date renewals by. */
export const bootNow = (): number => uptime();

/** Names this boot of the host; '' where the system does not tell. Process ids and the boot-time clock mean nothing beyond it. */
export async function bootId(): Promise<string> {
  return (await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '')).trim();
}

/** When a process started, in clock ticks since boot; null if it does not live (a zombie does not). */
export async function startOf(pid: number): Promise<number | null> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return stat === '' || fields[0] === 'Z' || fields[0] === 'X' ? null : Number(fields[19]);
}
