import { readFileSync } from 'node:fs';

/** Clock ticks a second of /proc: 100 on any Linux that Node runs on. */
const TICKS = 100;

/** Seconds of CPU that a process has used, user and system; 0 where there is no /proc. */
export function cpuSeconds(pid: number): number {
  try {
    const [, rest = ''] = /\) (.*)/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
    const fields = rest.split(' ');
    return (Number(fields[11]) + Number(fields[12])) / TICKS;
  } catch {
    return 0;
  }
}
