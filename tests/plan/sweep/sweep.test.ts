import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RungPlan } from '../../../plan/protocol.ts';
import { memoryFrom, memoryInPieces } from '../../../plan/sweep/memory.ts';
import { replay } from '../../../plan/sweep/replay.ts';
import { Sweep } from '../../../plan/sweep/sweep.ts';
import type { Budget, EarlyTerminate } from '../../../plan/sweep/types.ts';
import { begun, promoted, SweepAtDesk, stopped, sweepSpec, trialEnd } from '../../support/sweeps.ts';

const budget = (more: Partial<Budget>): Budget => ({
  runCap: null,
  maxHours: null,
  patience: null,
  maxFailures: null,
  ...more,
});
const ASHA: EarlyTerminate = { type: 'asha', eta: 3, r: 1, R: 9, metric: null };
const waits: RungPlan = { metric: 'train.loss', goal: 'minimize', steps: [1, 3], waits: true };
const bands: RungPlan = { ...waits, steps: [3, 9], waits: false };

const asJson = <T>(value: T) => JSON.parse(JSON.stringify(value)) as T;

describe('a sweep', () => {
  it('begins as many trials as may run at once, and another as each ends, until run_cap', () => {
    const desk = new SweepAtDesk(sweepSpec({ concurrency: 2, budget: budget({ runCap: 3 }) }));
    expect(begun(desk.step())).toEqual([1, 2]);
    expect(begun(desk.end(1, trialEnd(5)))).toEqual([3]);
    expect(desk.end(2, trialEnd(4))).toEqual([]);
    expect(desk.end(3, trialEnd(6))).toEqual([{ do: 'close', state: 'done', reason: '3 of 3 trials have ended' }]);
    expect(desk.sweep.memory.best.map(trial => trial.trial)).toEqual([2, 1, 3]);
  });

  it('lists at most a hundred trials, those that run among them, the best first', () => {
    const desk = new SweepAtDesk(sweepSpec({ concurrency: 2 }));
    desk.step();
    for (let trial = 1; trial <= 130; trial += 1) desk.end(trial, trialEnd(trial % 7));
    const listed = desk.sweep.leaderboard().trials;
    expect(listed).toHaveLength(100);
    expect(listed.filter(({ status }) => status === 'running').map(({ trial }) => trial)).toEqual([131, 132]);
    expect(listed[0]).toMatchObject({ trial: 7, objectives: [0] });
  });

  it('ends when a grid has no further point', () => {
    const space = [{ name: 'a.b', distribution: { kind: 'categorical' as const, values: ['x', 'y'] } }];
    const desk = new SweepAtDesk(sweepSpec({ sampler: 'grid', space }));
    expect(desk.step()).toEqual([
      { do: 'begin', trial: 1, point: { 'a.b': 'x' } },
      { do: 'begin', trial: 2, point: { 'a.b': 'y' } },
    ]);
    desk.end(1, trialEnd(1));
    expect(desk.end(2, trialEnd(1)).at(-1)).toMatchObject({
      do: 'close',
      reason: 'all 2 points of the space were tried',
    });
  });

  it('asks a sampler that runs elsewhere for as many points as there is room for, and begins its answers', () => {
    const desk = new SweepAtDesk(sweepSpec({ sampler: 'tpe', concurrency: 3, budget: budget({ runCap: 2 }) }));
    expect(desk.step()).toEqual([{ do: 'ask', next: 1, count: 2 }]);
    desk.sweep.answered([1, 2].map(n => ({ point: { 'a.b': n }, reason: 'tpe' })));
    expect(begun(desk.step())).toEqual([1, 2]);
  });

  it.each([
    ['a trial that reaches the target', 1, {}, [9, 3, 1], 'trial 3 reached the target: judge.score is 1'],
    ['patience', null, { patience: 2 }, [1, 2, 3], 'patience: 2 trials were done without a better one'],
  ])('is ended by %s; what still runs is told to stop and waited for', (_, target, limits, scores, reason) => {
    const metrics = sweepSpec().metrics.map(metric => ({ ...metric, target }));
    const desk = new SweepAtDesk(sweepSpec({ metrics, budget: budget(limits) }));
    desk.step();
    let actions = scores.flatMap((score, i) => desk.end(i + 1, trialEnd(score)));
    const running = desk.sweep.memory.open.map(trial => trial.trial);
    expect(stopped(actions)).toEqual(running);
    actions = running.flatMap(trial => desk.end(trial, trialEnd(null, { status: 'stopped' })));
    expect(actions).toEqual([{ do: 'close', state: 'done', reason }]);
  });

  it('is ended by max_hours', () => {
    const desk = new SweepAtDesk(sweepSpec({ budget: budget({ maxHours: 2 }) }));
    desk.step();
    expect(desk.sweep.deadline).toBe(7_200_000);
    desk.now = 7_200_000;
    expect(stopped(desk.step())).toEqual([1, 2, 3, 4]);
  });

  it('goes on after failures, and fails when there are more than max_failures', () => {
    const desk = new SweepAtDesk(sweepSpec({ concurrency: 1, budget: budget({ maxFailures: 1 }) }));
    desk.step();
    const failed = trialEnd(null, { status: 'failed', why: 'no disk' });
    expect(begun(desk.end(1, failed))).toEqual([2]);
    expect(desk.end(2, failed)).toEqual([
      { do: 'close', state: 'failed', reason: 'max_failures: 2 trials have failed, 1 may' },
    ]);
  });

  it('says after the first trial, not after a thousand, that nobody reports its metric', () => {
    const desk = new SweepAtDesk(sweepSpec({ concurrency: 1 }));
    desk.step();
    const [action] = desk.end(1, trialEnd(null, { metrics: { 'judge.scores': 1 } }));
    expect(action).toEqual({
      do: 'close',
      state: 'failed',
      reason: 'trial 1 is done, but it told no metric "judge.score"; did you mean "judge.scores"?',
    });
  });

  it('counts a trial whose metric is no finite number as failed, and goes on', () => {
    const desk = new SweepAtDesk(sweepSpec({ concurrency: 1 }));
    desk.step();
    expect(begun(desk.end(1, trialEnd(Number.NaN)))).toEqual([2]);
    expect(desk.sweep.counts()).toMatchObject({ failed: 1, done: 0 });
  });

  it('tries the points of its user first, also beyond run_cap', () => {
    const desk = new SweepAtDesk(sweepSpec({ concurrency: 1, budget: budget({ runCap: 1 }) }));
    desk.step();
    desk.sweep.steered({ kind: 'enqueueTrial', point: { 'train.extra_configs.lr': 0.5 } }, 0);
    expect(desk.end(1, trialEnd(1))).toEqual([{ do: 'begin', trial: 2, point: { 'train.extra_configs.lr': 0.5 } }]);
  });

  it('begins nothing while it is paused, and passes pause and resume on to what runs', () => {
    const desk = new SweepAtDesk(sweepSpec({ concurrency: 1 }));
    desk.step();
    desk.sweep.steered({ kind: 'pause' }, 0);
    expect(desk.step()).toEqual([{ do: 'tell', trial: 1, signal: 'pause' }]);
    expect(desk.end(1, trialEnd(1))).toEqual([]);
    desk.sweep.steered({ kind: 'resume' }, 0);
    expect(begun(desk.step())).toEqual([2]);
  });

  it('takes another number of trials at once, budget and space while it runs', () => {
    const desk = new SweepAtDesk(sweepSpec({ sampler: 'tpe', concurrency: 1 }));
    desk.step();
    desk.sweep.answered([{ point: { old: 1 }, reason: '' }]);
    desk.sweep.steered(
      { kind: 'setSpace', space: [{ name: 'new', distribution: { kind: 'uniform', min: 0, max: 1 } }] },
      0,
    );
    desk.sweep.steered({ kind: 'setConcurrency', concurrency: 5 }, 0);
    desk.sweep.steered({ kind: 'setBudget', budget: { runCap: 3 } }, 0);
    expect(desk.step()).toEqual([{ do: 'ask', next: 1, count: 3 }]);
  });
});

describe('a sweep with rungs that trials wait at', () => {
  const asha = (more = {}) =>
    new SweepAtDesk(sweepSpec({ earlyTerminate: ASHA, concurrency: 9, budget: budget({ runCap: 9 }), ...more }), waits);

  it('trains 9 trials to step 1, 3 to step 3 and 1 to the end, as the paper has it', () => {
    const desk = asha();
    const all = begun(desk.step());
    // The best come first, so that nobody is promoted who would not be at the end.
    let went = all.flatMap(trial => desk.rung(trial, 0, 1, trial));
    expect(promoted(went)).toEqual([1, 2, 3]);
    went = promoted(went).flatMap(trial => desk.rung(trial, 1, 3, trial));
    expect(promoted(went)).toEqual([1]);
    const last = desk.end(1, trialEnd(1));
    expect(stopped(last)).toHaveLength(8);
  });

  it('gives the place of a trial that waits to another', () => {
    const desk = asha({ concurrency: 1 });
    expect(begun(desk.step())).toEqual([1]);
    expect(begun(desk.rung(1, 0, 1, 5))).toEqual([2]);
    expect(desk.sweep.counts()).toMatchObject({ running: 1, waiting: 1 });
  });

  it('changes nothing when a rung is told twice', () => {
    const desk = asha({ concurrency: 3 });
    desk.step();
    desk.rung(1, 0, 1, 5);
    const before = JSON.stringify(desk.sweep.memory);
    desk.rung(1, 0, 1, 5);
    expect(JSON.stringify(desk.sweep.memory)).toBe(before);
  });

  it('trains the best to its end where there were too few trials for the last rung', () => {
    const desk = asha({ budget: budget({ runCap: 2 }) });
    desk.step();
    desk.rung(1, 0, 1, 5);
    expect(promoted(desk.rung(2, 0, 1, 4))).toEqual([2]);
    expect(promoted(desk.rung(2, 1, 3, 4))).toEqual([2]);
    expect(stopped(desk.end(2, trialEnd(1)))).toEqual([1]);
  });

  it('stops a trial without a finite value, which counts as the worst', () => {
    const desk = asha();
    desk.step();
    expect(stopped(desk.rung(1, 0, 1, null))).toEqual([1]);
  });

  it('fails with what the log has when it has no such metric', () => {
    const desk = asha();
    desk.step();
    desk.rung(1, 0, 1, null, ['loss', 'lr']);
    expect(desk.sweep.memory.ending?.reason).toBe('the training log told no metric "train.loss"; known: loss, lr');
  });
});

describe('a sweep whose trials tell bands', () => {
  it('stops who is worse than the best of a band, and lets the others go on', () => {
    const earlyTerminate: EarlyTerminate = {
      type: 'hyperband',
      eta: 3,
      s: 2,
      minIter: null,
      maxIter: 27,
      strict: false,
      metric: null,
    };
    const desk = new SweepAtDesk(sweepSpec({ earlyTerminate, concurrency: 3 }), bands);
    desk.step();
    expect(desk.rung(1, 0, 3, 5)).toEqual([]);
    expect(stopped(desk.rung(2, 0, 3, 6))).toEqual([2]);
    expect(desk.rung(3, 0, 3, 4)).toEqual([]);
    expect(begun(desk.end(2, trialEnd(null, { status: 'stopped' })))).toEqual([4]);
    expect(desk.sweep.memory.recent.findLast(decision => decision.kind === 'end')).toMatchObject({
      why: expect.stringMatching(/6/),
    });
  });
});

describe('what a sweep knows', () => {
  /** Any events in any order, for trials that there are and that there are not. */
  const events = fc.array(
    fc.oneof(
      fc.record({
        do: fc.constant('end' as const),
        trial: fc.integer({ min: 1, max: 12 }),
        score: fc.option(fc.double({ noNaN: false })),
        failed: fc.boolean(),
      }),
      fc.record({
        do: fc.constant('rung' as const),
        trial: fc.integer({ min: 1, max: 12 }),
        rung: fc.integer({ min: 0, max: 2 }),
        value: fc.option(fc.double({ noNaN: true })),
      }),
      fc.record({
        do: fc.constant('steer' as const),
        kind: fc.constantFrom('pause' as const, 'resume' as const),
        trial: fc.constant(0),
      }),
      fc.record({ do: fc.constant('stopTrial' as const), trial: fc.integer({ min: 1, max: 12 }) }),
    ),
    { maxLength: 60 },
  );

  const play = (sampler: string, list: typeof events extends fc.Arbitrary<infer E> ? E : never, again: boolean) => {
    const desk = new SweepAtDesk(
      sweepSpec({ sampler, earlyTerminate: ASHA, concurrency: 3, budget: budget({ runCap: 10 }) }),
      waits,
    );
    let sweep = desk.sweep;
    const step = () => {
      for (let action = sweep.next(desk.now); action && action.do !== 'close'; action = sweep.next(desk.now)) {
        if (action.do !== 'ask') continue;
        const { next, count } = action;
        sweep.answered(
          Array.from({ length: count }, (_, i) => ({
            point: { 'train.extra_configs.lr': (next + i) / 100 },
            reason: 'asked',
          })),
        );
      }
    };
    step();
    for (const event of list) {
      desk.now += 1_000;
      if (again) sweep = new Sweep(memoryFrom(memoryInPieces(sweep.memory)));
      if (event.do === 'end')
        sweep.trialEnded(
          event.trial,
          trialEnd(event.score, event.failed ? { status: 'failed', why: 'x' } : {}),
          desk.now,
        );
      if (event.do === 'rung')
        sweep.rungTold(
          { kind: 'rung', trial: event.trial, rung: event.rung, step: 3 ** event.rung, value: event.value },
          desk.now,
        );
      if (event.do === 'steer') sweep.steered({ kind: event.kind }, desk.now);
      if (event.do === 'stopTrial') sweep.steered({ kind: 'stopTrial', trial: event.trial }, desk.now);
      step();
    }
    return sweep.memory;
  };

  it('is enough to go on from: carried over after every event, it decides the same', () => {
    fc.assert(
      fc.property(fc.constantFrom('random', 'tpe'), events, (sampler, list) => {
        expect(asJson(play(sampler, list, true))).toEqual(asJson(play(sampler, list, false)));
      }),
      { numRuns: 150 },
    );
  });

  it('is in its ledger: replayed, the same is decided', () => {
    fc.assert(
      fc.property(fc.constantFrom('random', 'tpe'), events, (sampler, list) => {
        const { unsaved } = JSON.parse(JSON.stringify(play(sampler, list, false))) as {
          unsaved: Parameters<typeof replay>[0];
        };
        expect(JSON.parse(JSON.stringify(replay(unsaved)))).toEqual(unsaved);
      }),
      { numRuns: 150, examples: [['random', [{ do: 'rung', trial: 1, rung: 0, value: -Infinity }]]] },
    );
  });

  it('never has more trials running than may, never begins a number twice, and closes only when all have ended', () => {
    fc.assert(
      fc.property(events, list => {
        const memory = play('random', list, false);
        expect(memory.open.filter(trial => trial.status === 'running').length).toBeLessThanOrEqual(3);
        const numbers = memory.unsaved.flatMap(decision => (decision.kind === 'suggest' ? [decision.trial] : []));
        expect(numbers).toEqual(numbers.map((_, i) => i + 1));
        if (memory.unsaved.some(decision => decision.kind === 'close')) expect(memory.open).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });
});
