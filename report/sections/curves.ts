import { curvesChart, finitePoints } from '../charts/curves.ts';
import { clipped, html } from '../html.ts';
import type { Curve, TrialModel } from '../model/trial.ts';
import { type Chart, chartHtml, remark, type Section } from '../section.ts';

/** Metrics of held-out data are drawn with those of the same name of training data. */
const HELD_OUT = /^(val|valid|validation|eval|test|held_?out)[_/.-]/i;
/** What shows that it learns comes first. */
const FIRST = /loss|acc|reward|score|error|perplex|ppl/i;
const SHOWN = 4;

/** Curves of what programs told as they ran: losses first, the rest folded away. Null where none told anything twice. */
export function curvesSection({ curves, iterations }: TrialModel): Section | null {
  const drawn = curves.filter(curve => finitePoints(curve).length > 1);
  const lost = curves.filter(({ count, odd }) => count > 0 && odd === count);
  if (drawn.length === 0 && lost.length === 0) return null;
  const groups = new Map<string, Curve[]>();
  for (const curve of drawn) {
    const name = curve.metric.replace(HELD_OUT, '');
    groups.set(name, [...(groups.get(name) ?? []), curve]);
  }
  const ordered = [...groups].sort(([a], [b]) => Number(FIRST.test(b)) - Number(FIRST.test(a)));
  const charts: Chart[] = ordered.map(([metric, own], i) =>
    curvesChart(
      metric,
      own.map(curve => ({ ...curve, name: nameOf(curve, own, iterations) })),
      `curve-${i}`,
    ),
  );
  const first = Math.max(ordered.filter(([name]) => FIRST.test(name)).length, 1);
  const shown = Math.min(first, SHOWN);
  const rest = charts.slice(shown);
  return {
    id: 'curves',
    title: 'Curves',
    html: html`${charts.length > 0 && html`<p>As the programs told them. Smoothing draws a running mean over the points, which stay.</p>`}
${lost.map(({ metric, job, count }) => remark(`All ${count} values of ${metric} of ${job} are NaN or infinite: there is nothing to draw.`, 'problem'))}
${charts.slice(0, shown).map(chartHtml)}
${rest.length > 0 && html`<details class="more"><summary>${rest.length} more: ${rest.map(({ title }) => title).join(', ')}</summary><div class="chart-grid">${rest.map(chartHtml)}</div></details>`}`,
    charts,
  };
}

function nameOf({ metric, job, program, iteration }: Curve, group: readonly Curve[], iterations: number): string {
  const metrics = new Set(group.map(each => each.metric));
  const parts = [
    job.replace(/^anonymous\./, ''),
    program,
    iterations > 1 ? `iteration ${iteration}` : '',
    metrics.size > 1 ? metric : '',
  ];
  return clipped(parts.filter(part => part !== '').join(', '), 80);
}
