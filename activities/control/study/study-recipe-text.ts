import { Document, isMap, isScalar } from 'yaml';
import type { Limit, Limited } from '../../../plan/study/limits.ts';

/** A recipe with a winner's limits as the text of a file: JSON for `.json`, else YAML with `head` as comments and one at each limit. */
export function studyRecipeText({ recipe, limits }: Limited, head: readonly string[], path: string): string {
  if (path.endsWith('.json')) return `${JSON.stringify(recipe, null, 2)}\n`;
  // Quoted as YAML 1.1 needs it, which is what Data-Juicer's own commands read.
  const document = new Document(recipe, { version: '1.1', aliasDuplicateObjects: false });
  document.directives = undefined;
  document.commentBefore = head.map(line => ` ${line}`).join('\n');
  for (const limit of limits) {
    const args = document.getIn(['process', limit.index, limit.op], true);
    const value = isMap(args) ? args.get(limit.arg, true) : null;
    if (isScalar(value)) value.comment = ` ${whyLimited(limit)}`;
  }
  return document.toString({ lineWidth: 0 });
}

/** `was 20; the high pool of text_len, rounded down` */
function whyLimited({ from, stat, end, rounded }: Limit): string {
  const was = from === undefined ? 'new' : `was ${JSON.stringify(from)}`;
  return `${was}; the ${end} pool of ${stat}${rounded ? `, rounded ${rounded}` : ''}`;
}
