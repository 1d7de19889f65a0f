import { numberText } from '../figure.ts';
import type { Html } from '../html.ts';
import type { Chart } from '../section.ts';

export interface RadarOptions {
  id: string;
  title: string;
  note?: string;
  /** Names of the axes. */
  axes: readonly string[];
  /** Values 0…1 by axis; null: not measured. */
  shapes: readonly { name: string; values: readonly (number | null)[] }[];
  table: Html;
}

/** Shapes over axes from 0 to 1. Fewer than three axes make no shape: bars then. */
export function radarChart({ id, title, note, axes, shapes, table }: RadarOptions): Chart {
  const spoken = shapes.map(
    ({ name, values }) =>
      `${name}: ${axes.map((axis, i) => `${axis} ${values[i] === null ? 'not measured' : numberText(values[i]!)}`).join(', ')}.`,
  );
  const about = { id, title, ...(note !== undefined && { note }), label: `${title}. ${spoken.join(' ')}`, table };
  const legend = { type: 'scroll', bottom: 0, left: 'center', formatter: '@short' };
  if (axes.length < 3)
    return {
      ...about,
      height: 70 + 26 * axes.length * shapes.length,
      option: {
        grid: { left: 4, right: 16, top: 8, bottom: 34, containLabel: true },
        legend: { ...legend, data: shapes.map(({ name }) => name) },
        tooltip: { trigger: 'axis', axisPointer: { type: 'shadow' }, formatter: '@axisTooltip' },
        xAxis: { type: 'value', min: 0, max: 1 },
        yAxis: {
          type: 'category',
          data: [...axes],
          inverse: true,
          axisLabel: { formatter: '@words' },
          axisTick: { show: false },
        },
        series: shapes.map(({ name, values }) => ({
          type: 'bar',
          name,
          data: [...values],
          barMaxWidth: 16,
          label: { show: true, position: 'insideRight', formatter: '@valueLabel' },
        })),
      },
    };
  return {
    ...about,
    height: 420,
    option: {
      legend: { ...legend, data: shapes.map(({ name }) => name) },
      tooltip: { trigger: 'item', formatter: '@radarTooltip' },
      radar: {
        indicator: axes.map(name => ({ name, min: 0, max: 1 })),
        radius: '52%',
        center: ['50%', '46%'],
        axisName: { formatter: '@wordLines', fontSize: 11, lineHeight: 13 },
        splitNumber: 4,
      },
      series: [
        {
          type: 'radar',
          data: shapes.map(({ name, values }) => ({ name, value: values.map(value => value ?? '-'), axes: [...axes] })),
          symbolSize: 4,
          areaStyle: { opacity: 0.08 },
          lineStyle: { width: 2 },
        },
      ],
    },
  };
}
