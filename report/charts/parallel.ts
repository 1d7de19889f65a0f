import type { Json, JsonObject } from '../../plan/plan.ts';
import { choicesOf } from '../../plan/sweep/distributions.ts';
import { shortNames, valueText } from '../../plan/sweep/point-text.ts';
import type { Distribution } from '../../plan/sweep/types.ts';
import type { ReportedTrial, SweepModel } from '../model/sweep.ts';
import type { Chart } from '../section.ts';
import { chartText } from './chart-text.ts';

/** One axis: what stands on it, and where a trial is on it. */
interface ParallelAxis {
  name: string;
  option: JsonObject;
  at: (trial: ReportedTrial) => number | string | null;
}

/** Names on an axis are read also where lines run behind them. */
const OVER_LINES = { color: 'var(--ink)', textBorderColor: 'var(--paper)', textBorderWidth: 3 };

/** More categories than these are not to be read on an axis. */
const MOST_CATEGORIES = 24;

/** Values of the config beside what came of them: a line a trial. Null: no trial can be drawn, or nothing was varied. */
export function parallelChart(
  report: Pick<SweepModel, 'spec' | 'rungs' | 'trials'>,
  varied: readonly string[],
): Chart | null {
  const { spec, rungs, trials } = report;
  if (trials.length === 0 || varied.length === 0) return null;
  const [metric] = spec.metrics;
  const names = shortNames([...varied, ...spec.metrics.map(({ name }) => name)]);
  const axes = [
    ...varied.map(name => parameterAxis(name, names.get(name)!, trials, distributionOf(spec.space, name))),
    ...rungAxis(rungs, trials),
    ...spec.metrics.map(({ name }, i) => objectiveAxis(names.get(name)!, i)),
  ];
  const told = trials.filter(({ objectives }) => objectives[0] !== null && objectives[0] !== undefined);
  const others = trials.filter(trial => !told.includes(trial));
  const first = axes.length - spec.metrics.length;
  const values = told.map(({ objectives }) => objectives[0]!);
  const better =
    metric?.goal === 'maximize'
      ? ['var(--c2)', 'var(--line-strong)', 'var(--c1)']
      : ['var(--c1)', 'var(--line-strong)', 'var(--c2)'];
  const data = (list: readonly ReportedTrial[]): Json[] =>
    list.map(trial => ({
      name: `trial ${trial.trial}`,
      value: axes.map(axis => axis.at(trial)),
      tip: tipOf(trial, report),
    }));
  const option: JsonObject = {
    tooltip: { trigger: 'item', formatter: '@tipTooltip' },
    parallel: {
      left: 48,
      right: 72,
      top: 44,
      bottom: told.length > 0 ? 64 : 28,
      parallelAxisDefault: { nameTextStyle: { fontSize: 12 }, nameGap: 14 },
    },
    parallelAxis: axes.map(({ name, option }, dim) => ({
      dim,
      name: chartText(name, 22),
      nameLocation: 'end',
      ...option,
    })),
    ...(values.length > 0 && {
      visualMap: {
        type: 'continuous',
        seriesIndex: 0,
        dimension: first,
        min: Math.min(...values),
        max: Math.max(...values) > Math.min(...values) ? Math.max(...values) : Math.min(...values) + 1,
        orient: 'horizontal',
        left: 'center',
        bottom: 0,
        itemHeight: 160,
        itemWidth: 12,
        precision: 4,
        calculable: false,
        text: metric?.goal === 'maximize' ? ['best', 'worst'] : ['worst', 'best'],
        textStyle: { color: 'var(--muted)' },
        inRange: { color: better },
      },
    }),
    series: [
      {
        type: 'parallel',
        name: 'told',
        lineStyle: { width: 2, opacity: 0.85 },
        emphasis: { lineStyle: { width: 4, opacity: 1 } },
        data: data(told),
        z: 3,
      },
      {
        type: 'parallel',
        name: 'others',
        lineStyle: { width: 1, opacity: 0.6, color: 'var(--line-strong)', type: 'dashed' },
        data: data(others),
        z: 2,
      },
    ],
    media: [
      {
        query: { maxWidth: 560 },
        option: {
          parallel: { layout: 'vertical', left: 96, right: 24, top: 16, bottom: 96 },
          parallelAxis: axes.map(({ name }, dim) => ({ dim, name: chartText(name, 12), nameLocation: 'start' })),
        },
      },
    ],
  };
  const grey =
    others.length > 0
      ? ` Dashed grey: the ${others.length} ${others.length === 1 ? 'trial' : 'trials'} without ${chartText(metric?.name ?? 'objective')}.`
      : '';
  return {
    id: 'parallel',
    title: 'Values of the config, and what came of them',
    option,
    label: `A line for each of ${trials.length} trials through ${axes.length} axes: ${axes.map(({ name }) => chartText(name, 30)).join(', ')}. The leaderboard has the same numbers.`,
    note: `${metric?.goal === 'maximize' ? 'The higher' : 'The lower'} on the axis ${chartText(names.get(metric?.name ?? '') ?? '')} the better: best are blue, worst orange.${grey} Drag along an axis to see only trials in a range; click it to undo.`,
    height: 420,
  };
}

const distributionOf = (space: SweepModel['spec']['space'], name: string): Distribution | null =>
  space.find(each => each.name === name)?.distribution ?? null;

function parameterAxis(
  name: string,
  short: string,
  trials: readonly ReportedTrial[],
  distribution: Distribution | null,
): ParallelAxis {
  const values = trials.flatMap(({ point }) => (Object.hasOwn(point, name) ? [point[name]!] : []));
  const choices = distribution && choicesOf(distribution);
  const isNumeric = !choices && values.every(value => typeof value === 'number' && Number.isFinite(value));
  if (isNumeric) {
    const isLog = isLogarithmic(distribution) && values.every(value => (value as number) > 0);
    return {
      name: short,
      option: {
        type: isLog ? 'log' : 'value',
        scale: true,
        axisLabel: { ...OVER_LINES, formatter: '@figure' },
        ...(isLog && boundsOfLog(values as number[])),
      },
      at: ({ point }) => (typeof point[name] === 'number' ? point[name] : null),
    };
  }
  // In the order of the sweep's file, then what was tried by hand.
  const listed = choices
    ? Array.from({ length: Math.min(choices.count, MOST_CATEGORIES) }, (_, i) => choices.at(i))
    : [];
  const texts = [...new Set([...listed, ...values].map(categoryText))].slice(0, MOST_CATEGORIES);
  return {
    name: short,
    option: { type: 'category', data: texts, axisTick: { show: false }, axisLabel: OVER_LINES },
    at: ({ point }) => {
      const text = Object.hasOwn(point, name) ? categoryText(point[name]!) : null;
      return text !== null && texts.includes(text) ? text : null;
    },
  };
}

const categoryText = (value: Json): string => chartText(valueText(value), 24) || '(empty)';

function isLogarithmic(distribution: Distribution | null): boolean {
  return distribution !== null && /log_(uniform|normal)/.test(distribution.kind);
}

/** ECharts' logarithmic axes go from power to power: values of one of them would lie in a corner. */
function boundsOfLog(values: readonly number[]): JsonObject {
  return { min: Math.min(...values), max: Math.max(...values) };
}

function rungAxis(rungs: SweepModel['rungs'], trials: readonly ReportedTrial[]): ParallelAxis[] {
  const step = rungs?.steps[0];
  if (!rungs || step === undefined || !trials.some(trial => trial.rungs.some(rung => rung.step === step))) return [];
  return [
    {
      name: `${shortNames([rungs.metric]).get(rungs.metric)} at ${step}`,
      option: { type: 'value', scale: true, axisLabel: { ...OVER_LINES, formatter: '@figure' } },
      at: trial => trial.rungs.find(rung => rung.step === step)?.value ?? null,
    },
  ];
}

function objectiveAxis(short: string, index: number): ParallelAxis {
  return {
    name: short,
    option: { type: 'value', scale: true, axisLabel: { ...OVER_LINES, formatter: '@figure' } },
    at: ({ objectives }) => objectives[index] ?? null,
  };
}

/** What a trial is, in lines of a tooltip. */
export function tipOf(trial: ReportedTrial, { spec }: Pick<SweepModel, 'spec'>): string[] {
  const names = shortNames(Object.keys(trial.point));
  return [
    `trial ${trial.trial}, ${trial.status}`,
    ...spec.metrics.map(
      ({ name }, i) =>
        `${chartText(name, 60)}: ${trial.objectives[i] === null || trial.objectives[i] === undefined ? '–' : valueText(trial.objectives[i])}`,
    ),
    ...Object.entries(trial.point)
      .slice(0, 12)
      .map(([name, value]) => `${chartText(names.get(name) ?? name, 40)} = ${chartText(valueText(value), 60)}`),
  ];
}
