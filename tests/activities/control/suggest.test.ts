import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { suggest } from '../../../activities/control/suggest.ts';
import { endIdleSampler } from '../../../activities/control/with-sampler.ts';
import { JobFailure } from '../../../activities/runtime/failure.ts';
import { randomPoint } from '../../../plan/sweep/random.ts';
import type { Metric, Point, Space, SuggestRequest, SweepTrial } from '../../../plan/sweep/types.ts';
import { trialAt } from '../../conformance/samplers.ts';

const fixtures = new URL('../../fixtures/samplers/', import.meta.url).pathname;
const METRIC: Metric = { name: 'train.loss', goal: 'minimize', target: null, impute: null };
const LINE: Space = [
  { name: 'x', distribution: { kind: 'uniform', min: 0, max: 1 } },
  { name: 'y', distribution: { kind: 'uniform', min: 0, max: 1 } },
];
const SIX: Space = [
  { name: 'which', distribution: { kind: 'categorical', values: ['a', 'b', 'c'] } },
  { name: 'count', distribution: { kind: 'int_uniform', min: 1, max: 2 } },
];

function ask(sampler: string, more: Partial<SuggestRequest> = {}, signal?: AbortSignal) {
  const trials = more.trials ?? [];
  const request = { sampler, space: LINE, metrics: [METRIC], seed: 0, trials, next: trials.length + 1, count: 1 };
  return suggest({ ...request, baseDir: fixtures, ...more }, { ...(signal && { signal }) });
}

function history(count: number, objective: (point: Point, trial: number) => number[], space = LINE): SweepTrial[] {
  return Array.from({ length: count }, (_, i) => {
    const point = randomPoint(space, 1, i + 1);
    return trialAt(i + 1, point, { objectives: objective(point, i + 1) });
  });
}

describe('points of a sampler', { timeout: 600_000 }, () => {
  it.each(['tpe', 'gp'])('of %s are those of random until ten trials have told something', async sampler => {
    const trials = history(9, () => [1]);
    const reason = `random: ${sampler} learns from 10 trials that have told something, there are 9; seed 0`;
    expect(await ask(sampler, { trials, count: 2 })).toEqual([
      { point: randomPoint(LINE, 0, 10), reason },
      { point: randomPoint(LINE, 0, 11), reason },
    ]);
  });

  it('say what they stand on', async () => {
    const trials = history(12, (_, trial) => [trial]);
    const open: Partial<SweepTrial> = { status: 'running', objectives: [null], finishedAt: null };
    trials.push(trialAt(13, randomPoint(LINE, 1, 13), open));
    trials.push(trialAt(14, randomPoint(LINE, 1, 14), { ...open, status: 'waiting', rungs: [{ step: 1, value: 3 }] }));
    const reasons = (await ask('tpe', { trials, count: 2 })).map(({ reason }) => reason);
    expect(reasons).toEqual([
      'tpe from 12 finished, 1 partly trained and 1 running trials, seed 0',
      'tpe from 12 finished, 1 partly trained and 2 running trials, seed 0',
    ]);
    expect((await ask('qmc', { trials }))[0]!.reason).toBe('qmc, seed 0');
  });

  it('are new as long as there are any: all of a small space are tried before one is tried again', async () => {
    const trials: SweepTrial[] = [];
    const reasons: string[] = [];
    while (trials.length < 14) {
      for (const { point, reason } of await ask('cmaes', { space: SIX, trials })) {
        trials.push(trialAt(trials.length + 1, point, { objectives: [point['which'] === 'b' ? 0 : 1] }));
        reasons.push(reason);
      }
    }
    expect(new Set(trials.slice(0, 6).map(({ point }) => JSON.stringify(point))).size).toBe(6);
    expect(reasons.slice(0, 6).join()).not.toContain('tried before,');
    expect(reasons.slice(6).every(reason => reason.includes('tried before, as no new one was found'))).toBe(true);
    expect((await ask('tpe', { space: SIX, trials }))[0]!.reason).toContain('no new one was found');
  });

  it('of grid end where all of it was tried, and leave out what a user has tried', async () => {
    const trials = [trialAt(1, { which: 'b', count: 1 })];
    expect(
      (await ask('grid', { space: SIX, trials, count: 10 })).map(({ point }) => Object.values(point).join('')),
    ).toEqual(['a1', 'a2', 'b2', 'c1', 'c2']);
  });

  it('of qmc lie evenly: of sixteen each has a sixteenth of every line for itself', async () => {
    const points = (await ask('qmc', { count: 16 })).map(({ point }) => point);
    for (const name of ['x', 'y'])
      expect(new Set(points.map(point => Math.floor(Number(point[name]) * 16))).size).toBe(16);
  });

  it('of nsga2 come near the trade-offs of two metrics: they beat as many random ones', async () => {
    const metrics: Metric[] = [METRIC, { ...METRIC, name: 'eval.score', goal: 'maximize' }];
    const told = ({ x, y }: Point) => [Number(x) + 3 * Number(y), Number(x) ** 0.5 - 3 * Number(y)];
    const trials: SweepTrial[] = [];
    while (trials.length < 100)
      for (const { point } of await ask('nsga2', { metrics, trials, count: 10 }))
        trials.push(trialAt(trials.length + 1, point, { objectives: told(point) }));
    const waste = (points: Point[]) => points.reduce((sum, { y }) => sum + Number(y), 0) / points.length;
    const last = trials.slice(-40).map(({ point }) => point);
    expect(waste(last)).toBeLessThan(0.75 * waste(history(40, told).map(({ point }) => point)));
  });

  it.each(['tpe', 'gp', 'qmc'])('of %s may be for two metrics', async sampler => {
    const metrics: Metric[] = [METRIC, { ...METRIC, name: 'eval.score', goal: 'maximize' }];
    const trials = history(12, ({ x, y }) => [Number(x), Number(y)]);
    expect(await ask(sampler, { metrics, trials, count: 2 })).toHaveLength(2);
  });

  it('follow values at rungs, whichever way those are better', async () => {
    const trials = history(40, () => []).map(each => ({
      ...each,
      status: 'stopped' as const,
      objectives: [null],
      rungs: [{ step: 10, value: Number(each.point['x']) }],
    }));
    const mean = async (rungGoal: 'minimize' | 'maximize') => {
      const points = await ask('tpe', { trials, count: 8, rungGoal });
      return points.reduce((sum, { point }) => sum + Number(point['x']), 0) / points.length;
    };
    expect(await mean('minimize')).toBeLessThan(0.3);
    expect(await mean('maximize')).toBeGreaterThan(0.7);
  });
});

describe('a sampler that cannot answer', () => {
  const home = process.env.DJ_SANDBOX_HOME;
  afterEach(() => {
    if (home === undefined) delete process.env.DJ_SANDBOX_HOME;
    else process.env.DJ_SANDBOX_HOME = home;
  });

  it.each([
    [
      'anneal',
      'there is no sampler "anneal": expected one of grid, random, tpe, gp, cmaes, qmc, nsga2, or module:Class of your own',
    ],
    [
      'not_there:Sampler',
      "sampler not_there:Sampler: module not_there cannot be imported from .*: No module named 'not_there'",
    ],
    ['own_samplers:Missing', 'own_samplers has no class Missing derived from optuna.samplers.BaseSampler'],
    ['own_samplers:NoSampler', 'own_samplers has no class NoSampler derived from optuna.samplers.BaseSampler'],
    ['own_samplers:Unseeded', 'Unseeded\\(seed=…\\) must make one'],
    ['own_samplers:Outside', 'answered x = 1.5, which is not in FloatDistribution'],
    ['own_samplers:NotANumber', 'answered x = nan, which is not in FloatDistribution'],
    ['own_samplers:Broken', "sampler own_samplers:Broken: KeyError: 'missing'"],
  ])('%s fails for good, and says why', async (sampler, sentence) => {
    const failure = ask(sampler);
    await expect(failure).rejects.toBeInstanceOf(JobFailure);
    await expect(failure).rejects.toThrow(new RegExp(sentence));
  });

  it('cmaes with two metrics fails for good', async () => {
    const failure = ask('cmaes', { metrics: [METRIC, METRIC], trials: history(12, () => [1, 2]) });
    await expect(failure).rejects.toThrow('sampler cmaes: it takes one metric; nsga2 takes several');
  });

  it('without its Python environment fails for good, with the command that makes it', async () => {
    process.env.DJ_SANDBOX_HOME = mkdtempSync(join(tmpdir(), 'no-home-'));
    endIdleSampler();
    await expect(ask('qmc')).rejects.toThrow(
      /^sampler qmc: it needs the Python environment samplers.* run `npm run setup`/,
    );
  });

  it('with a broken Python environment fails for good, with the last that it said', async () => {
    const home = mkdtempSync(join(tmpdir(), 'broken-home-'));
    process.env.DJ_SANDBOX_HOME = home;
    endIdleSampler();
    mkdirSync(join(home, 'envs', 'samplers', 'bin'), { recursive: true });
    const python = join(home, 'envs', 'samplers', 'bin', 'python');
    writeFileSync(python, '#!/bin/sh\necho "No module named optuna" >&2\nexit 3\n', { mode: 0o755 });
    await expect(ask('qmc')).rejects.toThrow('sampler qmc: its process exited with code 3: No module named optuna');
    await expect(ask('qmc')).rejects.toBeInstanceOf(JobFailure);
  });

  it('whose process was killed may be asked again: that is no failure for good', async () => {
    const failure = ask('own_samplers:Killed');
    await expect(failure).rejects.toThrow('sampler own_samplers:Killed: its process was ended by SIGKILL');
    await expect(failure).rejects.not.toBeInstanceOf(JobFailure);
  });

  it('is ended once nobody wants its answer', async () => {
    const wanted = new AbortController();
    const answer = ask('own_samplers:Endless', {}, wanted.signal);
    setTimeout(() => wanted.abort(), 100);
    await expect(answer).rejects.toThrow('its process was no longer needed');
  });
});
