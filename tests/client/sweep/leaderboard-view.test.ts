import { Ansis } from 'ansis';
import { describe, expect, it } from 'vitest';
import { leaderboardCsv, leaderboardJson, leaderboardLines } from '../../../client/sweep/leaderboard-view.ts';
import { columns } from '../../../client/text.ts';
import { pointText, shortNames } from '../../../plan/sweep/point-text.ts';
import { board, PARAMETERS, TRIALS, trial } from './boards.ts';

const plain = { width: 200, paint: new Ansis(0) };

describe('a leaderboard as a table', () => {
  const lines = leaderboardLines(board(), plain);
  it('has a column for the objective, each parameter by its short name, steps, GPU time and reused jobs', () => {
    expect(lines[0]).toMatch(/^# +TRIAL +STATE +quality ↑ +min_len +k +STEPS +GPU TIME +REUSED$/);
    expect(lines[1]).toMatch(/^1 +3 +done +0\.8123 +30 +1\.5 +60 +1:15 +2$/);
    expect(lines[2]).toMatch(/^2 +1 +done +0\.5 +10 +1\.5 +60$/);
  });
  it('shows what a trial told at its furthest rung, where it has no objective yet', () => {
    expect(lines[4]).toMatch(/^4 +5 +waiting +\(0\.91 at 20\) +50 +1\.5 +20/);
    expect(lines[3]).toMatch(/^3 +6 +running +– /);
  });
  it('says why a trial was stopped or failed', () => {
    expect(lines[5]).toMatch(/stopped .* not among the best of rung 1$/);
    expect(lines[6]).toMatch(/failed .* it ran out of memory, "twice"$/);
  });
  it.each([20, 40, 80])('keeps to %i columns', width => {
    for (const line of leaderboardLines(board(), { ...plain, width })) expect(columns(line)).toBeLessThanOrEqual(width);
  });
  it('without a trial says so', () => {
    expect(leaderboardLines(board({ trials: [] }), plain)).toEqual(['no trial has begun yet']);
  });
});

describe('a leaderboard as data', () => {
  it('has every trial with its rank, id, parameters and objectives by name', () => {
    const json = leaderboardJson(board()) as { trials: object[] };
    expect(json).toMatchObject({
      sweep: 'my-sweep',
      metrics: [{ name: 'score.quality', goal: 'maximize' }],
      parameters: PARAMETERS,
    });
    expect(json.trials).toHaveLength(6);
    expect(json.trials[0]).toEqual({
      rank: 1,
      trial: 3,
      id: 'my-sweep.trial-3',
      state: 'done',
      objective: 0.8123,
      objectives: { 'score.quality': 0.8123 },
      parameters: { 'text_length_filter.min_len': 30, 'before.extra_configs.k': 1.5 },
      steps: 60,
      gpuSeconds: 75,
      reused: 2,
      rungs: [],
      why: null,
      startedAt: '2025-06-11T14:00:03.000Z',
      finishedAt: '2025-06-11T14:01:03.000Z',
    });
  });
  it('is CSV with full names, quotes where they are needed, and nothing for what is unknown', () => {
    const lines = leaderboardCsv(board({ trials: [TRIALS[0]!, TRIALS[2]!, TRIALS[5]!] })).split('\n');
    expect(lines).toEqual([
      'rank,trial,state,score.quality,text_length_filter.min_len,before.extra_configs.k,steps,gpu_seconds,reused,why',
      '1,3,done,0.8123,30,1.5,60,75,2,',
      '2,6,running,,60,1.5,,0,0,',
      '3,2,failed,,20,1.5,,75,2,"it ran out of memory, ""twice"""',
      '',
    ]);
  });
  it('keeps lists and maps of a point as JSON', () => {
    const one = trial(1, { point: { [PARAMETERS[0]!]: ['a', 'b'], [PARAMETERS[1]!]: 'x,y' } });
    expect(leaderboardCsv(board({ trials: [one] }))).toContain('"[""a"",""b""]","x,y"');
  });
});

describe('names of parameters', () => {
  it('are cut to what tells them apart', () => {
    const names = ['a.b.seed', 'a.c.seed', 'x.lr', 'k'];
    expect([...shortNames(names).values()]).toEqual(['b.seed', 'c.seed', 'lr', 'k']);
    expect(pointText({ 'a.b.seed': 1, 'x.lr': 2e-5, k: null, on: true }, names)).toBe(
      'b.seed=1, lr=2.00e-5, k=null, on=true',
    );
  });
});
