import { ENDS, type OperatorRow } from '../../../plan/study/types.ts';
import { VERDICTS } from '../../charts/effects.ts';
import { none, origin } from '../../figure.ts';
import { type Html, html, named } from '../../html.ts';
import type { StudyModel } from '../../model/study.ts';
import { remark, type Section, table } from '../../section.ts';
import { figureOf } from './summary.ts';

export const verdictBadge = (verdict: OperatorRow['verdict']): Html =>
  html`<span class="badge ${verdict === 'better' ? 'good' : verdict === 'worse' ? 'bad' : ''}">${VERDICTS[verdict].words}</span>`;

/** Which end of which stat helps, and what the winner sets in the recipe. */
export function operatorsSection(model: StudyModel): Section {
  const { table: found, limits, recipe } = model;
  const rows = (found?.operators ?? []).map((row, i) => [
    named(row.op, 80),
    named(row.stat, 80),
    ...ENDS.map(end => gainCell(model, row, i, end)),
    row.best ?? none('none has a mean'),
    verdictBadge(row.verdict),
  ]);
  const content =
    rows.length === 0
      ? remark('No stat has been tried yet.')
      : html`${table({
          caption: `Gain in ${found!.spec.metric.name} over the whole data, by the end of the stat that is kept; above 0 is better`,
          columns: [
            { title: 'operator' },
            { title: 'stat' },
            ...ENDS.map(title => ({ title, numeric: true })),
            { title: 'best end' },
            { title: 'verdict of it' },
          ],
          rows,
        })}
${limits.length > 0 && limitsTable(model)}
${recipe !== null && html`<p class="small">The winner's recipe: <code>${recipe}</code></p>`}`;
  return { id: 'operators', title: 'Which operator helps', html: content, charts: [] };
}

function gainCell(
  model: StudyModel,
  { ends, best }: OperatorRow,
  row: number,
  end: OperatorRow['ends'][number]['end'],
): Html {
  const at = ends.findIndex(each => each.end === end);
  const found = ends[at];
  if (!found || found.gain === null) return none();
  const mark = found.verdict === 'better' ? ' ▲' : found.verdict === 'worse' ? ' ▼' : '';
  const text = html`${found.gain > 0 && '+'}${figureOf(model, found.gain, origin(model.file ?? '', 'operators', row, 'ends', at, 'gain'))}${mark}`;
  return best === end ? html`<strong>${text}</strong>` : text;
}

function limitsTable(model: StudyModel): Html {
  return table({
    caption: 'What the winner sets in the recipe',
    columns: [
      { title: 'argument' },
      { title: 'was', numeric: true },
      { title: 'is', numeric: true },
      { title: 'from' },
    ],
    rows: model.limits.map(({ op, arg, from, to, stat, end }, i) => [
      named(`${op}.${arg}`, 120),
      from === null
        ? none('not set')
        : typeof from === 'number'
          ? figureOf(model, from, origin(model.file ?? '', 'limits', i, 'from'))
          : named(JSON.stringify(from), 60),
      typeof to === 'number'
        ? figureOf(model, to, origin(model.file ?? '', 'limits', i, 'to'))
        : named(JSON.stringify(to), 60),
      named(`the ${end} pool of ${stat}`, 120),
    ]),
  });
}
