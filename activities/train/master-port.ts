import { createHash } from 'node:crypto';

const [LOWEST, PORTS] = [20_000, 12_000];

/** A port for torchrun's processes to meet at: the same for the same training, whoever attaches to it, and mostly another for another; below those that a system gives by itself. */
export function masterPort(training: string): number {
  return LOWEST + (createHash('sha256').update(training).digest().readUInt32LE(0) % PORTS);
}
