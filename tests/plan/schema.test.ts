import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { applySchema, keysAt } from '../../plan/schema.ts';

const schema = z.object({
  paths: z.union([z.string().min(1), z.array(z.string())]),
  metrics: z.array(z.object({ score: z.number() })),
  mode: z.enum(['a', 'b']),
  inner: z.object({ seed: z.int().default(42) }).optional(),
});
const given = { paths: '<filled>', metrics: '<filled>', inner: { speed: 1 }, extra: true };

describe('a schema applied to a config', () => {
  it('asks nothing of keys that inputs fill, and fills in defaults all the same', () => {
    const filled = new Set(['metrics', 'mode']);
    const { value, problems } = applySchema(schema, given, at => filled.has(at));
    expect(problems).toEqual([]);
    expect(value).toEqual({ paths: '<filled>', metrics: '<filled>', inner: { speed: 1, seed: 42 }, extra: true });
  });
  it('still tells what else is wrong', () => {
    const { problems } = applySchema(schema, { ...given, inner: { seed: 'x' } }, at => at === 'metrics');
    expect(problems).toEqual([
      { at: 'mode', key: true, message: '"mode" is missing; expected one of "a", "b"' },
      { at: 'inner.seed', message: 'expected a number, got "x"' },
    ]);
  });
  it('tells keys that nothing reads', () => {
    expect(applySchema(schema, { ...given, metrics: [], mode: 'a' }, () => false).unused).toEqual([
      'inner.speed',
      'extra',
    ]);
  });
  it('names what each branch of a union wants', () => {
    expect(applySchema(schema, { paths: 3, metrics: [], mode: 'a' }, () => false).problems).toEqual([
      { at: 'paths', message: 'expected a string or a list, got 3' },
    ]);
  });
  it('knows the keys at a path', () => {
    expect(keysAt(schema)).toEqual(['paths', 'metrics', 'mode', 'inner']);
    expect(keysAt(schema, ['inner'])).toEqual(['seed']);
    expect(keysAt(schema, ['mode'])).toEqual([]);
  });
});
