import { describe, expect, it } from 'vitest';
import { contextOf, lookUp, lookUpKey } from '../../plan/context.ts';
import type { Json, Target } from '../../plan/plan.ts';
import { evaluateTargets, parseTarget, targetsMet } from '../../plan/targets.ts';
import { planOf } from './compiled.ts';

describe('a target', () => {
  it.each<[string, unknown]>([
    ['a.b.c >= 0.5', { key: 'a.b.c', op: '>=', value: 0.5 }],
    ['a.b.c>=.5', { key: 'a.b.c', op: '>=', value: 0.5 }],
    ['a.b.c == -1e-3', { key: 'a.b.c', op: '==', value: -0.001 }],
    ['a.b.c < 1_000', { key: 'a.b.c', op: '<', value: 1000 }],
  ])('%s is read', (text, expected) => {
    expect(parseTarget(text)).toEqual(expected);
  });
  it.each(['a.b.c', '>= 1', 'a.b.c = 1', 'a.b.c > ', 'a.b.c > nan', 'a.b.c > 1 or 1', 'a.b.c > 0x10', 'a.b.c > 1e999'])(
    '%s is none',
    text => {
      expect(typeof parseTarget(text)).toBe('string');
    },
  );
});

const target = (op: Target['op'], value: number, output = 's'): Target => ({
  key: `p.m.${output}`,
  ref: { job: 'p.1-m', output, nested: [] },
  op,
  value,
});
const results = (s: Json) => new Map([['p.1-m', { s }]]);

describe('evaluating targets', () => {
  it.each<[Target['op'], number, boolean]>([
    ['==', 2, true],
    ['>=', 2, true],
    ['<=', 1, false],
    ['>', 2, false],
    ['<', 3, true],
  ])('2 %s %s is %s', (op, value, met) => {
    expect(evaluateTargets({ iterTargets: [target(op, value)] }, results(2))).toEqual([
      { target: `p.m.s ${op} ${value}`, value: 2, met },
    ]);
  });
  it('never evaluates a result: what is no number meets nothing', () => {
    for (const value of ['3', '__import__("os")', null, [3], true]) {
      const [end] = evaluateTargets({ iterTargets: [target('>', 1)] }, results(value));
      expect(end).toMatchObject({ met: false, problem: `p.m.s is ${JSON.stringify(value)}, which is no number` });
    }
  });
  it('wants all or any, and nothing where there are none', () => {
    const ends = evaluateTargets({ iterTargets: [target('>', 1), target('>', 5)] }, results(2));
    expect(targetsMet({ iterTargetsMode: 'all' }, ends)).toBe(false);
    expect(targetsMet({ iterTargetsMode: 'any' }, ends)).toBe(true);
    expect(targetsMet({ iterTargetsMode: 'all' }, [])).toBeNull();
  });
});

describe('the context', () => {
  const job = (name: string) =>
    `  - {hook: ProcessDataHook, meta_name: ${name}, dj_configs: {dataset_path: data/d.jsonl}}\n`;
  const plan = planOf(`execution_job_configs:\n${job('v1.5')}${job('same')}${job('same')}`);
  const found = new Map<string, Record<string, Json>>([
    ['anonymous.1-v1.5', { 'the.path': '/a', detail: { x: [1, { y: 2 }] } }],
    ['anonymous.2-same', { a: 1 }],
    ['anonymous.3-same', { a: 2, b: 3 }],
  ]);
  const context = contextOf(plan, found);

  it('is by pipeline, meta_name and output; of jobs with one name the first counts', () => {
    expect(context).toEqual({ anonymous: { 'v1.5': found.get('anonymous.1-v1.5'), same: { a: 1, b: 3 } } });
  });
  it.each<[string, Json | undefined]>([
    ['anonymous.v1.5.the.path', '/a'],
    ['anonymous.v1.5.detail.x.1.y', 2],
    ['anonymous.same.a', 1],
    ['anonymous.same', undefined],
    ['anonymous.same.constructor', undefined],
    ['other.same.a', undefined],
  ])('at %s', (key, value) => {
    expect(lookUpKey(context, key)).toEqual(value);
  });
  it('gives what a reference names', () => {
    expect(lookUp(found, { job: 'anonymous.1-v1.5', output: 'detail', nested: ['x', '0'] })).toBe(1);
    expect(lookUp(found, { job: 'anonymous.1-v1.5', output: 'none', nested: [] })).toBeUndefined();
    expect(lookUp(found, { job: 'none', output: 'none', nested: [] })).toBeUndefined();
  });
});
