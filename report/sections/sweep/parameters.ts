import { importanceChart } from '../../charts/importance.ts';
import { parallelChart } from '../../charts/parallel.ts';
import { origin } from '../../figure.ts';
import { html, named } from '../../html.ts';
import type { SweepModel } from '../../model/sweep.ts';
import { varied } from '../../model/winner.ts';
import { chartHtml, remark, type Section } from '../../section.ts';

/** Parallel coordinates, as many lines as can be told apart. */
const MOST_LINES = 1_000;

/** What the config's values have to do with the objective. */
export function parametersSection(model: SweepModel): Section {
  const { names } = varied(model);
  const parallel = parallelChart({ ...model, trials: model.trials.slice(0, MOST_LINES) }, names);
  const judged = model.importances.filter(({ shares }) => shares.length > 0);
  const charts = judged.map((importance, i) =>
    importanceChart(importance, `importance-${i}`, origin(model.ledger.file)),
  );
  const lacking = model.importances.filter(({ shares }) => shares.length === 0);
  const content = html`${parallel ? chartHtml(parallel) : remark('No value of the config differs between trials.')}
<h3>Which values mattered</h3>
${charts.length > 0 && html`<div class="chart-grid">${charts.map(chart => chartHtml(chart))}</div>`}
${lacking.map(({ of, lacking }) => remark(html`For ${named(of, 120)} it is not known: ${lacking}.`))}`;
  return {
    id: 'parameters',
    title: 'Values and what came of them',
    html: content,
    charts: [...(parallel ? [parallel] : []), ...charts],
    scripts: ['leaderboard.js'],
  };
}
