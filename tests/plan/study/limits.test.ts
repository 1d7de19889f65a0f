import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../plan/plan.ts';
import { limitRecipe } from '../../../plan/study/limits.ts';
import type { End, PartFound } from '../../../plan/study/types.ts';
import { CATALOGUE } from '../catalogue.ts';

const part = (op: string, stat: string, end: End, from: number, to: number): PartFound => ({
  op,
  stat,
  end,
  from,
  to,
  rows: 1,
});
const limited = (process: JsonObject[], ...parts: PartFound[]) => {
  const { recipe, limits, notes } = limitRecipe({ process }, parts, CATALOGUE);
  return { process: recipe.process, limits, notes };
};

describe('the recipe of a winning pool', () => {
  it.each([
    ['low', { min_len: 5, max_len: 20 }],
    ['middle', { min_len: 10, max_len: 20 }],
    ['high', { min_len: 10, max_len: 900 }],
  ] as const)('of a %s pool has the limits at which that was cut, and the others as they were', (end, args) => {
    const process = [{ text_length_filter: { min_len: 5, max_len: 900 } }];
    expect(limited(process, part('text_length_filter', 'text_len', end, 10, 20)).process).toEqual([
      { text_length_filter: args },
    ]);
  });

  it('rounds whole numbers outward, so that no sample of the pool is lost, and says what each limit was', () => {
    const { process, limits } = limited(
      [{ random_selector: {} }, { text_length_filter: { min_len: 5 } }],
      part('text_length_filter', 'text_len', 'middle', 10.5, 20.5),
    );
    expect(process).toEqual([{ random_selector: {} }, { text_length_filter: { min_len: 10, max_len: 21 } }]);
    expect(limits).toMatchObject([
      { index: 1, arg: 'min_len', from: 5, to: 10, rounded: 'down' },
      { index: 1, arg: 'max_len', from: null, to: 21, rounded: 'up' },
    ]);
  });

  it('takes ops without arguments, fractions and sizes as Data-Juicer reads them', () => {
    const { process } = limited(
      [{ alphanumeric_filter: null }, { video_aspect_ratio_filter: {} }, { image_size_filter: {} }],
      part('alphanumeric_filter', 'alnum_ratio', 'high', 0.25, 0.5),
      part('video_aspect_ratio_filter', 'video_aspect_ratios', 'low', 0.5, 1.75),
      part('image_size_filter', 'image_sizes', 'high', 100.5, 200),
    );
    expect(process).toEqual([
      { alphanumeric_filter: { min_ratio: 0.25 } },
      { video_aspect_ratio_filter: { max_ratio: '1.75' } },
      { image_size_filter: { min_size: '100' } },
    ]);
  });

  it('sets limits of several pools at once', () => {
    const { process } = limited(
      [{ text_length_filter: {} }, { alphanumeric_filter: { max_ratio: 0.9 } }],
      part('text_length_filter', 'text_len', 'low', 1, 7),
      part('alphanumeric_filter', 'alnum_ratio', 'high', 0.25, 0.5),
    );
    expect(process).toEqual([
      { text_length_filter: { max_len: 7 } },
      { alphanumeric_filter: { max_ratio: 0.9, min_ratio: 0.25 } },
    ]);
  });

  it('says what it could not set, where the op has no argument for it', () => {
    const low = part('language_id_score_filter', 'lang_score', 'low', 0.1, 0.4);
    const { process, notes } = limited([{ language_id_score_filter: {} }], low);
    expect(process).toEqual([{ language_id_score_filter: {} }]);
    expect(notes).toEqual(['largest lang_score is left out: language_id_score_filter has no argument for it']);
  });

  it('leaves the recipe that it is given alone', () => {
    const process = [{ text_length_filter: { min_len: 5 } }];
    limited(process, part('text_length_filter', 'text_len', 'high', 10, 20));
    expect(process).toEqual([{ text_length_filter: { min_len: 5 } }]);
  });
});
