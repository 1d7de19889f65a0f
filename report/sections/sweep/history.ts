import { historyChart } from '../../charts/history.ts';
import { paretoCharts, paretoFront } from '../../charts/pareto.ts';
import { html } from '../../html.ts';
import type { RenderOptions } from '../../model/report.ts';
import type { SweepModel } from '../../model/sweep.ts';
import { chartHtml, remark, type Section, table } from '../../section.ts';
import { objective, trialLink } from '../words.ts';

/** How the search went: the best so far of one objective, the Pareto front of several. */
export function historySection(model: SweepModel, pageOf: NonNullable<RenderOptions['pageOf']>): Section {
  const head = { id: 'history', title: 'How the search went', scripts: ['leaderboard.js'] };
  const { metrics } = model.spec;
  const chart = historyChart(model);
  if (!chart) return { ...head, html: remark('No trial is done with a finite objective yet.'), charts: [] };
  if (metrics.length === 1) return { ...head, html: chartHtml(chart), charts: [chart] };
  const front = paretoFront(model.trials, metrics);
  const charts = [...paretoCharts(model, front), chart];
  const content = html`${charts.map(each => chartHtml(each))}
${table({
  caption: 'Trials on the Pareto front',
  columns: [{ title: 'trial' }, ...metrics.map(({ name }) => ({ title: name, numeric: true }))],
  rows: front.map(trial => [trialLink(trial, pageOf), ...metrics.map((_, i) => objective(model, trial, i))]),
})}`;
  return { ...head, html: content, charts };
}
