// How often a study finds an effect that is there, and one that is not: whole studies on scores with normal noise.
import { describe, expect, it } from 'vitest';
import type { StudySpec } from '../../../plan/study/types.ts';
import { normals, StudyAtDesk, studySpec } from '../../support/studies.ts';

/** Runs a study in which pool `b.high`, and what is made of it, is better by `effect` deviations between seeds. */
function studied(seed: number, effect: number, more: Partial<StudySpec> = {}) {
  const noise = normals(seed);
  const desk = new StudyAtDesk(studySpec({ repeat: [], ...more }), ({ parts }) => {
    const isBetter = parts.some(({ stat, end }) => stat === 'b' && end === 'high');
    return 50 + (isBetter ? effect : 0) + noise();
  });
  desk.run();
  return desk.study.table();
}

const times = (count: number, holds: (seed: number) => boolean) =>
  Array.from({ length: count }, (_, seed) => holds(seed)).filter(Boolean).length;

const found =
  (effect: number, more: Partial<StudySpec> = {}) =>
  (seed: number) => {
    const { winner } = studied(seed, effect, more);
    return winner?.proven === true && winner.parts.some(({ stat, end }) => stat === 'b' && end === 'high');
  };

describe('the verdict on a pool that is better', () => {
  it('finds it in 10 of 10 seeds where it is better by 4 deviations, with 3 seeds a point', () => {
    expect(times(10, found(4))).toBe(10);
  });

  it('finds it in 10 of 10 seeds where it is better by 3 deviations, with 5 seeds a point', () => {
    expect(times(10, found(3, { seeds: [1, 2, 3, 4, 5] }))).toBe(10);
  });
});

describe('the verdict where no pool is better', () => {
  it('calls one better or worse in no more studies than alpha says', () => {
    const errs = times(400, seed => {
      const { stages } = studied(seed, 0, { combine: 0 });
      return stages[0]!.points.some(({ comparison }) => comparison && ['better', 'worse'].includes(comparison.verdict));
    });
    // Of 400 at 0.05: 20, and three standard deviations more.
    expect(errs).toBeLessThanOrEqual(33);
  });
});
