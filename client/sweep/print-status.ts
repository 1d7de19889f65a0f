import type { Server } from '../connect.ts';
import { printJson } from '../output.ts';
import { paintFor } from '../paint.ts';
import { observeSweep } from './observe-sweep.ts';
import { sweepJson, sweepStatusLines } from './sweep-status.ts';

/** Prints where a sweep stands. */
export async function printSweepStatus(server: Server, id: string, { json = false }): Promise<void> {
  const snapshot = await observeSweep(server, id);
  if (json) return void printJson(sweepJson(snapshot));
  const size = { width: process.stdout.columns ?? 160, paint: paintFor(process.stdout) };
  for (const line of sweepStatusLines(snapshot, size)) console.log(line);
}
