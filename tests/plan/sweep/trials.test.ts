import { describe, expect, it } from 'vitest';
import type { RungPlan } from '../../../plan/protocol.ts';
import { specOf, trialsOf } from '../../../plan/sweep/trials.ts';
import type { SweepSpec } from '../../../plan/sweep/types.ts';
import { ended, ledger, OPEN, SPEC, suggested, type Told } from './ledgers.ts';

const RUNGS: RungPlan = { metric: 'train.loss', goal: 'minimize', steps: [1, 3], waits: true };
const OPEN_ASHA: Told = { kind: 'open', sweep: 's', runId: 'run-1', spec: SPEC, rungs: RUNGS };
const rung = (trial: number, index: number, value: number | null): Told => ({
  kind: 'rung',
  trial,
  rung: index,
  step: 3 ** index,
  value,
});

describe('the trials that a ledger tells of', () => {
  it('run from their suggestion until their end, with what the end says', () => {
    const decisions = ledger([OPEN, suggested(1), suggested(2), ended(1, 0.5)]);
    expect(trialsOf(decisions)).toEqual([
      {
        trial: 1,
        point: { 'op.x': 0.01, 'op.n': 2 },
        status: 'done',
        objectives: [0.5],
        rungs: [],
        why: null,
        steps: 10,
        gpuSeconds: 1,
        reused: 0,
        startedAt: 2_000,
        finishedAt: 4_000,
      },
      expect.objectContaining({ trial: 2, status: 'running', objectives: [null], finishedAt: null }),
    ]);
    expect(trialsOf(decisions.slice(0, 2))).toMatchObject([{ trial: 1, status: 'running' }]);
  });

  it('wait at a rung of asha until they are promoted', () => {
    const told = [OPEN_ASHA, suggested(1), rung(1, 0, 0.9)];
    expect(trialsOf(ledger(told))).toMatchObject([{ status: 'waiting', rungs: [{ step: 1, value: 0.9 }] }]);
    const promoted: Told[] = [...told, { kind: 'promote', trial: 1, rung: 0, reason: 'best' }];
    expect(trialsOf(ledger(promoted))).toMatchObject([{ status: 'running' }]);
    expect(trialsOf(ledger([...promoted, rung(1, 1, 0.7)]))[0]).toMatchObject({
      status: 'waiting',
      rungs: [
        { step: 1, value: 0.9 },
        { step: 3, value: 0.7 },
      ],
    });
  });

  it('tell a rung once, however often it is in the ledger, and not where it had no number', () => {
    const told = [OPEN_ASHA, suggested(1), rung(1, 0, 0.9), rung(1, 0, 0.9), rung(1, 1, null)];
    expect(trialsOf(ledger(told))[0]!.rungs).toEqual([{ step: 1, value: 0.9 }]);
  });

  it('are stopped once they have ended, for the reason of the decision', () => {
    const told: Told[] = [OPEN, suggested(1), { kind: 'stop', trial: 1, reason: 'worse than the best third' }];
    expect(trialsOf(ledger(told))).toMatchObject([{ status: 'running', why: 'worse than the best third' }]);
    expect(trialsOf(ledger([...told, ended(1, null, 'stopped')]))).toMatchObject([
      { status: 'stopped', why: 'worse than the best third' },
    ]);
    expect(trialsOf(ledger([...told, ended(1, 0.1)]))).toMatchObject([{ status: 'done', why: null }]);
  });

  it('do not change once they have ended', () => {
    const told = [OPEN, suggested(1), ended(1, 0.5), ended(1, null, 'failed'), rung(1, 0, 3)];
    expect(trialsOf(ledger(told))).toMatchObject([{ status: 'done', objectives: [0.5], rungs: [] }]);
  });
});

describe('the spec that a ledger tells of', () => {
  it('is the one it was opened with, as it was steered since', () => {
    const space: SweepSpec['space'] = [{ name: 'op.y', distribution: { kind: 'uniform', min: 0, max: 2 } }];
    const { spec } = specOf(
      ledger([
        OPEN,
        { kind: 'steer', steer: { kind: 'setSpace', space } },
        { kind: 'steer', steer: { kind: 'setConcurrency', concurrency: 5 } },
        { kind: 'steer', steer: { kind: 'setBudget', budget: { runCap: 7, target: 0.1 } } },
        { kind: 'steer', steer: { kind: 'pause' } },
      ]),
    );
    expect(spec).toMatchObject({ space, concurrency: 5, budget: { runCap: 7, maxHours: null } });
    expect(spec!.metrics[0]!.target).toBe(0.1);
    expect(SPEC.metrics[0]!.target).toBeNull();
  });

  it('is none before it was opened', () => {
    expect(specOf([])).toEqual({ spec: null, rungs: null });
  });
});
