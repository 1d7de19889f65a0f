import type { Json } from '../../plan/plan.ts';
import { computed, figure, none, origin as placeIn } from '../figure.ts';
import { type Html, html, named } from '../html.ts';
import type { DiffLine, RefinedRecipe, TrialModel } from '../model/trial.ts';
import { remark, type Section, table } from '../section.ts';

/** What refinement changed in recipes, and why. Null where nothing was refined. */
export function recipeSection({ recipes }: TrialModel): Section | null {
  if (recipes.length === 0) return null;
  return {
    id: 'recipe',
    title: recipes.length > 1 ? 'Recipes' : 'Recipe',
    html: html`${recipes.map(recipe => html`${recipes.length > 1 && html`<h3>${named(recipe.job.job.id, 80)}</h3>`}${recipeHtml(recipe)}`)}`,
    charts: [],
  };
}

function recipeHtml({ job, file, changes, diff }: RefinedRecipe): Html {
  const notes = (job.manifest?.notes ?? []).map(note => remark(named(note, 400)));
  if (changes.length === 0) return html`${notes}<p>The refinement changed nothing.</p>`;
  const rows = changes.map(({ op, arg, from, to, why, origin }) => [
    html`<code>${op}</code>`,
    html`<code>${arg}</code>`,
    typeof from === 'number' ? figure(from, origin) : value(from, job.manifestFile),
    value(to, file),
    named(why, 200),
  ]);
  const columns = [
    { title: 'Op' },
    { title: 'Argument' },
    { title: 'Was', numeric: true },
    { title: 'Is', numeric: true },
    { title: 'Why', wide: true },
  ];
  return html`<p><code>${job.job.component}</code> changed ${String(changes.length)} ${changes.length === 1 ? 'argument' : 'arguments'} of the recipe.</p>
${notes}
${table({ caption: 'Arguments that were changed', quiet: true, columns, rows })}
<details><summary>The recipe line by line</summary>${diffHtml(diff)}</details>`;
}

/** A value of a recipe; numbers also where they are text, as fractions are. */
function value(of: Json | undefined, file: string): Html {
  if (of === undefined) return none();
  const text = typeof of === 'string' ? of : JSON.stringify(of);
  const number = typeof of === 'boolean' || of === null || text === '' ? Number.NaN : Number(text);
  return Number.isFinite(number)
    ? computed(number, [placeIn(file)], { how: `${text} in the recipe` })
    : named(text, 60);
}

const MARKS: Record<DiffLine['kind'], string> = { same: ' ', old: '−', new: '+' };
const SPOKEN: Record<DiffLine['kind'], string> = { same: '', old: 'removed: ', new: 'added: ' };

/** A unified diff; lines that are told by colour have a sign and a word as well. */
function diffHtml(lines: readonly DiffLine[]): Html {
  const one = ({ kind, text }: DiffLine) =>
    html`<span class="line ${kind}"><span aria-hidden="true">${MARKS[kind]} </span>${kind !== 'same' && html`<span class="unseen">${SPOKEN[kind]}</span>`}${named(text, 400)}
</span>`;
  return html`<pre class="diff" tabindex="0" role="region" aria-label="Unified diff of the recipe">${lines.map(one)}</pre>`;
}
