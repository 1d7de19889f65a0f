import { isPortFree } from '../../workers/free-port.ts';

/** Below what the kernel gives to others by itself (from 32768), and apart for each of vitest's processes. */
const FIRST = 15_000 + (Number(process.env.VITEST_POOL_ID ?? 0) % 16) * 1_000;
let next = FIRST + (process.pid % 900);

/** As many different ports as asked for that nothing listens on, and that no other test will take. */
export async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  while (ports.length < count) {
    next = next + 1 < FIRST + 1_000 ? next + 1 : FIRST;
    if (await isPortFree('127.0.0.1', next)) ports.push(next);
  }
  return ports;
}
