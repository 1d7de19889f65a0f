import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  neverPromotable,
  rungSteps,
  toFinish,
  toPromote,
  toStop,
  waitsAtRungs,
} from '../../../plan/sweep/early-termination.ts';
import type { EarlyTerminate, Rungs } from '../../../plan/sweep/types.ts';

type Of<T extends EarlyTerminate['type']> = Extract<EarlyTerminate, { type: T }>;
const hyperband = (spec: Partial<Of<'hyperband'>> = {}): EarlyTerminate => ({
  ...{ type: 'hyperband', eta: 3, s: 2, minIter: null, maxIter: 27, strict: false, metric: null, ...spec },
});
const median = (spec: Partial<Of<'median'>> = {}): EarlyTerminate => ({
  ...{ type: 'median', every: 10, minIter: 10, minTrials: 3, metric: null, ...spec },
});
const asha = (spec: Partial<Of<'asha'>> = {}): EarlyTerminate => ({
  ...{ type: 'asha', eta: 3, r: 1, R: 9, metric: null, ...spec },
});

/** Trials 1, 2, … told these at one rung. */
const rung = (...values: number[]) => values.map((value, i) => ({ trial: i + 1, value, best: value }));
const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);
const trials = (judged: { trial: number }[]) => judged.map(({ trial }) => trial);

/** What PyPI sweeps 0.3.0 was asked, at random, and answered. */
interface Asked {
  eta: number;
  goal: 'minimize' | 'maximize';
  strict: boolean;
  /** By band: trial and value. */
  rungs: [number, number][][];
  running: number[];
  stopped: number[];
}

const goals = fc.constantFrom('minimize' as const, 'maximize' as const);
const values = fc.array(
  fc.oneof(fc.integer({ min: -5, max: 5 }), fc.double({ min: -9, max: 9 }), fc.constant(Number.NaN)),
  { maxLength: 40 },
);
const mirrored = (rungs: Rungs): Rungs =>
  rungs.map(told => told.map(({ trial, value, best }) => ({ trial, value: -value!, best: -best! })));

describe('rung steps', () => {
  it.each([
    [hyperband({ maxIter: 27, s: 2 }), [3, 9]],
    [hyperband({ maxIter: 27, s: 3 }), [1, 3, 9]],
    [hyperband({ maxIter: 27, s: 9 }), [1, 3, 9]],
    [hyperband({ maxIter: 27, s: null }), [1, 3, 9]],
    [hyperband({ maxIter: 5, s: 2, eta: 2 }), [1, 2]],
    [hyperband({ maxIter: 100, s: 3 }), [3, 11, 33]],
    [hyperband({ maxIter: 100, s: 4, eta: 2.5 }), [2, 6, 16, 40]],
    [hyperband({ maxIter: 1000, s: 5, eta: 4 }), [3, 15, 62, 250]],
  ])('are the bands of wandb/sweeps for max_iter: %j', (spec, steps) => {
    expect(rungSteps(spec)).toEqual(steps);
  });

  it('are min_iter · eta^i without an end that a training could reach', () => {
    const steps = rungSteps(hyperband({ minIter: 3, maxIter: null, s: null }));
    expect(steps.slice(0, 5)).toEqual([3, 9, 27, 81, 243]);
    expect(steps.at(-1)).toBeGreaterThan(3e8);
    expect(rungSteps(hyperband({ minIter: 2, maxIter: null, s: null, eta: 1.5 })).slice(0, 6)).toEqual([
      2, 3, 4, 6, 10, 15,
    ]);
  });

  it('of the median rule are a hundred, `every` apart, and none at step 0', () => {
    expect(rungSteps(median({ minIter: 5, every: 10 })).slice(0, 3)).toEqual([5, 15, 25]);
    expect(rungSteps(median({ minIter: 0, every: 10 }))).toEqual(numbers(1, 100).map(i => 10 * i));
  });

  it('of asha are r · eta^k below R, at which trials wait', () => {
    expect(rungSteps(asha({ r: 1, R: 9 }))).toEqual([1, 3]);
    expect(rungSteps(asha({ r: 10, R: 100, eta: 2 }))).toEqual([10, 20, 40, 80]);
    expect(rungSteps(asha({ r: 9, R: 9 }))).toEqual([]);
    expect([asha(), hyperband(), median()].map(waitsAtRungs)).toEqual([true, false, false]);
  });

  it('grow, are whole and at most a hundred, whatever the numbers are', () => {
    const number = fc.double({ min: 0.1, max: 1e6, noNaN: true });
    const eta = fc.double({ min: 1, max: 10, noNaN: true });
    const specs = fc.oneof(
      fc.record({ maxIter: fc.option(number), minIter: number, s: fc.option(fc.nat(2000)), eta }).map(hyperband),
      fc.record({ every: number, minIter: fc.nat(1000) }).map(median),
      fc.record({ r: number, R: number, eta }).map(asha),
    );
    void fc.assert(
      fc.property(specs, spec => {
        const steps = rungSteps(spec);
        expect(steps.length).toBeLessThanOrEqual(100);
        expect(steps.every((step, i) => Number.isInteger(step) && step > (steps[i - 1] ?? 0))).toBe(true);
      }),
    );
  });
});

describe('hyperband', () => {
  it('stops 4 to 8 of losses 0 to 8 at one band, and 0 to 4 where more is better', () => {
    const rungs = [rung(0, 1, 2, 3, 4, 5, 6, 7, 8)];
    const all = new Set(numbers(1, 9));
    expect(trials(toStop(hyperband(), 'minimize', rungs, all))).toEqual([5, 6, 7, 8, 9]);
    expect(trials(toStop(hyperband(), 'maximize', rungs, all))).toEqual([1, 2, 3, 4, 5]);
    expect(toStop(hyperband(), 'minimize', rungs, new Set([1, 7]))).toEqual([
      {
        trial: 7,
        rung: 0,
        reason: 'its best so far at step 3, 6, is worse than the threshold 3 (n=9, eta=3)',
      },
    ]);
  });

  it('stops the worse of two, and none of equal ones', () => {
    expect(trials(toStop(hyperband(), 'minimize', [rung(2, 1)], new Set([1, 2])))).toEqual([1]);
    expect(toStop(hyperband(), 'minimize', [rung(1, 1, 1, 1)], new Set([1, 2, 3, 4]))).toEqual([]);
    expect(toStop(hyperband(), 'minimize', [rung(1)], new Set([1]))).toEqual([]);
    expect(toStop(hyperband(), 'minimize', [], new Set([1]))).toEqual([]);
  });

  // Answers of PyPI sweeps 0.3.0: histories 10 10 (running), 10 8 8 (running), 10 7 7 (running), 10 9 and 10 6 6 (finished).
  it('judges a trial where it got furthest, by the values that finished trials told too', () => {
    const told = (trial: number, value: number) => ({ trial, value, best: value });
    const rungs = [
      [1, 2, 3, 4, 5].map(trial => told(trial, 10)),
      [told(1, 10), told(2, 8), told(3, 7), told(4, 9), told(5, 6)],
    ];
    const spec = hyperband({ maxIter: 5, eta: 2, s: 2 });
    expect(trials(toStop(spec, 'minimize', rungs, new Set([1, 2, 3])))).toEqual([1]);
  });

  it('stops whom wandb/sweeps 0.3.0 stops', () => {
    const file = new URL('../../fixtures/sweeps/hyperband-of-wandb.json', import.meta.url);
    for (const { eta, goal, strict, rungs: told, running, stopped } of JSON.parse(
      readFileSync(file, 'utf8'),
    ) as Asked[]) {
      const better = goal === 'minimize' ? Math.min : Math.max;
      const bestOf = new Map<number, number>();
      const rungs = told.map(band =>
        band.map(([trial, value]) => {
          const best = better(value, bestOf.get(trial) ?? value);
          bestOf.set(trial, best);
          return { trial, value, best };
        }),
      );
      const spec = hyperband({ eta, strict, s: 3, maxIter: eta ** 3 });
      expect(trials(toStop(spec, goal, rungs, new Set(running)))).toEqual(stopped);
    }
  });

  it('forgives a bad moment unless it is strict', () => {
    const rungs = [rung(0, 1, 2), [{ trial: 1, value: 9, best: 0 }, ...rung(9, 1).slice(1)]];
    const both = new Set([1, 2]);
    expect(toStop(hyperband(), 'minimize', rungs, both)).toEqual([]);
    expect(toStop(hyperband({ strict: true }), 'minimize', rungs, both)).toEqual([
      { trial: 1, rung: 1, reason: 'its value at step 9, 9, is worse than the threshold 1 (n=2, eta=3)' },
    ]);
  });
});

describe('the median rule', () => {
  it('stops who is worse than the median of enough others', () => {
    const all = new Set(numbers(1, 5));
    expect(toStop(median(), 'minimize', [rung(1, 2, 3, 4, 5)], all)).toEqual([
      { trial: 4, rung: 0, reason: 'its best so far at step 10, 4, is worse than the median 3 of n=4 others' },
      { trial: 5, rung: 0, reason: 'its best so far at step 10, 5, is worse than the median 3 of n=4 others' },
    ]);
    expect(trials(toStop(median(), 'maximize', [rung(1, 2, 3, 4, 5)], all))).toEqual([1, 2]);
    expect(toStop(median({ minTrials: 5 }), 'minimize', [rung(1, 2, 3, 4, 5)], all)).toEqual([]);
  });
});

describe.each([
  ['hyperband', hyperband()],
  ['strict hyperband', hyperband({ strict: true })],
  ['the median rule', median()],
])('%s', (_, spec) => {
  const running = (told: Rungs) => new Set(told[0]?.map(({ trial }) => trial));

  it('stops only trials that are strictly worse than all that stay, never all of them, and what is no number is worst', () => {
    void fc.assert(
      fc.property(values, goals, (list, goal) => {
        const rungs = [rung(...list)];
        const stopped = new Set(trials(toStop(spec, goal, rungs, running(rungs))));
        const sign = goal === 'minimize' ? 1 : -1;
        const losses = list.map(value => (Number.isFinite(value) ? sign * value : Infinity));
        const worst = Math.max(...losses.filter((_, i) => !stopped.has(i + 1)));
        for (const trial of stopped) expect(losses[trial - 1]).toBeGreaterThan(worst);
        if (list.length > 0) expect(stopped.size).toBeLessThan(list.length);
      }),
    );
  });

  it('is the same for mirrored goals, and for rungs told in any order', () => {
    void fc.assert(
      fc.property(values, fc.infiniteStream(fc.double({ min: 0, max: 1 })), (list, random) => {
        const rungs = [rung(...list)];
        const shuffled = rungs[0]!
          .map(told => ({ told, at: random.next().value as number }))
          .sort((a, b) => a.at - b.at)
          .map(({ told }) => told);
        const stopped = trials(toStop(spec, 'minimize', rungs, running(rungs)));
        expect(trials(toStop(spec, 'maximize', mirrored(rungs), running(rungs)))).toEqual(stopped);
        expect(trials(toStop(spec, 'minimize', [shuffled], running(rungs)))).toEqual(stopped);
      }),
    );
  });

  it('promotes nobody', () => {
    const rungs = [rung(1, 2, 3)];
    expect(toPromote(spec, 'minimize', rungs, running(rungs))).toBeNull();
    expect(neverPromotable(spec, 'minimize', rungs, running(rungs), 0)).toEqual([]);
  });
});

/** Rungs that trials came to, and who waits where. */
class Ladder {
  readonly rungs: Rungs = [];
  readonly waiting = new Set<number>();
  readonly promoted: { trial: number; rung: number }[] = [];

  tell(trial: number, at: number, value: number): void {
    while (this.rungs.length <= at) this.rungs.push([]);
    this.rungs[at]!.push({ trial, value, best: value });
    this.waiting.add(trial);
  }

  promote(spec: EarlyTerminate, goal: 'minimize' | 'maximize'): { trial: number; rung: number } | null {
    const next = toPromote(spec, goal, this.rungs, this.waiting);
    if (next === null) return null;
    this.waiting.delete(next.trial);
    this.promoted.push(next);
    return next;
  }
}

describe('asha', () => {
  it('trains nine trials to 1, three to 3 and one to 9', () => {
    const spec = asha({ r: 1, R: 9, eta: 3 });
    const ladder = new Ladder();
    const reached = [0, 0, 0];
    for (const trial of numbers(1, 9)) ladder.tell(trial, 0, [5, 2, 8, 1, 9, 3, 7, 4, 6][trial - 1]!);
    reached[0] = 9;
    for (const at of [1, 2]) {
      const group: number[] = [];
      for (let next = ladder.promote(spec, 'minimize'); next; next = ladder.promote(spec, 'minimize'))
        group.push(next.trial);
      for (const trial of group) if (at < 2) ladder.tell(trial, at, trial === 6 ? 0 : trial);
      reached[at] = group.length;
    }
    expect(reached).toEqual([9, 3, 1]);
    expect(ladder.promoted.map(({ trial, rung }) => [trial, rung])).toEqual([
      [4, 0],
      [2, 0],
      [6, 0],
      [6, 1],
    ]);
  });

  it('looks at the top rung first, says why, and prefers the older of equal trials', () => {
    const rungs = [rung(3, 1, 2, 1, 9, 9), [2, 4, 3].map(trial => ({ trial, value: trial, best: trial }))];
    expect(toPromote(asha(), 'minimize', rungs, new Set([1, 2, 3, 4, 5, 6]))).toEqual({
      trial: 2,
      rung: 1,
      reason: '2 at step 3 is number 1 of n=3: among the best 1 (eta=3)',
    });
    expect(toPromote(asha(), 'minimize', [rung(3, 1, 2, 1, 9, 9)], new Set([4, 2]))?.trial).toBe(2);
    expect(toPromote(asha(), 'maximize', [rung(3, 1, 2, 1, 9, 9)], new Set([5, 6]))?.trial).toBe(5);
  });

  it('counts trials that died or were stopped where they waited, and promotes nobody in their place', () => {
    expect(toPromote(asha(), 'minimize', [rung(1, 2, 3)], new Set([2, 3]))).toBeNull();
    expect(toPromote(asha(), 'minimize', [rung(1, 2, 3, 4, 5, 6)], new Set([2, 3]))?.trial).toBe(2);
  });

  it('never promotes a trial that told no number, not even as the best of such', () => {
    const rungs = [[...rung(Number.NaN, Number.NaN), { trial: 3, value: null as unknown as number, best: 0 }]];
    const all = new Set([1, 2, 3]);
    expect(toPromote(asha(), 'minimize', rungs, all)).toBeNull();
    expect(toFinish(asha(), 'minimize', rungs, all)).toBeNull();
    expect(trials(neverPromotable(asha(), 'minimize', rungs, all, 100))).toEqual([1, 2, 3]);
  });

  it('brings the best of few trials to its end', () => {
    const spec = asha({ R: 27 });
    const rungs = [rung(3, 1, 2, 4), [{ trial: 2, value: 5, best: 1 }]];
    expect(toPromote(spec, 'minimize', rungs, new Set([1, 2, 3, 4]))).toBeNull();
    expect(toFinish(spec, 'minimize', rungs, new Set([1, 2, 3, 4]))).toMatchObject({ trial: 2, rung: 1 });
  });

  it('lets those go that no further trial could bring among the best', () => {
    const six = [rung(1, 2, 3, 4, 5, 6)];
    const waiting = new Set([3, 4, 5, 6]);
    expect(trials(neverPromotable(asha(), 'minimize', six, waiting, 0))).toEqual([3, 4, 5, 6]);
    expect(neverPromotable(asha(), 'minimize', six, waiting, 5)).toEqual([
      ...[4, 5, 6].map(trial => ({
        trial,
        rung: 0,
        reason: `${trial} at step 1 is number ${trial} of n=6: at most the best 3 will go on (eta=3)`,
      })),
    ]);
    expect(neverPromotable(asha(), 'minimize', six, waiting, Infinity)).toEqual([]);
  });

  /** A sweep as it may go: trials begin, tell, die; whoever can be is promoted, now and then. */
  const sweeps = fc.record({
    goal: goals,
    eta: fc.constantFrom(2, 3, 4),
    total: fc.integer({ min: 0, max: 40 }),
    moves: fc.array(
      fc.record({
        what: fc.constantFrom('begin', 'begin', 'tell', 'tell', 'promote', 'promote', 'die'),
        who: fc.nat(),
        value: fc.oneof(fc.integer({ min: 0, max: 20 }), fc.constant(Number.NaN)),
      }),
      { maxLength: 150 },
    ),
  });

  it('promotes no trial twice from a rung, only who is among the best then and alive, and lets go nobody whom it would promote later', () => {
    void fc.assert(
      fc.property(sweeps, ({ goal, eta, total, moves }) => {
        const spec = asha({ eta, r: 1, R: eta ** 3 });
        const ladder = new Ladder();
        const running: { trial: number; rung: number }[] = [];
        const letGo = new Set<number>();
        let begun = 0;
        const step = (what: string, who: number, value: number) => {
          if (what === 'begin' && begun < total) running.push({ trial: ++begun, rung: 0 });
          const at = running.length > 0 ? who % running.length : -1;
          if (what === 'tell' && at >= 0) {
            const [{ trial, rung: to }] = running.splice(at, 1) as [{ trial: number; rung: number }];
            if (to < rungSteps(spec).length) ladder.tell(trial, to, value);
          }
          if (what === 'die') {
            if (who % 2 === 0 && at >= 0) running.splice(at, 1);
            else ladder.waiting.delete([...ladder.waiting][who % (ladder.waiting.size || 1)] ?? 0);
          }
          if (what === 'promote') {
            const copy = structuredClone({ rungs: ladder.rungs, waiting: ladder.waiting });
            const before = new Set(ladder.waiting);
            const next = ladder.promote(spec, goal);
            expect(toPromote(spec, goal, copy.rungs, copy.waiting)).toEqual(next);
            if (next === null) return;
            expect(before.has(next.trial)).toBe(true);
            expect(letGo.has(next.trial)).toBe(false);
            const told = ladder.rungs[next.rung]!;
            const own = told.find(({ trial }) => trial === next.trial)!.value!;
            expect(own).not.toBeNaN();
            const better = told.filter(({ value }) => (goal === 'minimize' ? value! < own : value! > own));
            expect(better.length).toBeLessThan(Math.floor(told.length / eta));
            running.push({ trial: next.trial, rung: next.rung + 1 });
          }
          const coming = running.length + total - begun;
          for (const { trial } of neverPromotable(spec, goal, ladder.rungs, ladder.waiting, coming)) letGo.add(trial);
        };
        for (const { what, who, value } of moves) step(what, who, value);
        // To the end: all begin, all tell, whoever can be promoted is.
        for (let more = true; more; ) {
          const before = JSON.stringify([begun, running.length, ladder.promoted.length]);
          step('begin', 0, 0);
          step('promote', 0, 0);
          step('tell', 0, begun % 7);
          more = JSON.stringify([begun, running.length, ladder.promoted.length]) !== before;
        }
        const twice = ladder.promoted.map(({ trial, rung: at }) => `${trial} ${at}`);
        expect(new Set(twice).size).toBe(twice.length);
        expect(trials(neverPromotable(spec, goal, ladder.rungs, ladder.waiting, 0))).toEqual(
          [...ladder.waiting].sort((a, b) => a - b),
        );
      }),
    );
  });

  it('promotes the best floor(n / eta) of trials that all told before anybody was promoted', () => {
    void fc.assert(
      fc.property(values, goals, fc.constantFrom(2, 3, 4), (list, goal, eta) => {
        const ladder = new Ladder();
        for (const [i, value] of list.entries()) ladder.tell(i + 1, 0, value);
        while (ladder.promote(asha({ eta }), goal)) {}
        const finite = list.filter(Number.isFinite).length;
        expect(ladder.promoted.length).toBe(Math.min(finite, Math.floor(list.length / eta)));
      }),
    );
  });
});
