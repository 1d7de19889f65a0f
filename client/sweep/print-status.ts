import type { Server } from '../connect.ts';
import { printJson } from '../output.ts';
import { paintFor } from '../paint.ts';
import type { Described } from '../trials.ts';
import { observeSweep } from './observe-sweep.ts';
import { sweepJson, sweepStatusLines } from './sweep-status.ts';

/** Prints where a sweep stands; `described` is what the server has just said of it. */
export async function printSweepStatus(
  server: Server,
  id: string,
  { json = false },
  described?: Described,
): Promise<void> {
  const snapshot = await observeSweep(server, id, null, described);
  if (json) return void printJson(sweepJson(snapshot));
  const size = { width: process.stdout.columns ?? 160, paint: paintFor(process.stdout) };
  for (const line of sweepStatusLines(snapshot, size)) console.log(line);
}
