import { describe, expect, it } from 'vitest';
import { boundArgument, checkArgument, statOf } from '../../../plan/feedback/bounds.ts';
import { refineByFeedback } from '../../../plan/feedback/refine.ts';
import type { OpEvidence, Pool } from '../../../plan/feedback/verdict.ts';
import type { OpCatalogue } from '../../../plan/op-catalogue.ts';
import type { Json, JsonObject } from '../../../plan/plan.ts';
import type { Demands } from '../../../plan/statistics/against-baseline.ts';
import { CATALOGUE } from '../catalogue.ts';

const BASELINE = [0.5, 0.52, 0.48, 0.51];
const GOOD = BASELINE.map(value => value + 0.2);
const BETTER = BASELINE.map(value => value + 0.4);
const SAME = [0.49, 0.51, 0.5, 0.52];

const LENGTHS = { low: [null, 100], middle: [100, 499.5], high: [499.5, null] } as const;

function pools(results: Partial<Record<keyof typeof LENGTHS, readonly (number | null)[]>>): Pool[] {
  // Not in the order of their ranges, which the verdict finds itself.
  return (['high', 'low', 'middle'] as const).map(name => {
    const [min, max] = LENGTHS[name];
    return { name, min, max, results: results[name] ?? SAME };
  });
}

function refine(process: Json[], evidence: Partial<OpEvidence>[], demands: Partial<Demands> = {}) {
  return refineByFeedback(
    { np: 2, process },
    evidence.map(each => ({ op: 'text_length_filter', stat: 'text_len', pools: [], baseline: BASELINE, ...each })),
    { goal: 'maximize', minEffect: 0, confidence: 0.95, allowFailed: false, catalogue: CATALOGUE, ...demands },
  );
}

const filter = (args: Json) => [{ text_length_filter: args }];

describe('refinement by model feedback', () => {
  it('takes the range of the pool that helped, whole numbers rounded outward', () => {
    const high = refine(filter({ min_len: 20, max_len: 20000 }), [{ pools: pools({ high: GOOD }) }]);
    expect(high.recipe).toEqual({ np: 2, process: filter({ min_len: 499, max_len: 20000 }) });
    expect(high.changes).toMatchObject([
      { op: 'text_length_filter', index: 0, arg: 'min_len', from: 20, to: 499, rounded: 'down' },
    ]);
    const low = refine(filter({ min_len: 20, max_len: 20000 }), [{ pools: pools({ low: GOOD }) }]);
    expect(low.recipe.process).toEqual(filter({ min_len: 20, max_len: 100 }));
    const middle = refine(filter({ min_len: 20, max_len: 20000 }), [{ pools: pools({ middle: GOOD }) }]);
    expect(middle.recipe.process).toEqual(filter({ min_len: 100, max_len: 500 }));
  });
  it('adds an argument that the recipe did not give, in every use of the op', () => {
    const { recipe, changes } = refine(
      [...filter(null), { fix: null }, ...filter({ min_len: 3 })],
      [{ pools: pools({ low: GOOD }) }],
    );
    expect(recipe.process).toEqual([
      ...filter({ max_len: 100 }),
      { fix: null },
      ...filter({ min_len: 3, max_len: 100 }),
    ]);
    expect(changes.map(({ index, from }) => [index, from])).toEqual([
      [0, undefined],
      [2, undefined],
    ]);
  });
  it.each<[string, Partial<OpEvidence>, RegExp]>([
    ['no effect', { pools: pools({}) }, /^low: .*; middle: .*; high: /],
    ['one seed', { pools: pools({ high: [99] }) }, /high: it has a result of one seed alone/],
    ['a failed run', { pools: pools({ high: [...GOOD, null] }) }, /high: 1 of its 5 runs failed/],
    [
      'a baseline of one seed',
      { pools: pools({ high: GOOD }), baseline: [0.1] },
      /the baseline has a result of one seed/,
    ],
    [
      'contradictory results',
      { pools: pools({ low: GOOD, high: GOOD.map(value => value + 0.01) }) },
      /^high and low both helped, which are not next to each other, and neither is better than the other/,
    ],
  ])('leaves the op alone where there is %s, and says why', (_, evidence, why) => {
    const { recipe, changes, verdicts } = refine(filter({ min_len: 20 }), [evidence]);
    expect(recipe.process).toEqual(filter({ min_len: 20 }));
    expect(changes).toEqual([]);
    expect(verdicts[0]).toMatchObject({ chosen: null, why: expect.stringMatching(why) });
  });
  it('of two ends that both helped takes the one that is better than the other for sure', () => {
    const { verdicts } = refine(filter({}), [{ pools: pools({ low: GOOD, high: BETTER }) }]);
    expect(verdicts[0]).toMatchObject({
      chosen: { pool: { name: 'high' } },
      why: expect.stringContaining('(low helped less)'),
    });
  });
  it('of neighbours that both helped takes the better one, and names the other', () => {
    const { recipe, verdicts } = refine(filter({}), [
      { pools: pools({ middle: GOOD, high: GOOD.map(value => value + 0.01) }) },
    ]);
    expect(recipe.process).toEqual(filter({ min_len: 499 }));
    expect(verdicts[0]!.why).toContain('high helped (middle helped less)');
  });
  it('leaves an op alone whose recipe would then keep nothing, or which does not take the range', () => {
    const upper = refine(filter({ min_len: 5000 }), [{ pools: pools({ low: GOOD }) }]);
    expect(upper.recipe.process).toEqual(filter({ min_len: 5000 }));
    expect(upper.verdicts[0]!.why).toMatch(/but min_len 5000 and max_len 100 would leave no sample$/);
    const language = { op: 'language_id_score_filter', stat: 'lang_score' };
    const noMaximum = refine([{ language_id_score_filter: {} }], [{ ...language, pools: pools({ low: GOOD }) }]);
    expect(noMaximum.verdicts[0]).toMatchObject({
      chosen: null,
      why: expect.stringMatching(/the op has no argument for a maximum$/),
    });
  });
  it('judges several ops as one family, each with its own baseline where it has one', () => {
    const words = { op: 'alphanumeric_filter', stat: 'alnum_ratio', baseline: BASELINE.map(value => value + 0.2) };
    const both = refine(
      [...filter({}), { alphanumeric_filter: {} }],
      [{ pools: pools({ high: GOOD }) }, { ...words, pools: [{ name: 'high', min: 0.5, max: null, results: GOOD }] }],
    );
    expect(both.verdicts.map(verdict => verdict.chosen?.pool.name)).toEqual(['high', undefined]);
    expect(both.verdicts[0]!.why).toContain('after Holm over 4');
  });
  it('moves an op that names the stat that it bounds only where it names the one that was tried', () => {
    const on = (stat: string, args: JsonObject = {}) => ({
      specified_numeric_field_filter: { field_key: `__dj__stats__.${stat}`, ...args },
    });
    const evidence = { op: 'specified_numeric_field_filter', stat: 'model_infer_loss', pools: pools({ low: GOOD }) };
    const { recipe } = refine([on('model_infer_loss'), on('text_len')], [evidence]);
    expect(recipe.process).toEqual([on('model_infer_loss', { max_value: 100 }), on('text_len')]);
    expect(refine([on('text_len')], [evidence]).verdicts[0]).toMatchObject({
      chosen: null,
      why: expect.stringMatching(/but the recipe has no specified_numeric_field_filter on model_infer_loss$/),
    });
  });
  it('leaves the given recipe as it was', () => {
    const process = filter({ min_len: 1 });
    refine(process, [{ pools: pools({ high: GOOD }) }]);
    expect(process).toEqual(filter({ min_len: 1 }));
  });
});

describe('which argument bounds which stat', () => {
  const arg = { types: ['int' as const], required: false };
  const catalogue: OpCatalogue = {
    ...CATALOGUE,
    ops: {
      ...CATALOGUE.ops,
      shape: {
        args: { min_width: arg, min_height: arg, max_width: arg, max_height: arg },
        stats: ['image_width', 'image_height'],
      },
      lines: { args: { min_a: arg, min_b: arg }, stats: ['count'] },
    },
  };
  it('is the only one, or the one whose name has words of the stat', () => {
    expect(boundArgument(catalogue, 'text_length_filter', 'text_len', -1)).toBe('min_len');
    expect(boundArgument(catalogue, 'shape', 'image_height', 1)).toBe('max_height');
    expect(boundArgument(catalogue, 'language_id_score_filter', 'lang_score', 1)).toBeNull();
  });
  it('has to be said where that does not tell', () => {
    expect(() => boundArgument(catalogue, 'lines', 'count', -1)).toThrow(
      'lines has several arguments for that (min_a, min_b); say in min_arg which of them bounds count',
    );
    expect(() => checkArgument(catalogue, 'lines', 'min_c')).toThrow(
      'lines has no argument "min_c" that bounds a stat; it has min_a, min_b',
    );
  });
  it('needs a stat that the op has', () => {
    expect(statOf(catalogue, 'lines', undefined)).toBe('count');
    expect(() => statOf(catalogue, 'shape', undefined)).toThrow('say in stat which one its pools were cut by');
    expect(() => statOf(catalogue, 'shape', 'image_depth')).toThrow(
      'shape has no stat "image_depth"; it has image_width, image_height',
    );
  });
});
