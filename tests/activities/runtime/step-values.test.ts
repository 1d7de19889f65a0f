import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { rungReport } from '../../../activities/runtime/rung-report.ts';
import { meanOfTenth, stepValues } from '../../../activities/runtime/step-values.ts';

async function fileOf(lines: (object | string)[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'steps-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, 'metrics.jsonl');
  await writeFile(file, lines.map(line => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join(''));
  return file;
}

const job = (steps: number[]) => ({
  sweep: { id: 's', trial: 3 },
  rungs: { metric: 'loss', goal: 'minimize' as const, steps, waits: true, passed: 0 },
});

describe('what a rung is worth', () => {
  it('is the mean over the last tenth of the steps up to it, ten at most', async () => {
    const lines = Array.from({ length: 300 }, (_, i) => ({ step: i + 1, loss: i + 1 }));
    const metrics = await fileOf(lines);
    const plan = job([5, 40, 250]);
    const at = async (rung: number) => (await rungReport(plan, rung, metrics)).value;
    expect(await at(0)).toBe(5);
    expect(await at(1)).toBe((37 + 38 + 39 + 40) / 4);
    expect(await at(2)).toBe(245.5);
  });

  it('counts the last line of a step, and not what a later segment did again', async () => {
    const metrics = await fileOf([
      { step: 1, loss: 9 },
      { step: 2, loss: 9 },
      { step: 2, loss: 4 },
      { segment: 2, from: 1 },
      { step: 2, loss: 9 },
      { step: 2, loss: 5 },
    ]);
    expect(await rungReport(job([2]), 0, metrics)).toEqual({ trial: 3, kind: 'rung', rung: 0, step: 2, value: 5 });
  });

  it('is nothing where the loss is no finite number, and says what the log has where there is no such metric', async () => {
    const nan = await fileOf([
      { step: 1, loss: 1 },
      { step: 2, loss: 'NaN' },
    ]);
    expect(await rungReport(job([2]), 0, nan)).toEqual({ trial: 3, kind: 'rung', rung: 0, step: 2, value: null });
    const other = await fileOf([
      '{"torn',
      'null',
      { t: 1, segment: 1, offset: 9, step: 2, total: 9, speed: 3, lr: 1e-4 },
    ]);
    expect(await rungReport(job([2]), 0, other)).toMatchObject({ value: null, known: ['speed', 'lr'] });
    expect(await rungReport(job([2]), 0, '/nowhere/metrics.jsonl')).toMatchObject({ value: null, known: [] });
  });
});

it('a mean of a tenth lies between the least and the greatest of the values', () => {
  const values = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 300 });
  fc.assert(
    fc.property(values, fc.constantFrom('first' as const, 'last' as const), (some, which) => {
      const mean = meanOfTenth(some, which);
      expect(mean).toBeGreaterThanOrEqual(Math.min(...some) - 1e-6);
      expect(mean).toBeLessThanOrEqual(Math.max(...some) + 1e-6);
    }),
  );
});

it('steps of a segment that was void do not count as done', async () => {
  const metrics = await fileOf([
    { step: 9, loss: 1 },
    { segment: 2, from: 4 },
    { step: 6, loss: 1 },
  ]);
  expect(await stepValues(metrics, 'loss')).toMatchObject({ steps: 6, values: [{ step: 6, value: 1 }] });
});
