import { computed, origin } from '../figure.ts';
import type { Histogram } from '../model/trial.ts';
import { type Chart, table } from '../section.ts';

/** A stat's values before and after, one over the other. */
export function histogramChart(histogram: Histogram, id: string): Chart {
  const { stat, bins, before, after, odd } = histogram;
  const sum = (counts: readonly number[]) => counts.reduce((a, b) => a + b, 0);
  const bar = { type: 'bar', barCategoryGap: '8%', barGap: '-100%', cursor: 'default' };
  return {
    id,
    title: stat,
    height: 190,
    label: `Histogram of ${stat}: ${sum(before)} values${after === null ? '' : ` before, ${sum(after)} after processing`}; most are at ${mostAt(histogram, before)}${after === null || sum(after) === 0 ? '' : ` before and at ${mostAt(histogram, after)} after`}.`,
    ...(odd > 0 && { note: `${odd} values are no numbers (NaN or infinite) and are left out.` }),
    option: {
      grid: { left: 4, right: 8, top: 12, bottom: 4, containLabel: true },
      tooltip: { trigger: 'axis', axisPointer: { type: 'shadow' }, formatter: '@axisTooltip' },
      xAxis: {
        type: 'category',
        data: bins,
        axisLabel: { hideOverlap: true, formatter: '@binStart' },
        axisTick: { show: false },
      },
      yAxis: { type: 'value', minInterval: 1, splitNumber: 3 },
      series: [
        {
          ...bar,
          name: after === null ? 'samples' : 'before',
          data: before,
          itemStyle: { color: 'var(--before)', opacity: after === null ? 0.9 : 0.45 },
        },
        ...(after === null
          ? []
          : [{ ...bar, name: 'after', data: after, itemStyle: { color: 'var(--after)', opacity: 0.85 } }]),
      ],
    },
    table: histogramTable(histogram),
  };
}

function mostAt({ bins }: Histogram, counts: readonly number[]): string {
  return bins[counts.indexOf(Math.max(...counts))] ?? 'none';
}

function histogramTable({ stat, bins, before, after, files }: Histogram) {
  const count = (value: number, file: string) =>
    computed(value, [origin(file)], { format: 'count', how: 'values in this bin' });
  const rows = bins.flatMap((bin, i) =>
    before[i] === 0 && !after?.[i]
      ? []
      : [[bin, count(before[i]!, files.before), ...(after === null ? [] : [count(after[i]!, files.after!)])]],
  );
  const columns = [
    { title: stat },
    { title: after === null ? 'Values' : 'Before', numeric: true },
    ...(after === null ? [] : [{ title: 'After', numeric: true }]),
  ];
  return table({ caption: `${stat}, values by bin; bins without any are left out`, columns, rows });
}
