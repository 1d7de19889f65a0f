// What any sampler of a sweep must do, also a user's own:
//
//     import { samplerLaws } from '…/tests/conformance/samplers.ts';
//     samplerLaws({ sampler: 'my_module:MySampler', baseDir: '/where/my_module.py/is', learns: { trials: 30, seeds: 5, factor: 0.8 } });
import { describe, expect, it } from 'vitest';
import { suggest } from '../../activities/control/suggest.ts';
import { endIdleSampler } from '../../activities/control/with-sampler.ts';
import { problemOf } from '../../plan/sweep/distributions.ts';
import { randomPoint } from '../../plan/sweep/random.ts';
import type { Metric, Point, Space, SuggestRequest, SweepTrial } from '../../plan/sweep/types.ts';

export interface SamplerUnderTest {
  /** As a sweep file names it. */
  sampler: string;
  /** Where the module of a sampler of one's own is. */
  baseDir?: string;
  /** It takes only parameters whose values can be enumerated. */
  enumerates?: boolean;
  /**
   * Where it looks at what came of trials: after so many its best is at most `factor` times that of random ones, in the median over seeds. It is asked
   * for `atOnce` points at a time.
   */
  learns?: { trials: number; seeds: number; factor: number; atOnce?: number };
}

const METRIC: Metric = { name: 'train.loss', goal: 'minimize', target: null, impute: null };
/** Loading torch on a busy machine takes most of it. */
const SLOW_MS = 600_000;

const ENUMERABLE: Space = [
  { name: 'op.fixed', distribution: { kind: 'constant', value: { any: ['thing'] } } },
  { name: 'op.which', distribution: { kind: 'categorical', values: ['a', null, 3, { b: true }] } },
  { name: 'op.count', distribution: { kind: 'int_uniform', min: -2, max: 5 } },
  { name: 'op.step', distribution: { kind: 'q_uniform', min: 0.1, max: 1, q: 0.3 } },
  { name: 'op.flag', distribution: { kind: 'categorical', values: [true, false] } },
];

const EVERY_KIND: Space = [
  ...ENUMERABLE,
  {
    name: 'op.weighted',
    distribution: { kind: 'categorical_w_probabilities', values: ['x', 'y'], probabilities: [0.9, 0.1] },
  },
  { name: 'op.many', distribution: { kind: 'int_uniform', min: 0, max: 1_000_000 } },
  { name: 'a.uniform', distribution: { kind: 'uniform', min: -3, max: 2 } },
  { name: 'a.exponents', distribution: { kind: 'log_uniform', min: -9, max: -2 } },
  { name: 'a.values', distribution: { kind: 'log_uniform_values', min: 1e-5, max: 1e-1 } },
  { name: 'a.inverse', distribution: { kind: 'inv_log_uniform', min: 1, max: 3 } },
  { name: 'a.inverse_values', distribution: { kind: 'inv_log_uniform_values', min: 0.5, max: 2 } },
  { name: 'a.stepped', distribution: { kind: 'q_log_uniform_values', min: 8, max: 512, q: 8 } },
  { name: 'a.stepped_exponents', distribution: { kind: 'q_log_uniform', min: 0, max: 4, q: 2 } },
  { name: 'a.normal', distribution: { kind: 'normal', mu: 1, sigma: 2 } },
  { name: 'a.stepped_normal', distribution: { kind: 'q_normal', mu: 1, sigma: 2, q: 0.5 } },
  { name: 'a.log_normal', distribution: { kind: 'log_normal', mu: 0, sigma: 1 } },
  { name: 'a.stepped_log_normal', distribution: { kind: 'q_log_normal', mu: 3, sigma: 1, q: 4 } },
  { name: 'a.beta', distribution: { kind: 'beta', a: 2, b: 5 } },
  { name: 'a.stepped_beta', distribution: { kind: 'q_beta', a: 2, b: 2, q: 0.1 } },
];

/** A bowl whose bottom is 0; what matters little is flat. */
const BOWL: Space = [
  { name: 'x', distribution: { kind: 'uniform', min: -5, max: 5 } },
  { name: 'rate', distribution: { kind: 'log_uniform_values', min: 1e-6, max: 1 } },
];
const depth = ({ x, rate }: Point) => (Number(x) - 2) ** 2 + (Math.log10(Number(rate)) + 2) ** 2;

/** A trial that is done, unless said otherwise. */
export function trialAt(trial: number, point: Point, more: Partial<SweepTrial> = {}): SweepTrial {
  return {
    trial,
    point,
    status: 'done',
    objectives: [Math.sin(trial * 7)],
    rungs: [],
    why: null,
    steps: null,
    gpuSeconds: 0,
    reused: 0,
    startedAt: trial * 1_000,
    finishedAt: trial * 1_000 + 500,
    ...more,
  };
}

const running = (trial: number, point: Point) =>
  trialAt(trial, point, { status: 'running', objectives: [null], finishedAt: null });

/** Trials 1 … count of random points, with some objectives. */
function history(space: Space, count: number, seed = 1): SweepTrial[] {
  return Array.from({ length: count }, (_, i) => trialAt(i + 1, randomPoint(space, seed, i + 1)));
}

/** Declares the laws as tests. */
export function samplerLaws({ sampler, baseDir, enumerates, learns }: SamplerUnderTest): void {
  const space = enumerates ? ENUMERABLE : EVERY_KIND;
  const ask = (trials: SweepTrial[], count: number, more: Partial<SuggestRequest> = {}) =>
    suggest({
      sampler,
      space,
      metrics: [METRIC],
      seed: 3,
      trials,
      next: trials.length + 1,
      count,
      ...(baseDir !== undefined && { baseDir }),
      ...more,
    });
  const pointsOf = async (...args: Parameters<typeof ask>) => (await ask(...args)).map(({ point }) => point);

  function expectInside(points: Point[], of: Space = space): void {
    for (const point of points) {
      expect(Object.keys(point)).toEqual(of.map(({ name }) => name));
      for (const { name, distribution } of of) expect(problemOf(distribution, point[name]!), name).toBeNull();
    }
  }

  describe(`sampler ${sampler}`, { timeout: SLOW_MS }, () => {
    it.each([0, 12, 45])('keeps to bounds, types and steps of every distribution, after %i trials', async count => {
      const points = await pointsOf(history(space, count), 4);
      expect(points).toHaveLength(4);
      expectInside(points);
    });

    it('says in a clause where a point comes from', async () => {
      for (const { reason } of await ask(history(space, 12), 2)) {
        expect(reason.length).toBeGreaterThan(5);
        expect(reason.length).toBeLessThan(200);
        expect(reason).not.toMatch(/\n/);
      }
    });

    it('gives equal answers to equal requests, in another process too, whatever threads and hashes that has', async () => {
      const trials = [...history(space, 14), running(15, randomPoint(space, 9, 15))];
      const first = await ask(trials, 3);
      expect(await ask(trials, 3)).toEqual(first);
      endIdleSampler();
      const { OMP_NUM_THREADS, PYTHONHASHSEED } = process.env;
      Object.assign(process.env, { OMP_NUM_THREADS: '2', PYTHONHASHSEED: '77' });
      try {
        expect(await ask(structuredClone(trials), 3)).toEqual(first);
      } finally {
        for (const [name, value] of Object.entries({ OMP_NUM_THREADS, PYTHONHASHSEED }))
          if (value === undefined) delete process.env[name];
          else process.env[name] = value;
      }
    });

    it('gives several points at once that differ, and are those that come one by one', async () => {
      const trials = history(space, 14);
      const atOnce = await pointsOf(trials, 4);
      expect(new Set(atOnce.map(point => JSON.stringify(point))).size).toBe(4);
      const oneByOne: Point[] = [];
      for (let i = 0; i < 4; i++) {
        const [point] = await pointsOf([...trials, ...oneByOne.map((each, j) => running(15 + j, each))], 1);
        oneByOne.push(point!);
      }
      expect(oneByOne).toEqual(atOnce);
    });

    it('goes on where trials have failed, told no number, were stopped, or wait at a rung', async () => {
      const kinds: Partial<SweepTrial>[] = [
        { status: 'failed', objectives: [null] },
        { objectives: [Number.NaN] },
        { objectives: [null] },
        { status: 'stopped', objectives: [null], rungs: [{ step: 3, value: 0.5 }] },
        { status: 'stopped', objectives: [null] },
        { status: 'waiting', objectives: [null], rungs: [{ step: 3, value: 0.4 }], finishedAt: null },
        {},
      ];
      const mixed = history(space, 42).map((each, i) => ({ ...each, ...kinds[i % kinds.length] }));
      for (const impute of [null, 'worst', 'latest'] as const)
        expectInside(await pointsOf(mixed, 2, { metrics: [{ ...METRIC, impute }], rungGoal: 'maximize' }));
      const failed = history(space, 20).map(each => ({ ...each, ...kinds[0] }));
      expectInside(await pointsOf(failed, 2, { metrics: [{ ...METRIC, impute: 'worst' }] }));
    });

    it('goes on where all objectives are the same', async () => {
      expectInside(
        await pointsOf(
          history(space, 16).map(each => ({ ...each, objectives: [1] })),
          2,
        ),
      );
    });

    it('leaves out trials of another space: after a change of the space only those that fit it count', async () => {
      const changed = space.map(each =>
        each.name === 'op.count' ? { ...each, distribution: { kind: 'int_uniform' as const, min: 7, max: 30 } } : each,
      );
      const before = history(space, 14);
      const after = history(changed, 28, 2).slice(14);
      const points = await pointsOf([...before, ...after], 3, { space: changed });
      expectInside(points, changed);
      expect(await pointsOf(after, 3, { space: changed, next: 29 })).toEqual(points);
    });

    if (learns)
      it('finds the bottom of a bowl better than chance', async () => {
        const [own, chance]: [number[], number[]] = [[], []];
        for (let seed = 0; seed < learns.seeds; seed++) {
          const trials: SweepTrial[] = [];
          while (trials.length < learns.trials)
            for (const point of await pointsOf(trials, learns.atOnce ?? 2, { space: BOWL, seed }))
              trials.push(trialAt(trials.length + 1, point, { objectives: [depth(point)] }));
          own.push(Math.min(...trials.map(({ point }) => depth(point))));
          chance.push(Math.min(...trials.map(({ trial }) => depth(randomPoint(BOWL, seed, trial)))));
        }
        expect(median(own)).toBeLessThan(learns.factor * median(chance));
      });
  });
}

const median = (values: number[]) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
