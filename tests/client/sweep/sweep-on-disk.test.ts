import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ansis } from 'ansis';
import { afterAll, describe, expect, test } from 'vitest';
import { endedOnDisk, sweepOnDisk } from '../../../client/sweep/sweep-on-disk.ts';
import { sweepStatusLines } from '../../../client/sweep/sweep-status.ts';
import type { Decision } from '../../../plan/sweep/types.ts';
import { DECISIONS, SPEC, START, trial } from './boards.ts';

const workDir = mkdtempSync(join(tmpdir(), 'dj-ledger-'));
afterAll(() => rmSync(workDir, { recursive: true }));

function write(id: string, decisions: readonly Decision[], tail = ''): void {
  mkdirSync(join(workDir, 'sweeps', id), { recursive: true });
  const text = decisions.map(one => `${JSON.stringify(one)}\n`).join('');
  writeFileSync(join(workDir, 'sweeps', id, 'decisions.jsonl'), text + tail);
}

const text = (snapshot: Awaited<ReturnType<typeof sweepOnDisk>>) =>
  sweepStatusLines(snapshot!, { width: 120, paint: new Ansis(0) }).join('\n');

/** A ledger of `count` trials that have ended, at a rung each. */
function ledger(count: number): Decision[] {
  let seq = 0;
  const at = () => ({ seq: ++seq, t: new Date(START + seq * 10).toISOString() });
  const decisions: Decision[] = [{ ...at(), kind: 'open', sweep: 's', runId: 'r', spec: SPEC, rungs: null }];
  for (let n = 1; n <= count; n += 1) {
    const { point } = trial(n);
    const told = { steps: 60, gpuSeconds: 75, reused: 2, why: null };
    decisions.push(
      { ...at(), kind: 'suggest', trial: n, point, by: 'tpe', seed: n, reason: 'a random point' },
      { ...at(), kind: 'rung', trial: n, rung: 0, step: 20, value: 1 / n },
      { ...at(), kind: 'end', trial: n, status: 'done', objectives: [(n * 7919) % count], ...told },
    );
  }
  return [...decisions, { ...at(), kind: 'close', state: 'done', reason: 'all trials of the budget have ended' }];
}

describe('a sweep from its ledger', () => {
  test('that goes on has its trials, the newest decisions, and says as of when; a half-written line does not count', async () => {
    write('open', DECISIONS, '{"seq": 99, "half');
    const seen = await sweepOnDisk(workDir, 'open');
    expect(seen).toMatchObject({ status: 'RUNNING', board: { counts: { begun: 1, done: 1 }, state: 'running' } });
    expect(text(seen)).toContain('! as of its ledger, 2025-06-11 14:01:01');
  });

  test('of 5,000 trials has the best hundred in order, and how it ended', async () => {
    write('large', ledger(5_000));
    const began = performance.now();
    const seen = await sweepOnDisk(workDir, 'large');
    const lines = text(seen);
    console.log(`status of 5,000 trials from the ledger: ${(performance.now() - began).toFixed(0)} ms`);
    expect(seen).toMatchObject({ status: 'COMPLETED', board: { counts: { begun: 5_000, done: 5_000, running: 0 } } });
    expect(seen!.board!.trials.map(({ objectives }) => objectives[0])).toEqual(
      Array.from({ length: 100 }, (_, i) => 4_999 - i),
    );
    expect(lines).toContain('Sweep large done: all trials of the budget have ended');
  });

  test('that is not there, or was never opened, is none', async () => {
    expect(await sweepOnDisk(workDir, 'none')).toBeNull();
    write('empty', []);
    expect(await sweepOnDisk(workDir, 'empty')).toBeNull();
  });

  test('that has ended is taken from its ledger only where that is here, whole and readable', async () => {
    write('ended', ledger(3));
    const path = join(workDir, 'sweeps', 'ended', 'decisions.jsonl');
    const { size: bytes } = statSync(path);
    const result = { ledger: { path, bytes, lines: 11, sha256: '' } };
    expect(await endedOnDisk('ended', result)).toMatchObject({ status: 'COMPLETED', board: { counts: { done: 3 } } });
    expect(await endedOnDisk('ended', { ledger: { ...result.ledger, bytes: bytes + 1 } })).toBeNull();
    expect(await endedOnDisk('gone', { ledger: { ...result.ledger, path: path.replace('ended', 'gone') } })).toBeNull();
    writeFileSync(path, `${'x'.repeat(bytes - 1)}\n`);
    expect(await endedOnDisk('ended', result)).toBeNull();
  });
});
