import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { refineRecipe } from '../../plan/k-sigma.ts';
import { parseOverallCsv } from '../../plan/overall-csv.ts';
import type { Json, JsonObject } from '../../plan/plan.ts';
import { CATALOGUE } from './catalogue.ts';

/** overall.csv with the mean and deviation of each stat. */
function stats(values: Record<string, [mean: number | string, std: number | string]>) {
  const names = Object.keys(values);
  const row = (i: 0 | 1) => names.map(name => values[name]![i]).join(',');
  return parseOverallCsv(
    `,${names.join(',')}\ncount,${names.map(() => 500).join(',')}\nmean,${row(0)}\nstd,${row(1)}\n`,
  );
}

function refine(process: Json[], values: Parameters<typeof stats>[0], k?: number) {
  const { recipe, changes, notes } = refineRecipe({ process }, stats(values), {
    ...(k !== undefined && { k }),
    catalogue: CATALOGUE,
  });
  return { process: recipe.process as JsonObject[], changes, notes };
}

describe('k-sigma', () => {
  it('gives the worked example, whole numbers rounded outward', () => {
    const { process, changes } = refine([{ text_length_filter: { min_len: 20, max_len: 20000 } }], {
      text_len: [1595.536, 4326.680572709351],
    });
    expect(process).toEqual([{ text_length_filter: { min_len: -11385, max_len: 14576 } }]);
    expect(1595.536 - 3 * 4326.680572709351).toBeCloseTo(-11384.505718, 6);
    const common = {
      op: 'text_length_filter',
      index: 0,
      stat: 'text_len',
      mean: 1595.536,
      std: 4326.680572709351,
      k: 3,
    };
    expect(changes).toEqual([
      { ...common, arg: 'min_len', from: 20, to: -11385, rounded: 'down' },
      { ...common, arg: 'max_len', from: 20000, to: 14576, rounded: 'up' },
    ]);
  });

  it('is mean ∓ k·std for any mean, deviation and k', () => {
    const number = fc.double({ min: -1e6, max: 1e6, noNaN: true });
    const positive = fc.double({ min: 1e-6, max: 1e6, noNaN: true });
    void fc.assert(
      fc.property(number, positive, positive, (mean, std, k) => {
        const filters: Json[] = [
          { alphanumeric_filter: { min_ratio: 0, max_ratio: 1 } },
          { text_length_filter: { min_len: 0, max_len: 1 } },
        ];
        const { process } = refine(filters, { alnum_ratio: [mean, std], text_len: [mean, std] }, k);
        const [exact, whole] = [process[0]?.alphanumeric_filter, process[1]?.text_length_filter] as [
          JsonObject,
          JsonObject,
        ];
        expect([exact.min_ratio, exact.max_ratio]).toEqual([mean - k * std + 0, mean + k * std + 0]);
        expect([whole.min_len, whole.max_len]).toEqual([Math.floor(mean - k * std) + 0, Math.ceil(mean + k * std) + 0]);
      }),
    );
  });

  it('moves only the arguments that the recipe gives', () => {
    expect(
      refine([{ text_length_filter: { min_len: 1 } }, { text_length_filter: null }], { text_len: [10, 1] }).process,
    ).toEqual([{ text_length_filter: { min_len: 7 } }, { text_length_filter: null }]);
  });

  it('leaves ops without stats, unknown ops and flags alone', () => {
    const process: Json[] = [
      { random_selector: { select_num: 3 } },
      { my_own_filter: { min_x: 1 } },
      { text_length_filter: { min_closed_interval: true } },
    ];
    expect(refine(process, { text_len: [10, 1] }).changes).toEqual([]);
  });

  it('follows the last of several stats that has a value', () => {
    const both = refine([{ alphanumeric_filter: { min_ratio: 0 } }], {
      alnum_ratio: [0.5, 0.1],
      alpha_token_ratio: [9, 1],
    });
    expect(both.changes[0]).toMatchObject({ stat: 'alnum_ratio', mean: 0.5 });
    const words = refine([{ language_id_score_filter: { lang: 'en', min_score: 0 } }], {
      lang: ['', ''],
      lang_score: [0.9, 0.1],
    });
    expect(words.changes.map(change => [change.arg, change.stat])).toEqual([['min_score', 'lang_score']]);
    const first = refine([{ alphanumeric_filter: { min_ratio: 0 } }], {
      alpha_token_ratio: [9, 1],
      alnum_ratio: ['', ''],
    });
    expect(first.changes[0]).toMatchObject({ stat: 'alpha_token_ratio' });
  });

  it('leaves an argument alone where the stat is NaN, or the same in every sample, and says so', () => {
    const process = [{ text_length_filter: { min_len: 5 } }];
    expect(refine(process, { text_len: ['', ''] })).toMatchObject({
      process,
      notes: ['text_length_filter.min_len is left at 5: text_len has no mean or deviation'],
    });
    expect(refine(process, { text_len: [12, 0] })).toMatchObject({
      process,
      notes: ['text_length_filter.min_len is left at 5: text_len is 12 in every sample, so that its deviation is 0'],
    });
    expect(refine(process, { other: [1, 1] })).toMatchObject({
      process,
      notes: ['text_length_filter is left as it is: it was not probed (no text_len)'],
    });
  });

  it('follows a stat that another job probed, where an op names it as the field that it bounds', () => {
    const named = (field_key: string) => [{ specified_numeric_field_filter: { field_key, max_value: 9 } }];
    expect(refine(named('__dj__stats__.model_infer_loss'), { model_infer_loss: [1, 0.5] }, 2).changes).toMatchObject([
      { arg: 'max_value', from: 9, to: 2, stat: 'model_infer_loss' },
    ]);
    expect(refine(named('meta.loss'), { loss: [1, 0.5] })).toMatchObject({ changes: [], notes: [] });
    expect(refine(named('__dj__stats__.other'), { loss: [1, 0.5] }).notes).toEqual([
      'specified_numeric_field_filter is left as it is: it was not probed (no other)',
    ]);
  });

  it('makes recipes that run: within bounds, sizes and fractions as strings', () => {
    expect(
      refine([{ text_pair_similarity_filter: { min_score: 0.1, max_score: 0.9 } }], {
        text_pair_similarity: [0.5, 0.4],
      }).process,
    ).toEqual([{ text_pair_similarity_filter: { min_score: 0, max_score: 1 } }]);
    expect(
      refine([{ image_size_filter: { min_size: '0', max_size: '1MB' } }], { image_sizes: [1000, 500.5] }).process,
    ).toEqual([{ image_size_filter: { min_size: '0', max_size: '2502' } }]);
    expect(
      refine([{ video_aspect_ratio_filter: { min_ratio: '9/21', max_ratio: '21/9' } }], {
        video_aspect_ratios: [1.5, 0.25],
      }).process,
    ).toEqual([{ video_aspect_ratio_filter: { min_ratio: '0.75', max_ratio: '2.25' } }]);
    expect(refine([{ video_motion_score_filter: { max_size: 256 } }], { video_motion_score: [-9, 1] })).toMatchObject({
      changes: [],
      notes: ['video_motion_score_filter.max_size is left at 256: the op does not take -6'],
    });
  });

  it('leaves the given recipe as it was, and the rest of it in the refined one', () => {
    const recipe = { np: 2, export_path: 'x', process: [{ text_length_filter: { min_len: 1 } }] };
    const before = structuredClone(recipe);
    expect(refineRecipe(recipe, stats({ text_len: [10, 1] }), { catalogue: CATALOGUE }).recipe).toMatchObject({
      np: 2,
      export_path: 'x',
    });
    expect(recipe).toEqual(before);
  });

  it.each([0, -1, Number.NaN, Infinity])('takes no k of %s', k => {
    expect(() => refine([], { text_len: [1, 1] }, k)).toThrow(RangeError);
  });
});
