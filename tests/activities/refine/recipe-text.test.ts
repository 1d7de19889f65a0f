import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { recipeText } from '../../../activities/refine/recipe-text.ts';
import type { Refined } from '../../../plan/k-sigma.ts';

const change = {
  op: 'text_length_filter',
  index: 0,
  arg: 'min_len',
  from: 20,
  to: -11385,
  stat: 'text_len',
  mean: 1595.536,
  std: 4326.680572709351,
  k: 3,
  rounded: 'down' as const,
};
const refined: Refined = {
  recipe: { dataset_path: 'yes', process: [{ text_length_filter: { min_len: -11385 } }, { fix_unicode_mapper: null }] },
  changes: [change],
  notes: [],
};

it('says at each changed argument what it was and what it follows', () => {
  const text = recipeText(refined, 'r.yaml');
  expect(text).toContain('min_len: -11385 # was 20; text_len: mean 1595.536 - 3 x std 4326.681, rounded down');
});

it('reads back as the recipe, in YAML 1.1 as in 1.2', () => {
  expect(parse(recipeText(refined, 'r.yaml'))).toEqual(refined.recipe);
  expect(parse(recipeText(refined, 'r.yml'), { version: '1.1' })).toEqual(refined.recipe);
  expect(JSON.parse(recipeText(refined, 'r.json'))).toEqual(refined.recipe);
});
