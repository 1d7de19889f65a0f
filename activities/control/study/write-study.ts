import { join } from 'node:path';
import type { JsonObject } from '../../../plan/plan.ts';
import type { StudyFiles, StudyTable } from '../../../plan/protocol.ts';
import { parseSource } from '../../../plan/source.ts';
import { type Limit, type Limited, limitRecipe } from '../../../plan/study/limits.ts';
import { partId } from '../../../plan/study/places.ts';
import { pointTitle, shortNumber, tableText } from '../../../plan/study/table-text.ts';
import type { StudySpec } from '../../../plan/study/types.ts';
import { catalogue } from '../../catalogue.ts';
import { commentedRecipe } from '../../refine/commented-recipe.ts';
import { readIfThere, writeAtomically } from '../../runtime/atomic.ts';
import { JobFailure } from '../../runtime/failure.ts';

/** Writes what a study found: `study.json`, `table.md`, and the recipe with the limits of the winner. */
export async function writeStudy({ spec, table }: { spec: StudySpec; table: StudyTable }): Promise<StudyFiles> {
  const files: StudyFiles = { table: join(table.dir, 'table.md'), study: join(table.dir, 'study.json'), recipe: null };
  const limited = table.winner && limitsOf(table, await recipeAt(spec.recipe.path));
  if (limited) {
    files.recipe = join(table.dir, 'recipe.yaml');
    const said = {
      heading: headOf(table, limited),
      comments: limited.limits.map(limit => ({ ...limit, text: whyLimited(limit) })),
    };
    for (const path of [files.recipe, ...(spec.exportRecipe ? [spec.exportRecipe] : [])])
      await writeAtomically(path, commentedRecipe(limited.recipe, path, said));
  }
  const text = tableText({ ...table, notes: [...table.notes, ...(limited?.notes ?? [])] });
  await writeAtomically(files.table, `${text}\n`);
  await writeAtomically(
    files.study,
    `${JSON.stringify({ ...table, limits: limited?.limits ?? [], files }, null, 2)}\n`,
  );
  return files;
}

/** The user's own recipe, as it is now. */
async function recipeAt(path: string): Promise<JsonObject> {
  const text = await readIfThere(path);
  const value = text === null ? null : parseSource(path, text).value;
  if (value) return value;
  throw new JobFailure(`the recipe ${path} cannot be read any more, so that the winner's cannot be made of it`);
}

function limitsOf({ winner, parts }: StudyTable, recipe: JsonObject): Limited {
  const found = winner!.parts.map(part => parts.find(each => partId(each) === partId(part))!);
  return limitRecipe(recipe, found, catalogue());
}

/** What the recipe is and how sure that is, as lines of comment. */
function headOf({ winner, study, spec, message }: StudyTable, { notes }: Limited): string[] {
  const { parts, times, mean, gain, adjusted, proven } = winner!;
  const sure = proven
    ? `more than noise (${spec.test} test, p by Holm ${shortNumber(adjusted)})`
    : `NOT more than noise${adjusted === null ? '' : ` (${spec.test} test, p by Holm ${shortNumber(adjusted)})`}`;
  return [
    `Of pool study ${study}: ${pointTitle({ parts, times: 1 })}`,
    `${spec.metric.name} ${shortNumber(mean)} (${spec.metric.goal}), ${shortNumber(gain)} better than the whole data at the same number of samples: ${sure}`,
    ...(times > 1 ? [`Repeating each sample ${times} times was better still.`] : []),
    ...(message === null ? [] : [message]),
    ...notes,
  ];
}

/** `was 20; the high pool of text_len, rounded down` */
function whyLimited({ from, stat, end, rounded }: Limit): string {
  const was = from === null ? 'new' : `was ${JSON.stringify(from)}`;
  return `${was}; the ${end} pool of ${stat}${rounded ? `, rounded ${rounded}` : ''}`;
}
