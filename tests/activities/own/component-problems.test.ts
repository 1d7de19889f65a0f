import { describe, expect, it, test } from 'vitest';
import { z } from 'zod';
import type { JobRun } from '../../../activities/component.ts';
import { components, registry } from '../../../activities/components.ts';
import { collision } from '../../../activities/own/collision.ts';
import { componentProblems } from '../../../activities/own/component-problems.ts';
import { defineComponent } from '../../../activities/own/define-component.ts';
import { JobFailure } from '../../../activities/runtime/failure.ts';

const own = defineComponent({
  name: 'evaluate.own',
  hook: 'EvaluateDataHook',
  type: 'own',
  summary: 'Counts.',
  config: { extra: z.object({ type: z.literal('own'), n: z.int().default(2), path: z.string() }) },
  results: [{ value: 'n' }],
  async run({ config: { extra_configs, dj_configs } }) {
    const twice: number = 2 * extra_configs.n;
    // @ts-expect-error the schema has no such key
    const none = (extra_configs.m ?? null) as null;
    return { results: [{ value: [twice, none, dj_configs?.['process'] ?? null] }] };
  },
});

describe("a component of one's own", () => {
  const given = (extra_configs: object) =>
    ({ job: { id: 'p.1-own' }, config: { dj_configs: null, extra_configs } }) as unknown as JobRun;

  it('has usual values for what it does not say', () => {
    expect(own).toMatchObject({ version: 1, claims: false, cacheable: true, reads: [], writes: [] });
    const { name, hook, summary, results } = own;
    const run = async () => ({ results: [] });
    expect(defineComponent({ name, hook, summary, results, run, resources: { tag: 'gpu', gpus: 2 } }).claims).toBe(
      true,
    );
  });

  it('runs with its config as its schema parses it', async () => {
    expect(await own.run(given({ type: 'own', path: 'x' }))).toEqual({ results: [{ value: [4, null, null] }] });
  });

  it('fails for good where an earlier job gave what its schema does not take', async () => {
    const run = own.run(given({ type: 'own', path: ['a', 'b'] }));
    await expect(run).rejects.toThrow('p.1-own: extra_configs.path: expected a string, got ["a","b"]');
    await expect(run).rejects.toBeInstanceOf(JobFailure);
  });
});

test.each(components.map(component => [component.name, component] as const))(
  "the checks of a user's components have nothing against %s",
  (_, component) => {
    expect(componentProblems(component)).toEqual([]);
  },
);

describe('what is wrong with a component is said by property', () => {
  it.each<[object, string]>([
    [{ name: 'Own Thing' }, 'name: expected <stage>.<name> of small letters'],
    [{ name: undefined }, 'name: expected a text'],
    [{ version: 0 }, 'version: expected a whole number of at least 1'],
    [{ resources: { tag: 'cpu', gpus: -1 } }, 'resources.gpus: expected a whole number of at least 0'],
    [{ config: { extra: { dataset_path: 'string' } } }, 'config.extra: expected a schema of zod 4'],
    [
      { reads: [{ at: 'dataset_path', kind: 'file' }] },
      'reads.0.at: expected a config key such as extra_configs.dataset_path',
    ],
    [{ results: ['score'] }, 'results.0: expected {write: config key} or {value: name}'],
    [{ results: [{ write: 'extra_configs.out' }] }, 'results.0: no entry of writes has at: extra_configs.out'],
    [{ parts: () => ['a'] }, 'runPart: expected a function, because it has parts'],
    [{ run: 'python run.py' }, 'run: expected a function'],
    [{ type: 'other' }, 'config.extra: its key "type" does not take "other", by which EvaluateDataHook chooses it'],
    [{ config: { extra: z.strictObject({ n: z.int() }) } }, 'config.extra: its key "type" does not take "own"'],
    [{ jobList: { stage: 'My List' } }, 'jobList.stage: expected small letters, digits and underscores'],
  ])('%j', (change, words) => {
    const problems = componentProblems({ ...own, ...change });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(words);
  });
});

describe('a component that cannot stand beside the others', () => {
  const whose = () => 'built in';
  it.each<[Partial<typeof own>, string]>([
    [{ name: 'evaluate.mse' }, 'there is a component evaluate.mse already (built in); give this one another name'],
    [{ type: 'mse' }, 'type "mse" of EvaluateDataHook is evaluate.mse already (built in); give this one another type'],
    [
      { hook: 'ProcessDataHook' },
      'ProcessDataHook always runs process.data-juicer (built in); give this one another hook',
    ],
    [{ hook: 'ProcessDataHook', type: undefined as never }, 'ProcessDataHook always runs process.data-juicer'],
    [{ type: undefined as never }, 'EvaluateDataHook chooses by type (vbench_video_evaluator'],
    [{ jobList: { stage: 'probe' } }, '"probe" is a stage that there is'],
  ])('%j', (change, words) => {
    expect(collision({ ...own, ...change }, registry, whose)).toContain(words);
  });

  it('stands there with a type or a hook of its own', () => {
    expect(collision(own, registry, whose)).toBeNull();
    expect(collision({ name: 'own.thing', hook: 'MyHook' }, registry, whose)).toBeNull();
  });
});
