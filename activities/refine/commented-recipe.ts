import { Document, isMap, isScalar } from 'yaml';
import type { JsonObject } from '../../plan/plan.ts';

/** Why an argument of a recipe is as it is. */
export interface ArgumentComment {
  op: string;
  /** Position of the op in `process`, from 0. */
  index: number;
  arg: string;
  text: string;
}

/** A recipe as the text of a file: JSON for `.json`, else YAML with lines on top and a comment at arguments. */
export function commentedRecipe(
  recipe: JsonObject,
  path: string,
  { heading, comments }: { heading: readonly string[]; comments: readonly ArgumentComment[] },
): string {
  if (path.endsWith('.json')) return `${JSON.stringify(recipe, null, 2)}\n`;
  // Quoted as YAML 1.1 needs it, which is what Data-Juicer's own commands read.
  const document = new Document(recipe, { version: '1.1', aliasDuplicateObjects: false });
  document.directives = undefined;
  document.commentBefore = heading.map(line => ` ${onOneLine(line)}`).join('\n');
  for (const { index, op, arg, text } of comments) {
    const args = document.getIn(['process', index, op], true);
    if (!isMap(args)) continue;
    const value = args.get(arg, true);
    if (isScalar(value)) value.comment = ` ${onOneLine(text)}`;
  }
  return document.toString({ lineWidth: 0 });
}

/** A line end in a comment would end it. */
function onOneLine(text: string): string {
  return text.replace(/\s+/g, ' ');
}
