import type { Refined, Refinement } from '../../plan/k-sigma.ts';
import { commentedRecipe } from './commented-recipe.ts';

/** A recipe refined by k-sigma as the text of a file: JSON for `.json`, else YAML with a comment at each argument that was changed. */
export function recipeText({ recipe, changes }: Refined, path: string): string {
  return commentedRecipe(recipe, path, {
    heading: [`Refined by k-sigma: ${changes.length} argument${changes.length === 1 ? '' : 's'} changed.`],
    comments: changes.map(change => ({ ...change, text: howChanged(change) })),
  });
}

/** `was 20; text_len: mean 1595.536 - 3 x std 4326.681, rounded down` */
export function howChanged({ arg, from, stat, mean, std, k, rounded }: Refinement): string {
  const sign = arg.includes('max') ? '+' : '-';
  const rounding = rounded ? `, rounded ${rounded}` : '';
  return `was ${JSON.stringify(from)}; ${stat}: mean ${short(mean)} ${sign} ${k} x std ${short(std)}${rounding}`;
}

function short(value: number): string {
  return String(Number(value.toPrecision(7)));
}
