import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { describe, expect, it } from 'vitest';
import { againstBaseline, type Demands, isBetter } from '../../../plan/statistics/against-baseline.ts';

const DEMANDS: Demands = { goal: 'maximize', minEffect: 0, confidence: 0.95, allowFailed: false };
const BASELINE = [0.5, 0.52, 0.48, 0.51, 0.49];
const better = BASELINE.map(value => value + 0.1);

function one(results: (number | null)[], demands: Partial<Demands> = {}, baseline: (number | null)[] = BASELINE) {
  return againstBaseline([{ results, baseline }], { ...DEMANDS, ...demands })[0]!;
}

describe('against a baseline', () => {
  it('a planted effect helps, its opposite does not, and the other way round where less is better', () => {
    expect(one(better)).toMatchObject({
      helps: true,
      failed: 0,
      why: expect.stringMatching(/^effect 0\.1, p 0\.00000\d+$/),
    });
    expect(one(better, { goal: 'minimize' })).toMatchObject({
      helps: false,
      why: 'it is not better than the baseline (effect -0.1)',
    });
    const worse = BASELINE.map(value => value - 0.1);
    expect(one(worse).helps).toBe(false);
    const lower = one(worse, { goal: 'minimize' });
    expect(lower.helps).toBe(true);
    expect(lower.own.mean).toBeCloseTo(0.4, 12);
    expect(lower.effect).toBeCloseTo(0.1, 12);
  });
  it('an effect below the minimum does not help, however sure it is', () => {
    expect(one(better, { minEffect: 0.2 })).toMatchObject({
      helps: false,
      why: 'its effect 0.1 is below the minimum 0.2',
    });
  });
  it('an effect that may be noise does not help', () => {
    expect(one([0.4, 0.7, 0.52])).toMatchObject({
      helps: false,
      why: expect.stringMatching(/^its effect 0\.04 may be noise \(p 0\.\d+, above 0\.05\)$/),
    });
  });
  it('of one seed nothing can be said, of a pool as of a baseline, however large the difference', () => {
    expect(one([9])).toMatchObject({ helps: false, p: null, why: expect.stringContaining('one seed alone') });
    expect(one(better, {}, [0.1])).toMatchObject({
      helps: false,
      p: null,
      why: expect.stringContaining('the baseline has a result of one seed'),
    });
  });
  it('of results that are the same with every seed nothing can be said either', () => {
    expect(one([0.9, 0.9, 0.9], {}, [0.5, 0.5, 0.5])).toMatchObject({
      helps: false,
      p: null,
      why: expect.stringContaining('are the seeds different?'),
    });
  });
  it('a pool with a run that failed or gave NaN is not chosen by those that survived, unless it is asked for', () => {
    for (const failed of [null, Number.NaN, Infinity]) {
      expect(one([...better, failed])).toMatchObject({
        helps: false,
        failed: 1,
        p: null,
        why: '1 of its 6 runs failed, and the mean of the others is no fair one',
      });
      expect(one([...better, failed], { allowFailed: true })).toMatchObject({ helps: true, failed: 1 });
    }
    expect(one([null, null])).toMatchObject({ helps: false, why: 'all 2 of its runs failed' });
    expect(one([])).toMatchObject({ helps: false, why: 'it has no results' });
  });
  it('failed runs of the baseline are left out: they make it better, so that no pool is chosen for them', () => {
    expect(one(better, {}, [...BASELINE, null])).toMatchObject({ helps: true });
    expect(one(better, {}, [null])).toMatchObject({ helps: false, why: 'the baseline has no result' });
  });
  it('what is tried beside it makes the demand on each stricter', () => {
    const results = [0.53, 0.55, 0.52];
    const alone = one(results);
    const among = againstBaseline(
      Array.from({ length: 8 }, () => ({ results, baseline: BASELINE })),
      DEMANDS,
    );
    expect(alone.helps).toBe(true);
    expect(among.map(each => each.helps)).toEqual(Array(8).fill(false));
    expect(among[0]!.p).toBeCloseTo(alone.p! * 8, 9);
    expect(among[0]!.why).toContain('after Holm over 8');
  });
  it('compares two of them as well', () => {
    const [high, low] = againstBaseline(
      [better, BASELINE].map(results => ({ results, baseline: BASELINE })),
      DEMANDS,
    );
    expect([isBetter(high!, low!, DEMANDS), isBetter(low!, high!, DEMANDS)]).toEqual([true, false]);
    expect(isBetter(low!, high!, { ...DEMANDS, goal: 'minimize' })).toBe(true);
  });
});

describe('over many studies of six pools and five seeds', () => {
  const STUDIES = 400;
  const random = xoroshiro128plus(7);
  const normal = () =>
    Math.sqrt(-2 * Math.log(1 - uniformFloat64(random))) * Math.cos(2 * Math.PI * uniformFloat64(random));
  const runs = (mean: number) => Array.from({ length: 5 }, () => mean + normal());
  const study = (means: number[]) => {
    const baseline = runs(0);
    return againstBaseline(
      means.map(mean => ({ results: runs(mean), baseline })),
      DEMANDS,
    );
  };
  it('noise alone is taken for an effect in at most five of a hundred', () => {
    let wrong = 0;
    for (let i = 0; i < STUDIES; i++) if (study([0, 0, 0, 0, 0, 0]).some(each => each.helps)) wrong++;
    // 20 expected at most; the seed is fixed, so that this is no matter of luck.
    expect(wrong).toBeLessThanOrEqual(0.05 * STUDIES);
  });
  it('an effect of four deviations is found, and by the right pool', () => {
    let found = 0;
    for (let i = 0; i < STUDIES; i++) {
      const standings = study([0, 4, 0, 0, 0, 0]);
      const best = standings.filter(each => each.helps).sort((a, b) => b.effect - a.effect)[0];
      if (best === standings[1]) found++;
    }
    expect(found).toBeGreaterThanOrEqual(0.95 * STUDIES);
  });
});
