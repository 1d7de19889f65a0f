import { pointTitle, stageHead } from '../../../plan/study/table-text.ts';
import type { JudgedPoint, JudgedStage } from '../../../plan/study/types.ts';
import { effectsChart } from '../../charts/effects.ts';
import { pyramidChart } from '../../charts/pyramid.ts';
import { seedsChart } from '../../charts/seeds.ts';
import { none, origin } from '../../figure.ts';
import { type Html, html, named } from '../../html.ts';
import type { StudyModel } from '../../model/study.ts';
import { type Chart, chartHtml, remark, type Section, table } from '../../section.ts';
import { verdictBadge } from './operators.ts';
import { figureOf } from './summary.ts';

/** All points that were tried, stage by stage: effects, scores by seed, and the judge's table. */
export function stagesSection(model: StudyModel): Section {
  const { table: found } = model;
  const charts: Chart[] = [];
  const drawn = (chart: Chart | null) => {
    if (chart) charts.push(chart);
    return chart && chartHtml(chart);
  };
  const pieces = (found?.stages ?? []).map(
    (stage, i) => html`<h3>${stageHead(stage)}</h3>
${drawn(effectsChart(stage, found!.spec, { id: `effects-${i}`, explained: i > 0 }))}
${drawn(seedsChart(stage, found!.spec, `seeds-${i}`))}
${stageTable(model, stage, i)}
`,
  );
  const content = pieces.length === 0 ? remark('Nothing has been tried yet.') : html`${pieces}`;
  return { id: 'stages', title: 'Pools and what came of them', html: content, charts };
}

/** The points of a stage in the order of its table: the first, then the largest gain first. */
function stageTable(model: StudyModel, { kind, samples, points }: JudgedStage, stage: number): Html {
  const gain = (at: number) => points[at]!.comparison?.gain ?? Number.NEGATIVE_INFINITY;
  const order = [...points.keys()].slice(1).sort((a, b) => gain(b) - gain(a) || a - b);
  return table({
    caption: stageHead({ kind, samples }),
    quiet: true,
    columns: [
      { title: 'data' },
      { title: 'samples', numeric: true },
      { title: 'seeds', numeric: true },
      { title: 'mean', numeric: true },
      { title: '± deviation', numeric: true },
      { title: 'gain', numeric: true },
      { title: 'p', numeric: true },
      { title: 'p (Holm)', numeric: true },
      { title: 'verdict' },
    ],
    rows: (points.length > 0 ? [0, ...order] : []).map(at =>
      pointRow(model, points[at]!, ['stages', stage, 'points', at]),
    ),
  });
}

function pointRow(model: StudyModel, point: JudgedPoint, path: (string | number)[]): (Html | string)[] {
  const { samples, n, mean, deviation, comparison, failed, why } = point;
  const of = (value: number | null, ...rest: (string | number)[]) =>
    figureOf(model, value, origin(model.file ?? '', ...path, ...rest));
  return [
    named(pointTitle(point), 200),
    of(samples, 'samples'),
    failed > 0 ? html`${of(n, 'n')} <small title="${why ?? ''}">(${failed} failed or stopped)</small>` : of(n, 'n'),
    of(mean, 'mean'),
    of(deviation, 'deviation'),
    comparison ? of(comparison.gain, 'comparison', 'gain') : none('not compared'),
    comparison ? of(comparison.p, 'comparison', 'p') : none('not compared'),
    comparison ? of(comparison.adjusted, 'comparison', 'adjusted') : none('not compared'),
    comparison
      ? verdictBadge(comparison.verdict)
      : n === 0
        ? why === null
          ? 'no objective'
          : named(`no objective: ${why}`, 120)
        : 'reference',
  ];
}

/** Pools by how many stats they are of. */
export function pyramidSection(model: StudyModel): Section | null {
  const chart = pyramidChart(model);
  if (!chart) return null;
  const { table: found } = model;
  const parts = (found?.parts ?? []).map(({ op, stat, end }, i) => {
    const of = (key: 'rows' | 'from' | 'to') =>
      figureOf(model, found!.parts[i]![key], origin(model.file ?? '', 'parts', i, key));
    return [named(op, 80), named(stat, 80), end, of('rows'), of('from'), of('to')];
  });
  const cut = table({
    caption: 'Where the data was cut: each pool of one stat, with the smallest and largest value in it',
    columns: [
      { title: 'operator' },
      { title: 'stat' },
      { title: 'end' },
      { title: 'samples', numeric: true },
      { title: 'from', numeric: true },
      { title: 'to', numeric: true },
    ],
    rows: parts,
  });
  return {
    id: 'pyramid',
    title: 'The pyramid',
    html: html`${chartHtml(chart)}${parts.length > 0 && html`<details><summary>Where the data was cut</summary>${cut}</details>`}`,
    charts: [chart],
  };
}
