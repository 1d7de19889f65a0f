import { expect, it } from 'vitest';
import type { JobRef } from '../../plan/protocol.ts';
import { Trial } from '../../workflows/trial-state.ts';
import { done, job, skeleton } from '../support/skeletons.ts';

/** The metrics of a trial's result, in which each job told as many as a job may tell. */
function resultOf(stages: ('probe' | 'execution' | 'evaluation')[], first: string[] = []): string[] {
  const trial = new Trial();
  trial.load(skeleton(stages.map((stage, i) => job(`p.${i + 1}-job${i + 1}`, { stage }))));
  for (const { id } of trial.skeleton!.jobs) {
    const metrics = Object.fromEntries(Array.from({ length: 128 }, (_, n) => [`m${n}`, n]));
    trial.finish(done({ job: id } as JobRef, { metrics }), 0);
  }
  return Object.keys(trial.result('done', 1, null, first).metrics);
}

const of = (names: string[], job: string) => names.filter(name => name.startsWith(`${job}.`)).length;

it('a result keeps the scores of evaluations, however much the jobs before them told', () => {
  const kept = resultOf(['probe', 'probe', 'execution', 'evaluation']);
  expect(kept.length).toBe(256);
  expect(of(kept, 'job4')).toBe(128);
  expect(of(kept, 'job1')).toBe(128);
});

it('of more evaluations than it has room for it keeps the last; what the sweep judges is kept of any job', () => {
  const kept = resultOf(['probe', 'evaluation', 'evaluation', 'evaluation'], ['job1.m7']);
  expect(kept[0]).toBe('job1.m7');
  expect(of(kept, 'job4')).toBe(128);
  expect(of(kept, 'job3')).toBe(127);
});
