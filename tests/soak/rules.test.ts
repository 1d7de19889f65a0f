import { describe, expect, it } from 'vitest';
import { faultsOf } from './faults.ts';
import type { Played } from './ledger.ts';
import { VICTIMS } from './processes.ts';
import { Random } from './random.ts';
import { lostOf, madeAgain, oneAtATime, stepsInOrder, stepsTold } from './rules.ts';

const chain = ['d0', 'd1', 'd2', 'd3', 'd4', 'd5'];

/** A process that did steps after `from`, one a second. */
function process(pid: number, from: number, to: number, started = pid * 10): Played {
  const steps = chain.slice(from + 1, to + 1).map((digest, i) => ({ step: from + i + 1, digest, t: started + i + 1 }));
  const last = started + steps.length;
  return { pid, started, last, from, ended: false, steps, videos: [], devices: null, dimension: null };
}

describe('what the soak must not let pass', () => {
  const good = [process(1, 0, 3), process(2, 2, 5)];
  const told = new Map([
    [1, [1, 2, 3]],
    [2, [3, 4, 5]],
  ]);

  it('a training that was resumed from an earlier checkpoint is well, and has lost what it did again', () => {
    expect([...oneAtATime(good), ...stepsInOrder(good, chain), ...stepsTold(told, good)]).toEqual([]);
    expect(lostOf(good)).toEqual([1]);
  });

  it('two trainers at the same time', () => {
    expect(oneAtATime([process(1, 0, 3, 10), process(2, 2, 5, 12)])[0]).toMatch(
      /1 and 2 worked at the same time, for 1/,
    );
  });

  it('a step left out, done in another state, or never done', () => {
    const [first, second] = [process(1, 0, 3), process(2, 2, 5)];
    first.steps.splice(1, 1);
    second.steps[0]!.digest = 'other';
    second.steps.pop();
    expect(stepsInOrder([first, second], chain)).toEqual([
      'process 1 did step 3 after 1',
      'process 2 was at step 3 in another state than an undisturbed training',
      'step 2 was never done',
      'step 5 was never done',
    ]);
  });

  it('metrics that lack a step, have one twice, or tell of what nobody did', () => {
    const withLines = (lines: number[], more: [number, number[]][] = []) =>
      stepsTold(new Map([[1, [1, 2, 3]], [2, lines], ...more]), good);
    expect(withLines([3, 5])).toEqual(['segment 2 tells of steps 3, 5, its process did 3–5']);
    expect(withLines([3, 4, 4, 5])).toHaveLength(1);
    expect(withLines([3, 4, 5], [[3, [5]]])).toEqual(['segment 3 tells of steps 5 that nobody did']);
  });

  it('the last step of a killed process may be untold, that of the last one not', () => {
    expect(stepsTold(new Map([...told, [1, [1, 2]]]), good)).toEqual([]);
    expect(stepsTold(new Map([...told, [2, [3, 4]]]), good)).toHaveLength(1);
  });

  it('a video made again', () => {
    const made = [1, 2].map(pid => ({ ...process(pid, 0, 0), videos: ['a.mp4', `${pid}.mp4`] }));
    expect(madeAgain(made)).toEqual(['a.mp4 was made again']);
  });
});

it('a seed decides its faults: the same again, and others for another', () => {
  const of = (seed: number) => faultsOf(new Random(seed), VICTIMS);
  expect(of(7)).toEqual(of(7));
  expect(of(7)).not.toEqual(of(8));
  const many = Array.from({ length: 200 }, (_, i) => of(i)).flat();
  expect(new Set(many.map(({ victim }) => victim)).size).toBe(VICTIMS.length);
});
