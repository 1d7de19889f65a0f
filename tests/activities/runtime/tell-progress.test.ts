import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isDue, ProgressTeller, reportOf, toldBefore } from '../../../activities/runtime/tell-progress.ts';
import type { JobReport } from '../../../plan/protocol.ts';

const LONG = { step: 100, total: 6000, eta: 7200, loss: 0.5 };
const MINUTE = 60_000;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tell-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('a job tells its trial how it goes', () => {
  it('when it is known how long it will take, and again half-way, and no more', () => {
    expect(isDue(LONG, { told: 0, runningMs: MINUTE / 2 })).toBe(false);
    expect(isDue(LONG, { told: 0, runningMs: MINUTE })).toBe(true);
    expect(isDue(LONG, { told: 1, runningMs: MINUTE })).toBe(false);
    expect(isDue({ ...LONG, step: 3000 }, { told: 1, runningMs: MINUTE })).toBe(true);
    expect(isDue({ ...LONG, step: 5999 }, { told: 2, runningMs: MINUTE })).toBe(false);
  });
  it('not at all where it is over in minutes, or nothing is known of its end', () => {
    expect(isDue({ ...LONG, eta: 500 }, { told: 0, runningMs: MINUTE })).toBe(false);
    expect(isDue({ step: 3 }, { told: 0, runningMs: MINUTE })).toBe(false);
  });
  it('once where there is no loss to show', () => {
    expect(isDue({ ...LONG, step: 3000, loss: undefined as never }, { told: 1, runningMs: MINUTE })).toBe(false);
  });
  it('of all steps so far in two dozen numbers, without what is none', async () => {
    const metrics = join(folder, 'metrics.jsonl');
    const lines = Array.from({ length: 400 }, (_, i) => ({ step: i + 1, loss: i === 7 ? 'NaN' : 400 - i }));
    await writeFile(metrics, lines.map(line => `${JSON.stringify(line)}\n`).join(''));
    const before = Date.now();
    const report = await reportOf('p.1-train', { ...LONG, checkpoint: 'checkpoint-50' }, metrics);
    expect(report).toMatchObject({
      job: 'p.1-train',
      step: 100,
      total: 6000,
      unit: 'step',
      checkpoint: 'checkpoint-50',
    });
    expect(report.loss).toHaveLength(24);
    expect(report.loss[0]).toBeGreaterThan(report.loss[23]!);
    expect(report.endsAt - report.at).toBe(7_200_000);
    expect(report.at).toBeGreaterThanOrEqual(before);
  });
  it('goes on counting where the attempt before it was, whatever is in its heartbeat', () => {
    expect(toldBefore({ job: 'x', told: 1 })).toEqual({ told: 1 });
    for (const other of [undefined, null, 'text', { told: 'many' }, [1]])
      expect(toldBefore(other)).toEqual({ told: 0 });
  });
  it('does not count what the server did not take, and does not ask again at once', async () => {
    const told = { told: 0 };
    const sent: JobReport[] = [];
    let refused = 0;
    const handle = {
      signal: async (_name: string, report: JobReport) => {
        refused += 1;
        sent.push(report);
        throw new Error('away');
      },
    };
    const client = { workflow: { getHandle: () => handle } } as unknown as Client;
    const ref = { job: 'p.1-train', plan: { path: '', sha256: '' }, trial: { id: 't', runId: 'r' } };
    const teller = new ProgressTeller(ref, client, told, -2 * MINUTE);
    await teller.take(LONG, async () => join(folder, 'none.jsonl'));
    await teller.take(LONG, async () => join(folder, 'none.jsonl'));
    expect([refused, told.told]).toEqual([1, 0]);
    expect(sent[0]).toMatchObject({ job: 'p.1-train', loss: [] });
  });
});
