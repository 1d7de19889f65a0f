import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

/** What can die. `trainer`: any program that a supervisor runs, so also one that makes or scores videos. */
export const VICTIMS = ['control', 'host', 'server', 'supervisor', 'trainer'] as const;
export type Victim = (typeof VICTIMS)[number];

export interface Found {
  pid: number;
  /** Null: a process of the sandbox that is none of these, such as one that is just starting. */
  victim: Victim | null;
  /** Arguments, separated by spaces. */
  command: string;
}

const SIGNS: [Victim, RegExp][] = [
  ['control', /main\.js worker --control/],
  ['host', /main\.js worker --tags/],
  ['server', /temporal server start-dev/],
  ['supervisor', /supervisor\/supervisor\.py /],
  ['trainer', /(train_lora|infer_lora)\.py |\/vbench evaluate |data-juicer-host\/host\.py/],
];

/** Live processes that carry a sandbox's folder in their command line or their environment; this one aside. */
export async function processesOf(folder: string): Promise<Found[]> {
  const pids = (await readdir('/proc')).map(Number).filter(pid => pid > 0 && pid !== process.pid);
  const found = await Promise.all(pids.map(pid => inspect(pid, folder)));
  return found.filter(one => one !== null);
}

async function inspect(pid: number, folder: string): Promise<Found | null> {
  const read = (name: string) => readFile(`/proc/${pid}/${name}`, 'utf8').catch(() => '');
  const command = (await read('cmdline')).replaceAll('\0', ' ');
  // A zombie has no command line.
  if (command === '' || !`${command}\0${await read('environ')}`.includes(folder)) return null;
  return { pid, command, victim: SIGNS.find(([, sign]) => sign.test(command))?.[0] ?? null };
}

/** Waits until `victim` lives, up to so long; empty where it never did. `where`: only one whose arguments match. */
export async function findVictims(folder: string, victim: Victim, withinMs: number, where = /./): Promise<number[]> {
  const until = Date.now() + withinMs;
  for (;;) {
    const found = (await processesOf(folder)).filter(one => one.victim === victim && where.test(one.command));
    if (found.length > 0 || Date.now() > until) return found.map(({ pid }) => pid);
    await sleep(20);
  }
}

/** False where the process is gone. */
export function send(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}
