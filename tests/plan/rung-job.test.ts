import { expect, it } from 'vitest';
import type { ComponentSpec } from '../../plan/component.ts';
import type { PlanJob } from '../../plan/plan.ts';
import type { RungPlan } from '../../plan/protocol.ts';
import { rungJob } from '../../plan/rung-job.ts';

const job = (metaName: string, component: string, hook = 'TrainModelHook') =>
  ({ id: `p.1-${metaName}`, metaName, component, hook }) as PlanJob;
const spec = (name: string, steps?: ComponentSpec['steps']) => ({ name, steps }) as ComponentSpec;
const registry = [
  spec('train.a', { sums: { last_loss: 'loss' }, waits: true }),
  spec('train.b', { sums: {}, waits: false }),
  spec('evaluate.c'),
];
const jobs = [
  job('eval', 'evaluate.c', 'EvaluateDataHook'),
  job('first', 'train.a'),
  job('first.large', 'train.b'),
  job('eval', 'train.a'),
];
const found = (metric: string, some = jobs) => {
  const rungs: RungPlan = { metric, goal: 'minimize', steps: [2, 4], waits: true };
  const answer = rungJob(some, registry, rungs);
  return typeof answer === 'string' ? answer : [answer.job.metaName, answer.rungs.metric, answer.rungs.waits];
};

it('asks the component where that depends on the config', () => {
  const asked = spec('train.d', {
    sums: metric => /^last_(.+)$/.exec(metric)?.[1],
    waits: ({ extra_configs }) => extra_configs?.['saves'] === true,
  });
  const rungs: RungPlan = { metric: 'd.last_accuracy', goal: 'maximize', steps: [2], waits: true };
  const told = (saves: boolean) => {
    const one = { ...job('d', 'train.d'), config: { dj_configs: null, extra_configs: { saves } } };
    return rungJob([one], [asked], rungs);
  };
  expect(told(true)).toMatchObject({ rungs: { metric: 'accuracy', waits: true } });
  expect(told(false)).toMatchObject({ rungs: { metric: 'accuracy', waits: false } });
});

it.each([
  ['loss', ['first', 'loss', true]],
  ['last_loss', ['first', 'loss', true]],
  ['first.last_loss', ['first', 'loss', true]],
  ['first.large.last_loss', ['first.large', 'last_loss', false]],
  ['eval.grad_norm', ['eval', 'grad_norm', true]],
])('metric %s names a job, the key of its log, and whether it waits', (metric, expected) => {
  expect(found(metric)).toEqual(expected);
});

it('an answer says why there is no such job', () => {
  expect(found('secnd.loss')).toBe(
    'rungs: metric secnd.loss: no job has such a meta_name; there are: eval, first, first.large',
  );
  expect(found('loss', jobs.slice(0, 1))).toBe('rungs: metric loss: the config has no job with hook TrainModelHook');
  expect(found('eval.score', jobs.slice(0, 1))).toContain('p.1-eval (evaluate.c) tells nothing step by step');
});
