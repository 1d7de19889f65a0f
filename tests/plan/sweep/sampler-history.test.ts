import { describe, expect, it } from 'vitest';
import { samplerHistory } from '../../../plan/sweep/sampler-history.ts';
import type { Metric, SuggestRequest, SweepTrial } from '../../../plan/sweep/types.ts';
import { UnitCube } from '../../../plan/sweep/unit-cube.ts';
import { LOSS, SPEC, trial } from './ledgers.ts';

function told(trials: SweepTrial[], more: Partial<SuggestRequest> = {}) {
  const request = { ...SPEC, metrics: SPEC.metrics, trials, next: 99, count: 1, ...more };
  return samplerHistory(request, new UnitCube(request.space));
}

const imputing = (impute: Metric['impute']): Metric[] => [{ ...LOSS, impute }];
const failed = (number: number, more: Partial<SweepTrial> = {}) =>
  trial(number, { status: 'failed', objectives: [null], ...more });
const rungs = [
  { step: 1, value: 0.9 },
  { step: 3, value: 0.4 },
];

describe('what a sampler is told of', () => {
  it('a finished trial: its place and its objective', () => {
    expect(told([trial(3)])).toMatchObject({
      past: [{ state: 'complete', point: [0.03, 3], values: [3], rungs: [] }],
      known: 1,
    });
  });

  it('several: in the order of their ends, those that run last', () => {
    const trials = [
      trial(1, { status: 'running', objectives: [null], finishedAt: null }),
      trial(2, { finishedAt: 9e6 }),
      trial(3),
    ];
    expect(told(trials).past.map(({ point }) => point[0])).toEqual([0.03, 0.02, 0.01]);
  });

  it('a trial of another space: nothing', () => {
    const point = { 'op.x': 7, 'op.n': 2 };
    expect(told([trial(1, { point }), trial(2, { point: { 'op.x': 0.5 } })])).toMatchObject({ past: [], known: 0 });
  });

  it('a failed trial: nothing, or what impute says', () => {
    const trials = [trial(2), trial(5), trial(3), failed(6), trial(4, { finishedAt: 1e9 })];
    const values = (impute: Metric['impute']) =>
      told(trials, { metrics: imputing(impute) })
        .past.filter(({ point }) => point[0] === 0.06)
        .map(each => each.values);
    expect(values(null)).toEqual([]);
    expect(values('worst')).toEqual([[5]]);
    expect(values('latest')).toEqual([[4]]);
    expect(told(trials, { metrics: [{ ...LOSS, goal: 'maximize', impute: 'worst' }] }).past).toContainEqual(
      expect.objectContaining({ point: [0.06, 6], values: [2] }),
    );
  });

  it('a failed trial before any is done: nothing', () => {
    expect(told([failed(1)], { metrics: imputing('worst') }).past).toEqual([]);
  });

  it('a trial whose objective is no finite number: as of a failed one', () => {
    for (const objective of [null, Number.NaN, Number.POSITIVE_INFINITY]) {
      const trials = [trial(1), trial(2, { objectives: [objective] })];
      expect(told(trials).past).toHaveLength(1);
      expect(told(trials, { metrics: imputing('worst') }).past).toMatchObject([{ values: [1] }, { values: [1] }]);
    }
  });

  it.each(['stopped', 'waiting', 'running'] as const)(
    'a trial that is %s after some rungs: its values there',
    status => {
      const trials = [trial(1, { status, objectives: [null], rungs, finishedAt: status === 'stopped' ? 9 : null })];
      expect(told(trials)).toMatchObject({
        past: [
          {
            state: 'pruned',
            values: null,
            rungs: [
              [1, 0.9],
              [3, 0.4],
            ],
          },
        ],
        known: 1,
      });
      expect(told(trials, { rungGoal: 'maximize' }).past[0]!.rungs).toEqual([
        [1, -0.9],
        [3, -0.4],
      ]);
      expect(told(trials, { sampler: 'module:Class' }).past[0]!.state).toBe('pruned');
    },
  );

  it('a trial that was stopped at a rung: the worst objective, for a sampler that knows no rungs', () => {
    const trials = [trial(1), trial(7), trial(3, { status: 'stopped', objectives: [null], rungs })];
    expect(told(trials, { sampler: 'gp' })).toMatchObject({ past: [{}, { values: [7] }, { values: [7] }], known: 2 });
    const waiting = [trial(1), trial(3, { status: 'waiting', objectives: [null], rungs, finishedAt: null })];
    expect(told(waiting, { sampler: 'gp' }).past[1]!.state).toBe('running');
  });

  it('a trial that was stopped by hand before it told anything: nothing', () => {
    expect(told([trial(1), trial(2, { status: 'stopped', objectives: [null] })], { sampler: 'gp' }).past).toHaveLength(
      1,
    );
  });

  it('very many: the best and the newest', () => {
    const trials = Array.from({ length: 500 }, (_, i) => trial(i + 1, { point: { 'op.x': i / 500, 'op.n': 1 } }));
    const { past, known } = told(trials, { sampler: 'gp' });
    expect(known).toBe(500);
    expect(past.map(({ values }) => values![0])).toEqual([
      ...Array.from({ length: 100 }, (_, i) => i + 1),
      ...Array.from({ length: 200 }, (_, i) => i + 301),
    ]);
    expect(told(trials, { sampler: 'cmaes' }).past).toHaveLength(500);
  });
});
