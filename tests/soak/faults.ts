import { setTimeout as sleep } from 'node:timers/promises';
import { findVictims, send, type Victim } from './processes.ts';
import type { Random } from './random.ts';

/** Something that happens to a sandbox. */
export interface Fault {
  /** Milliseconds after the trials were started; a victim that does not live then is waited for. */
  atMs: number;
  victim: Victim;
  /** 0: killed. Else stopped (SIGSTOP) for so long. */
  forMs: number;
}

/** A frozen worker is thought dead after its heartbeat timeout of 15 s: it must wake up after that. */
const FREEZE_MS: Record<Victim, [number, number]> = {
  control: [2_000, 12_000],
  host: [16_500, 18_000],
  server: [2_000, 8_000],
  supervisor: [500, 6_000],
  trainer: [500, 3_000],
};
const WAIT_MS = 5_000;
const LAST_MS = 14_000;

/** What a seed does to its sandbox: two to five faults, earliest first. A stop in place of every third kill. */
export function faultsOf(random: Random, victims: readonly Victim[]): Fault[] {
  const faults = Array.from({ length: random.between(2, 5) }, (): Fault => {
    const victim = random.pick(victims);
    const freezes = random.next() < 0.33;
    return {
      atMs: random.between(200, LAST_MS),
      victim,
      forMs: freezes ? random.between(...FREEZE_MS[victim]) : 0,
    };
  });
  return faults.sort((a, b) => a.atMs - b.atMs);
}

/** `2.1 s kill host`, as the table has it. */
export function faultName({ atMs, victim, forMs }: Fault): string {
  const what = forMs === 0 ? 'kill' : `stop ${(forMs / 1000).toFixed(0)} s`;
  return `${(atMs / 1000).toFixed(1)} ${what} ${victim}`;
}

/** Lets the faults happen, each at its time; resolves when the last one is over, with those that found a victim. */
export async function inflict(folder: string, faults: readonly Fault[], random: Random): Promise<Fault[]> {
  const start = Date.now();
  const over = faults.map(async fault => {
    const draw = random.next();
    await sleep(Math.max(0, start + fault.atMs - Date.now()));
    const pids = await findVictims(folder, fault.victim, WAIT_MS);
    const pid = pids[Math.floor(draw * pids.length)];
    if (pid === undefined || !send(pid, fault.forMs === 0 ? 'SIGKILL' : 'SIGSTOP')) return [];
    if (fault.forMs > 0) {
      await sleep(fault.forMs);
      send(pid, 'SIGCONT');
    }
    return [fault];
  });
  return (await Promise.all(over)).flat();
}
