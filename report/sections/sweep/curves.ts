import { type CurveLook, curvesOfTrials } from '../../charts/curves-of-trials.ts';
import { html, named } from '../../html.ts';
import type { ReportedTrial, SweepModel } from '../../model/sweep.ts';
import { chartHtml, remark, type Section } from '../../section.ts';

/** What all trials told while they ran: one chart a metric, one of them seen at a time. */
export function curvesSection(model: SweepModel, best: number | null): Section {
  const { curves, trials, rungs } = model;
  // A spec without the length of a training names rungs far beyond its end.
  const reached = [...new Set(trials.flatMap(trial => trial.rungs.map(({ step }) => step)))].sort((a, b) => a - b);
  const looks = new Map(trials.map(trial => [trial.trial, lookOf(trial, best)]));
  const charts = curves.metrics.map((metric, i) => {
    const left = metric.all - metric.curves.length;
    const chart = curvesOfTrials(metric, {
      id: `curves-${i}`,
      most: curves.most,
      looks,
      key: `Blue: done${best === null ? '' : `, the best one thick`}. Grey: stopped or waiting. Red: failed.${left > 0 ? ` The ${left} trials with the worst places are left out.` : ''}`,
      ...(metric.name === rungs?.metric && { rungs: reached }),
    });
    return chart;
  });
  const content =
    charts.length === 0
      ? remark('No trial has told more than one value of any metric: there are no curves.')
      : html`<div class="choice" data-choice="Metric">${charts.map(chart => chartHtml(chart))}</div>
${curves.left.length > 0 && html`<p class="small">${curves.left.length} more metrics are in the reports of the trials: ${named(curves.left.slice(0, 12).join(', '), 400)}.</p>`}`;
  return {
    id: 'curves',
    title: 'Curves of all trials',
    html: content,
    charts,
    scripts: ['choice.js', 'leaderboard.js'],
  };
}

function lookOf({ trial, status }: ReportedTrial, best: number | null): CurveLook {
  const name = `trial ${trial}`;
  if (trial === best) return { trial, name, color: 'var(--accent)', strong: true };
  if (status === 'failed') return { trial, name, color: 'var(--bad)' };
  if (status === 'done' || status === 'running')
    return { trial, name, color: status === 'done' ? 'var(--c1)' : 'var(--c5)' };
  return { trial, name, color: 'var(--line-strong)', faint: true };
}
