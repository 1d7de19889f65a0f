import { Document, isMap, isScalar } from 'yaml';
import type { Refined, Refinement } from '../../plan/k-sigma.ts';

/** A refined recipe as the text of a file: JSON for `.json`, else YAML with a comment at each argument that was changed. */
export function recipeText({ recipe, changes }: Refined, path: string): string {
  if (path.endsWith('.json')) return `${JSON.stringify(recipe, null, 2)}\n`;
  // Quoted as YAML 1.1 needs it, which is what Data-Juicer's own commands read.
  const document = new Document(recipe, { version: '1.1', aliasDuplicateObjects: false });
  document.directives = undefined;
  document.commentBefore = ` Refined by k-sigma: ${changes.length} argument${changes.length === 1 ? '' : 's'} changed.`;
  for (const change of changes) {
    const args = document.getIn(['process', change.index, change.op], true);
    if (!isMap(args)) continue;
    const value = args.get(change.arg, true);
    if (isScalar(value)) value.comment = ` ${howChanged(change)}`;
  }
  return document.toString({ lineWidth: 0 });
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
