import { figure as rounded } from '../../plan/figures.ts';
import type { JsonObject } from '../../plan/plan.ts';
import { computed, figure, none, origin } from '../figure.ts';
import { html } from '../html.ts';
import type { Curve, CurvesOfMetric } from '../model/curves.ts';
import { type Chart, table } from '../section.ts';
import { chartText } from './chart-text.ts';

/** A trial as a chart of curves shows it. */
export interface CurveLook {
  trial: number;
  /** Of the series: `trial 3`. Series of one name are switched together in the legend. */
  name: string;
  /** In the table; default: its name and number. */
  title?: string;
  color: string;
  /** Drawn thick, and over the others. */
  strong?: boolean;
  faint?: boolean;
}

export interface CurvesChartOptions {
  id: string;
  /** Points of one curve at most. */
  most: number;
  looks: ReadonlyMap<number, CurveLook>;
  /** Steps at which trials stop or tell. */
  rungs?: readonly number[];
  /** Names in the legend; absent: there is none. Those that are not `on` are to be switched on. */
  legend?: { names: readonly string[]; on: ReadonlySet<string> };
  /** In words, who is who by colour. */
  key: string;
}

/** Names of more rungs would lie on each other. */
const MOST_LABELS = 10;
/** A smoothed line a curve more is drawn up to here. */
const MOST_SMOOTHED = 40;

/** One metric of many trials. */
export function curvesOfTrials(
  { name, over, curves }: CurvesOfMetric,
  { id, most, looks, rungs = [], legend, key }: CurvesChartOptions,
): Chart {
  const shown = curves.filter(({ trial }) => looks.has(trial));
  const thinned = shown.filter(curve => curve.of > curve.points.length);
  const bad = shown.filter(curve => curve.bad > 0);
  const words = [
    key,
    ...(thinned.length > 0
      ? [
          `${thinned.length} of ${shown.length} curves are thinned out to at most ${most} points: the first, the last, the lowest and highest of each stretch.`,
        ]
      : []),
    ...(bad.length > 0
      ? [`${bad.length} ${bad.length === 1 ? 'curve has' : 'curves have'} NaN or infinite values: lines break there.`]
      : []),
  ];
  const title = chartText(name);
  return {
    id,
    title,
    option: optionOf(shown, { title, over, looks, rungs, ...(legend && { legend }) }),
    label: `${shown.length} curves of ${title} over ${over}s, one a trial${extentWords(shown)}.`,
    note: words.join(' '),
    height: 380,
    controls: shown.length <= MOST_SMOOTHED ? ['log', 'smooth'] : ['log'],
    table: tableOf(name, over, shown, looks),
  };
}

function optionOf(
  curves: readonly Curve[],
  {
    title,
    over,
    looks,
    rungs,
    legend,
  }: Pick<CurvesChartOptions, 'looks' | 'legend'> & { title: string; over: string; rungs: readonly number[] },
): JsonObject {
  const series = curves.map((curve, i): JsonObject => {
    const { name, color, strong = false, faint = false } = looks.get(curve.trial)!;
    return {
      id: `trial-${curve.trial}`,
      name,
      type: 'line',
      data: curve.points,
      showSymbol: curve.points.length === 1,
      symbolSize: 5,
      z: strong ? 4 : faint ? 2 : 3,
      lineStyle: { width: strong ? 2.5 : 1.25, color, opacity: strong ? 1 : faint ? 0.45 : 0.8 },
      itemStyle: { color },
      emphasis: { disabled: true },
      ...(i === 0 &&
        rungs.length > 0 && {
          markLine: {
            silent: true,
            symbol: 'none',
            lineStyle: { color: 'var(--line-strong)', type: 'dashed' },
            label: { show: rungs.length <= MOST_LABELS, color: 'var(--muted)', formatter: 'rung', fontSize: 11 },
            data: rungs.map(step => ({ xAxis: step })),
          },
        }),
    };
  });
  return {
    grid: { left: 8, right: 24, top: legend ? 60 : 28, bottom: 28, containLabel: true },
    tooltip: { trigger: 'axis', formatter: '@axisTooltip', axisPointer: { type: 'line' } },
    ...(legend && {
      legend: {
        type: 'scroll',
        top: 0,
        data: [...legend.names],
        selected: Object.fromEntries(legend.names.map(name => [name, legend.on.has(name)])),
      },
    }),
    xAxis: {
      type: 'value',
      name: over,
      nameLocation: 'middle',
      nameGap: 26,
      min: 'dataMin',
      max: 'dataMax',
      splitLine: { show: false },
    },
    yAxis: {
      type: 'value',
      name: title,
      nameTextStyle: { align: 'left' },
      scale: true,
      axisLabel: { formatter: '@figure' },
    },
    series,
  };
}

function extentWords(curves: readonly Curve[]): string {
  const lasts = curves.flatMap(({ last }) => (last ? [last.value] : []));
  if (lasts.length === 0) return '';
  const [least, most] = [lasts.reduce((a, b) => Math.min(a, b)), lasts.reduce((a, b) => Math.max(a, b))];
  return `; they end between ${rounded(least)} and ${rounded(most)}`;
}

function tableOf(name: string, over: string, curves: readonly Curve[], looks: CurvesChartOptions['looks']) {
  const at = (found: Curve['last'], { file, key }: Curve) =>
    found === null
      ? none('no finite value')
      : html`${figure(found.value, origin(file, found.line, key))} <small>at ${found.step}</small>`;
  return table({
    caption: `${chartText(name)} of each trial`,
    quiet: true,
    columns: [
      { title: 'trial' },
      { title: `${over}s`, numeric: true },
      { title: 'last', numeric: true },
      { title: 'lowest', numeric: true },
      { title: 'highest', numeric: true },
      { title: 'NaN or infinite', numeric: true },
    ],
    rows: curves.map(curve => {
      const { trial, file, of, bad, last, lowest, highest } = curve;
      return [
        titleOf(looks.get(trial)!),
        computed(of, [origin(file)], { format: 'count' }),
        at(last, curve),
        at(lowest, curve),
        at(highest, curve),
        bad === 0 ? '0' : computed(bad, [origin(file)], { format: 'count' }),
      ];
    }),
  });
}

const titleOf = ({ title, name, trial }: CurveLook) =>
  title ?? (name === `trial ${trial}` ? name : `${name}, trial ${trial}`);
