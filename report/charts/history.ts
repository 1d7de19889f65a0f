import type { Json } from '../../plan/plan.ts';
import type { Metric } from '../../plan/sweep/types.ts';
import { figure, origin } from '../figure.ts';
import type { ReportedTrial, SweepModel } from '../model/sweep.ts';
import { type Chart, table } from '../section.ts';
import { chartText } from './chart-text.ts';
import { tipOf } from './parallel.ts';

/** A trial with an objective, and the best up to its end. */
interface Step {
  trial: ReportedTrial;
  value: number;
  best: number;
  isBest: boolean;
}

/** Trials with a finite objective in the order of their ends. */
export function stepsOf(trials: readonly ReportedTrial[], { goal }: Pick<Metric, 'goal'>): Step[] {
  const ended = trials
    .filter(
      ({ status, objectives, finishedAt }) =>
        status === 'done' && Number.isFinite(objectives[0] ?? Number.NaN) && finishedAt !== null,
    )
    .sort((a, b) => a.finishedAt! - b.finishedAt! || a.trial - b.trial);
  let best = goal === 'minimize' ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  return ended.map(trial => {
    const value = trial.objectives[0]!;
    const isBest = goal === 'minimize' ? value < best : value > best;
    if (isBest) best = value;
    return { trial, value, best, isBest };
  });
}

/** The objective of trials in the order in which they ended, and the best so far; null: no trial has one. */
export function historyChart(report: Pick<SweepModel, 'spec' | 'trials' | 'ledger'>): Chart | null {
  const [metric] = report.spec.metrics;
  if (!metric) return null;
  const steps = stepsOf(report.trials, metric);
  if (steps.length === 0) return null;
  const name = chartText(metric.name);
  const improved = steps.filter(({ isBest }) => isBest);
  const points = steps.map(
    ({ trial, value }, i): Json => ({ name: `trial ${trial.trial}`, value: [i + 1, value], tip: tipOf(trial, report) }),
  );
  return {
    id: 'history',
    title: `${name} by trial, and the best so far`,
    option: {
      grid: { left: 8, right: 24, top: 56, bottom: 28, containLabel: true },
      legend: { top: 0, data: ['a trial', { name: 'best so far', icon: 'roundRect' }] },
      tooltip: { trigger: 'item', formatter: '@tipTooltip' },
      xAxis: {
        type: 'value',
        name: 'trials that ended with an objective',
        nameLocation: 'middle',
        nameGap: 26,
        min: 0,
        max: steps.length + 1,
        minInterval: 1,
        splitLine: { show: false },
      },
      yAxis: {
        type: 'value',
        name,
        nameTextStyle: { align: 'left' },
        scale: true,
        axisLabel: { formatter: '@figure' },
      },
      series: [
        {
          id: 'best',
          name: 'best so far',
          type: 'line',
          step: 'end',
          showSymbol: false,
          silent: true,
          lineStyle: { color: 'var(--c2)', width: 2 },
          itemStyle: { color: 'var(--c2)' },
          data: [...steps.map(({ best }, i) => [i + 1, best]), [steps.length + 1, steps.at(-1)!.best]],
        },
        {
          id: 'trials',
          name: 'a trial',
          type: 'scatter',
          symbolSize: 8,
          itemStyle: { color: 'var(--c1)', opacity: 0.8 },
          data: points,
        },
      ],
    },
    label: `${steps.length} trials in the order of their ends; ${improved.length} of them ${improved.length === 1 ? 'was' : 'were'} the best so far, the last one trial ${improved.at(-1)!.trial.trial}.`,
    height: 300,
    table: table({
      caption: 'Trials that were the best so far',
      columns: [{ title: 'trial' }, { title: name, numeric: true }, { title: 'ended as number', numeric: true }],
      rows: steps.flatMap(({ trial, value, isBest }, i) =>
        isBest
          ? [
              [
                `trial ${trial.trial}`,
                figure(value, origin(report.ledger.file, trial.lines.end ?? 0, 'objectives', 0)),
                String(i + 1),
              ],
            ]
          : [],
      ),
    }),
  };
}
