import { figure, numberText, origin } from '../figure.ts';
import { html, named } from '../html.ts';
import type { Curve } from '../model/trial.ts';
import { type Chart, table } from '../section.ts';

type Named = Curve & { name: string };

/** The points of a curve that are numbers, `[step, value, line of the file]`. */
export function finitePoints({ points }: Pick<Curve, 'points'>): [number, number, number][] {
  return points.flatMap(([step, value, line]): [number, number, number][] =>
    value === null ? [] : [[step, value, line]],
  );
}

/** Curves of one metric over steps, each named for what told it. */
export function curvesChart(metric: string, curves: readonly Named[], id: string): Chart {
  const shown = curves.filter(curve => finitePoints(curve).length > 0);
  const positive = shown.every(curve => finitePoints(curve).every(([, value]) => value > 0));
  const thinned = shown.filter(({ points, count }) => count > points.length);
  const odd = curves.reduce((sum, curve) => sum + curve.odd, 0);
  const notes = [
    ...(thinned.length > 0
      ? ['Of more than 600 points the lowest and highest of each stretch are drawn: no peak is lost.']
      : []),
    ...(odd > 0 ? [`${odd} ${odd === 1 ? 'value is' : 'values are'} NaN or infinite and cannot be drawn.`] : []),
  ];
  return {
    id,
    title: metric,
    height: 300,
    label: `${metric} over steps. ${shown.map(spoken).join(' ')}`,
    ...(notes.length > 0 && { note: notes.join(' ') }),
    controls: [...(positive ? (['log'] as const) : []), 'smooth'],
    option: {
      grid: { left: 4, right: 16, top: shown.length > 1 ? 34 : 12, bottom: 24, containLabel: true },
      tooltip: { trigger: 'axis', formatter: '@axisTooltip' },
      ...(shown.length > 1 && { legend: { type: 'scroll', top: 0, left: 0, formatter: '@short' } }),
      xAxis: {
        type: 'value',
        name: 'step',
        nameLocation: 'middle',
        nameGap: 24,
        min: 'dataMin',
        max: 'dataMax',
        splitLine: { show: false },
      },
      yAxis: { type: 'value', scale: true, axisLabel: { formatter: '@figure' } },
      series: shown.map(({ name, points }) => ({
        type: 'line',
        name,
        data: points.map(([step, value]) => [step, value]),
        symbol: points.length > 60 ? 'none' : 'circle',
        symbolSize: 4,
        lineStyle: { width: 1.6 },
        emphasis: { focus: 'series' },
      })),
    },
    table: curvesTable(metric, shown),
  };
}

function spoken(curve: Named): string {
  const points = finitePoints(curve);
  const [first, last] = [points[0]!, points.at(-1)!];
  return `${curve.name}: from ${numberText(first[1])} at step ${first[0]} to ${numberText(last[1])} at step ${last[0]}.`;
}

/** First, lowest, highest and last values with their steps: where the curve goes, in a table that can be read. */
function curvesTable(metric: string, curves: readonly Named[]) {
  const rows = curves.map(curve => {
    const { name, file, metric: key } = curve;
    const points = finitePoints(curve);
    const by = (better: (a: number, b: number) => boolean) => points.reduce((a, b) => (better(b[1], a[1]) ? b : a));
    const cells = [points[0]!, by((a, b) => a < b), by((a, b) => a > b), points.at(-1)!];
    return [
      named(name, 60),
      ...cells.map(
        ([step, value, line]) => html`${figure(value, origin(file, line, key))} <span class="at">at ${step}</span>`,
      ),
    ];
  });
  const columns = ['Of', 'First', 'Lowest', 'Highest', 'Last'].map((title, i) => ({ title, numeric: i > 0 }));
  return table({ caption: `${metric}: first, lowest, highest and last value, with their steps`, columns, rows });
}
