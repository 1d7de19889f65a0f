import { chartText } from '../../charts/chart-text.ts';
import { type CurveLook, curvesOfTrials } from '../../charts/curves-of-trials.ts';
import { shortTitle } from '../../charts/effects.ts';
import { html } from '../../html.ts';
import type { StudyModel, StudyTrial } from '../../model/study.ts';
import { chartHtml, remark, type Section } from '../../section.ts';

/** Points whose curves are seen at first: the reference, and the winner. */
const COLORS = 8;

/** The curves of all trainings, those of one pool in one colour, a line a seed. */
export function studyCurvesSection(model: StudyModel): Section {
  const { curves, trials, table } = model;
  const points = trials.filter(({ does }) => does.kind === 'point');
  const names = [...new Set(points.map(trial => nameOf(trial, model)))];
  const on = new Set(names.filter(name => isShown(name, names, model)));
  const colors = new Map(
    [...on, ...names.filter(name => !on.has(name))].map((name, i) => [name, `var(--c${(i % COLORS) + 1})`]),
  );
  const looks = new Map(
    points.map((trial): [number, CurveLook] => {
      const name = nameOf(trial, model);
      return [trial.trial, { trial: trial.trial, name, color: colors.get(name)! }];
    }),
  );
  const charts = curves.metrics.map((metric, i) =>
    curvesOfTrials(metric, {
      id: `curves-${i}`,
      most: curves.most,
      looks,
      legend: { names, on },
      key: `A colour is a pool, a line a seed. ${on.size < names.length ? 'The legend switches pools on and off.' : ''}`.trim(),
    }),
  );
  const seeds = table ? `, seeds ${table.spec.seeds.join(', ')}` : '';
  const content =
    charts.length === 0
      ? remark('No training has told more than one value of any metric: there are no curves.')
      : html`<div class="choice" data-choice="Metric">${charts.map(chart => chartHtml(chart))}</div>`;
  return {
    id: 'curves',
    title: `Curves by pool and seed${seeds.length > 60 ? '' : seeds}`,
    html: content,
    charts,
    scripts: ['choice.js'],
  };
}

/** What a trial trains on, as the legend says it. */
function nameOf({ does }: StudyTrial, { table }: StudyModel): string {
  if (does.kind !== 'point') return '';
  const point = does.at && table?.stages[does.at.stage]?.points[does.at.point];
  const title = point ? shortTitle(point) : does.point;
  return chartText(`${title} (${does.samples})`, 60);
}

function isShown(name: string, names: readonly string[], { table }: StudyModel): boolean {
  if (names.length <= 4 || !table) return true;
  const [single] = table.stages;
  const [whole] = single?.points ?? [];
  const wanted = [
    ...(whole ? [`${shortTitle(whole)} (${single!.samples})`] : []),
    ...(table.winner ? [`${shortTitle({ parts: table.winner.parts, times: 1 })} (${table.winner.samples})`] : []),
  ];
  return wanted.some(each => chartText(each, 60) === name) || (wanted.length === 0 && name === names[0]);
}
