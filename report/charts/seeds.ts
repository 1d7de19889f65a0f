import { pointTitle, shortNumber } from '../../plan/study/table-text.ts';
import type { JudgedStage } from '../../plan/study/types.ts';
import type { StudyModel } from '../model/study.ts';
import type { Chart } from '../section.ts';
import { chartText } from './chart-text.ts';
import { shortTitle } from './effects.ts';

/** The scores of each point of a stage, a dot a seed, with their mean; null: there are none. */
export function seedsChart(
  { points }: JudgedStage,
  { metric, seeds }: NonNullable<StudyModel['table']>['spec'],
  id: string,
): Chart | null {
  const scored = points.filter(({ scores }) => scores.some(score => score !== null));
  if (scored.length === 0) return null;
  const rows = [...scored].reverse();
  const name = chartText(metric.name);
  const shown = seeds.slice(0, 8);
  return {
    id,
    title: `${name} by seed`,
    option: {
      grid: { left: 8, right: 32, top: 36, bottom: 28, containLabel: true },
      legend: {
        type: 'scroll',
        top: 0,
        data: [...shown.map(seed => `seed ${seed}`), { name: 'mean', icon: 'path://M4 0h2v10h-2z' }],
      },
      tooltip: { trigger: 'item', formatter: '@tipTooltip' },
      xAxis: {
        type: 'value',
        name: `${name} (${metric.goal}d)`,
        nameLocation: 'middle',
        nameGap: 26,
        scale: true,
        axisLabel: { formatter: '@figure' },
      },
      yAxis: {
        type: 'category',
        data: rows.map(shortTitle),
        axisTick: { show: false },
        axisLine: { onZero: false },
        axisLabel: { width: 220, overflow: 'truncate' },
      },
      series: [
        ...shown.map((seed, at) => ({
          type: 'scatter',
          name: `seed ${seed}`,
          symbolSize: 8,
          itemStyle: { color: `var(--c${(at % 8) + 1})`, opacity: 0.85 },
          data: rows.flatMap((point, i) => {
            const score = point.scores[at] ?? null;
            return score === null
              ? []
              : [
                  {
                    value: [score, i],
                    tip: [chartText(pointTitle(point), 120), `seed ${seed}: ${shortNumber(score)}`],
                  },
                ];
          }),
        })),
        {
          type: 'scatter',
          name: 'mean',
          symbol: 'rect',
          symbolSize: [2.5, 20],
          z: 4,
          itemStyle: { color: 'var(--ink)' },
          data: rows.flatMap((point, i) =>
            point.mean === null
              ? []
              : [
                  {
                    value: [point.mean, i],
                    tip: [chartText(pointTitle(point), 120), `mean ${shortNumber(point.mean)} of ${point.n}`],
                  },
                ],
          ),
        },
      ],
      media: [{ query: { maxWidth: 560 }, option: { yAxis: { axisLabel: { width: 110 } } } }],
    },
    label: `${name} of ${scored.length} points with ${seeds.length} ${seeds.length === 1 ? 'seed' : 'seeds'}, a dot each, and their means.`,
    height: 88 + 28 * rows.length,
  };
}
