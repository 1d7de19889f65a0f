import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { expect, it, onTestFinished } from 'vitest';

/** Times are microseconds of one clock. */
interface Turn {
  gpus: number;
  asked: number;
  /** When it was first told to wait; null: it got what it wanted at once. */
  waited: number | null;
  got: number;
}

const CLAIMANT = resolve('tests/fixtures/leases/claimant.mjs');

it('many worker processes never have a GPU twice, and a job of all GPUs has its turn before any that asks after it', async () => {
  const state = await mkdtemp(join(tmpdir(), 'leases-'));
  onTestFinished(() => rm(state, { recursive: true, force: true }));
  const all = 'GPU-a,GPU-b,GPU-c,GPU-d';
  const workers: [offered: string, gpus: number, rounds: number][] = [
    ...Array.from({ length: 6 }, (): [string, number, number] => [all, 1, 25]),
    ...Array.from({ length: 2 }, (): [string, number, number] => ['GPU-c,GPU-d', 1, 20]),
    ...Array.from({ length: 2 }, (): [string, number, number] => [all, 2, 12]),
    ...Array.from({ length: 2 }, (): [string, number, number] => [all, 4, 8]),
  ];
  const ends = await Promise.all(
    workers.map(([offered, gpus, rounds], i) =>
      execa(process.execPath, [CLAIMANT, state, `worker-${i}`, offered, String(gpus), String(rounds)]),
    ),
  );
  const turns = ends.flatMap(({ stdout }) => stdout.split('\n').map(line => JSON.parse(line) as Turn));
  expect(turns).toHaveLength(workers.reduce((sum, [, , rounds]) => sum + rounds, 0));
  const large = turns.filter(turn => turn.gpus === 4);
  for (const turn of large) {
    const overtaking = turns.filter(one => turn.waited !== null && one.asked > turn.waited && one.got < turn.got);
    expect(overtaking).toEqual([]);
  }
  expect(large.some(turn => turn.waited !== null)).toBe(true);
  expect(existsSync(join(state, 'GPU-a.used'))).toBe(false);
}, 600_000);
