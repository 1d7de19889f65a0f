import { differenceIntervals } from '../../plan/study/intervals.ts';
import { pointTitle, shortNumber } from '../../plan/study/table-text.ts';
import type { JudgedPoint, JudgedStage, Verdict } from '../../plan/study/types.ts';
import type { StudyModel } from '../model/study.ts';
import type { Chart } from '../section.ts';
import { chartText } from './chart-text.ts';

export const VERDICTS: Record<Verdict, { words: string; color: string }> = {
  better: { words: 'better', color: 'var(--good)' },
  worse: { words: 'worse', color: 'var(--bad)' },
  noise: { words: 'no more than noise', color: 'var(--muted)' },
  unjudged: { words: 'not judged', color: 'var(--line-strong)' },
};

/** A point with the interval in which its gain lies. */
export interface Effect {
  point: JudgedPoint;
  gain: number;
  interval: { low: number; high: number } | null;
  verdict: Verdict;
}

type Spec = NonNullable<StudyModel['table']>['spec'];

/** The points of a stage but its first, the largest gain first, each with its confidence interval at 1 − alpha. */
export function effectsOf({ points }: JudgedStage, { test, alpha, metric }: Spec): Effect[] {
  const [reference, ...others] = points;
  const intervals = differenceIntervals(
    test,
    reference?.scores ?? [],
    others.map(({ scores }) => scores),
    1 - alpha,
  );
  return others
    .flatMap((point, i): Effect[] => {
      const { comparison } = point;
      if (!comparison) return [];
      const found = intervals[i] ?? null;
      // A gain is better, whatever the goal.
      const interval = found && (metric.goal === 'minimize' ? { low: -found.high, high: -found.low } : found);
      return [{ point, gain: comparison.gain, interval, verdict: comparison.verdict }];
    })
    .sort((a, b) => b.gain - a.gain);
}

/** Gains over the first point of a stage as dots, with their intervals as lines; null: nothing could be compared. `explained`: how to read it is said elsewhere. */
export function effectsChart(
  stage: JudgedStage,
  spec: Spec,
  { id, explained }: { id: string; explained: boolean },
): Chart | null {
  const effects = effectsOf(stage, spec);
  const [reference] = stage.points;
  if (effects.length === 0 || !reference) return null;
  const rows = [...effects].reverse();
  const verdicts = [...new Set(effects.map(({ verdict }) => verdict))];
  const name = chartText(spec.metric.name);
  const percent = Number(((1 - spec.alpha) * 100).toPrecision(3));
  const clear = effects.filter(({ verdict }) => verdict === 'better' || verdict === 'worse').length;
  const tip = ({ point, gain, interval, verdict }: Effect) => [
    chartText(pointTitle(point), 120),
    `gain ${shortNumber(gain)}`,
    ...(interval
      ? [`${percent} % interval ${shortNumber(interval.low)} to ${shortNumber(interval.high)}`]
      : ['no interval: too few seeds']),
    VERDICTS[verdict].words,
  ];
  return {
    id,
    title: `Gain in ${name} over ${chartText(pointTitle(reference))}`,
    option: {
      grid: { left: 8, right: 32, top: verdicts.length > 1 ? 36 : 12, bottom: 28, containLabel: true },
      ...(verdicts.length > 1 && { legend: { top: 0, data: verdicts.map(verdict => VERDICTS[verdict].words) } }),
      tooltip: { trigger: 'item', formatter: '@tipTooltip' },
      xAxis: {
        type: 'value',
        name: 'worse ← gain → better',
        nameLocation: 'middle',
        nameGap: 26,
        axisLabel: { formatter: '@figure' },
      },
      yAxis: {
        type: 'category',
        data: rows.map(({ point }) => shortTitle(point)),
        axisTick: { show: false },
        axisLine: { onZero: false },
        axisLabel: { width: 220, overflow: 'truncate' },
      },
      series: [
        {
          // The box is shut at the gain: what is seen are the lines to the ends of the interval.
          type: 'boxplot',
          silent: true,
          boxWidth: [6, 10],
          data: rows.map(({ gain, interval, verdict }) => ({
            value: interval ? [interval.low, gain, gain, gain, interval.high] : [gain, gain, gain, gain, gain],
            itemStyle: { color: 'transparent', borderColor: VERDICTS[verdict].color, borderWidth: 1.5 },
          })),
          markLine: {
            silent: true,
            symbol: 'none',
            lineStyle: { color: 'var(--ink)', type: 'solid', width: 1 },
            label: { show: false },
            data: [{ xAxis: 0 }],
          },
        },
        ...verdicts.map(verdict => ({
          type: 'scatter',
          name: VERDICTS[verdict].words,
          symbolSize: 10,
          z: 4,
          itemStyle: { color: VERDICTS[verdict].color },
          data: rows.flatMap((effect, i) =>
            effect.verdict === verdict ? [{ value: [effect.gain, i], tip: tip(effect) }] : [],
          ),
        })),
      ],
      media: [{ query: { maxWidth: 560 }, option: { yAxis: { axisLabel: { width: 110 } } } }],
    },
    label: `Gains of ${effects.length} pools over ${chartText(pointTitle(reference))} with ${percent} % intervals; ${clear === 0 ? 'none is' : clear === 1 ? 'one is' : `${clear} are`} beyond noise.`,
    ...(!explained && {
      note: `Dots: mean over seeds, right is better whatever the metric's goal. Lines: ${percent} % confidence interval of the difference (${spec.test} test), each for itself; the verdict is of the p-value corrected for all comparisons (Holm), so that a line may miss 0 where the verdict is noise.`,
    }),
    height: 64 + 30 * rows.length + (verdicts.length > 1 ? 24 : 0),
  };
}

/** `text_len high`: the stat and the end of each part, which tell it apart on an axis. */
export function shortTitle({ parts, times }: Pick<JudgedPoint, 'parts' | 'times'>): string {
  if (parts.length === 0) return times > 1 ? `whole data ×${times}` : 'whole data';
  const words = parts.map(({ stat, end }) => `${stat} ${end}`).join(' ∩ ');
  return chartText(times > 1 ? `${words} ×${times}` : words, 60);
}
