import type { Metric } from '../../plan/sweep/types.ts';
import type { ReportedTrial, SweepModel } from '../model/sweep.ts';
import type { Chart } from '../section.ts';
import { chartText } from './chart-text.ts';
import { tipOf } from './parallel.ts';

/** Trials that no other one is better than in one objective without being worse in another (the Pareto front); in the order given. */
export function paretoFront(trials: readonly ReportedTrial[], metrics: readonly Metric[]): ReportedTrial[] {
  const told = trials.filter(
    ({ status, objectives }) =>
      status === 'done' && metrics.every((_, i) => Number.isFinite(objectives[i] ?? Number.NaN)),
  );
  const cost = ({ objectives }: ReportedTrial, i: number) =>
    (metrics[i]!.goal === 'minimize' ? 1 : -1) * objectives[i]!;
  const beats = (a: ReportedTrial, b: ReportedTrial) =>
    metrics.every((_, i) => cost(a, i) <= cost(b, i)) && metrics.some((_, i) => cost(a, i) < cost(b, i));
  return told.filter(one => !told.some(other => beats(other, one)));
}

/** Two objectives against each other, for each pair. */
export function paretoCharts(report: Pick<SweepModel, 'spec' | 'trials'>, front: readonly ReportedTrial[]): Chart[] {
  const { metrics } = report.spec;
  const done = report.trials.filter(({ status }) => status === 'done');
  return metrics.flatMap((x, i) =>
    metrics.slice(i + 1).map((y, j): Chart => {
      const at = i + 1 + j;
      const [nameX, nameY] = [chartText(x.name), chartText(y.name)];
      const data = (list: readonly ReportedTrial[]) =>
        list
          .filter(({ objectives }) =>
            [objectives[i], objectives[at]].every(value => Number.isFinite(value ?? Number.NaN)),
          )
          .map(trial => ({
            name: `trial ${trial.trial}`,
            value: [trial.objectives[i]!, trial.objectives[at]!],
            tip: tipOf(trial, report),
          }));
      return {
        id: `pareto-${i}-${at}`,
        title: `${nameX} and ${nameY}`,
        option: {
          grid: { left: 8, right: 24, top: 56, bottom: 28, containLabel: true },
          legend: { top: 0, data: ['on the front', 'beaten'] },
          tooltip: { trigger: 'item', formatter: '@tipTooltip' },
          xAxis: {
            type: 'value',
            name: `${nameX} (${x.goal})`,
            nameLocation: 'middle',
            nameGap: 26,
            scale: true,
            axisLabel: { formatter: '@figure' },
          },
          yAxis: {
            type: 'value',
            name: `${nameY} (${y.goal})`,
            nameTextStyle: { align: 'left' },
            scale: true,
            axisLabel: { formatter: '@figure' },
          },
          series: [
            {
              type: 'scatter',
              name: 'on the front',
              symbolSize: 10,
              z: 4,
              itemStyle: { color: 'var(--c2)' },
              data: data(front),
            },
            {
              type: 'scatter',
              name: 'beaten',
              symbolSize: 7,
              itemStyle: { color: 'var(--line-strong)' },
              data: data(done.filter(trial => !front.includes(trial))),
            },
          ],
        },
        label: `${done.length} trials by ${nameX} and ${nameY}; ${front.length} are on the front: no other is better in all objectives.`,
        height: 360,
      };
    }),
  );
}
