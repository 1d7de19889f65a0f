import { expect, test } from 'vitest';
import type { SweepTrial } from '../../plan/sweep/types.ts';
import { importances } from '../../report/collect/importance.ts';
import { sweepSpec } from '../support/sweeps.ts';

const LIMIT_MS = 120_000;

const trial = (number: number, point: SweepTrial['point'], objective: number): SweepTrial => ({
  trial: number,
  point,
  status: 'done',
  objectives: [objective],
  rungs: [{ step: 5, value: Number(point.idle) }],
  why: null,
  steps: 1,
  gpuSeconds: 0,
  reused: 0,
  startedAt: 0,
  finishedAt: number,
});

test(
  'Optuna finds the parameter that the objective depends on, and says the same again',
  async () => {
    const spec = sweepSpec({
      space: [
        { name: 'idle', distribution: { kind: 'categorical', values: [1, 2, 3] } },
        { name: 'busy', distribution: { kind: 'uniform', min: 0, max: 1 } },
      ],
    });
    const trials = Array.from({ length: 40 }, (_, i) => {
      const busy = (i * 0.618) % 1;
      return trial(i + 1, { idle: (i % 3) + 1, busy }, (busy - 0.3) ** 2);
    });
    const rungs = { metric: 'train.loss', goal: 'minimize' as const, steps: [5] };
    const [objective, rung] = await importances(spec, trials, rungs);
    expect(objective).toMatchObject({ of: 'judge.score', trials: 40, best: 5, lacking: null });
    expect(objective!.by).toMatch(/^PED-ANOVA of Optuna \d/);
    expect(objective!.shares.map(({ parameter }) => parameter)).toEqual(['busy', 'idle']);
    expect(objective!.shares[0]!.share).toBeGreaterThan(0.7);
    expect(rung).toMatchObject({ of: 'train.loss at step 5' });
    expect(rung!.shares[0]!.parameter).toBe('idle');
    expect((await importances(spec, trials, null))[0]).toEqual(objective);
  },
  LIMIT_MS,
);
