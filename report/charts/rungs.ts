import type { Json } from '../../plan/plan.ts';
import { valueText } from '../../plan/sweep/point-text.ts';
import type { AtRung, Fate } from '../model/rung-visits.ts';
import type { SweepModel } from '../model/sweep.ts';
import type { Chart } from '../section.ts';
import { chartText } from './chart-text.ts';

const COLORS: Record<Fate, string> = {
  'went on': 'var(--c1)',
  stopped: 'var(--line-strong)',
  waits: 'var(--c5)',
  failed: 'var(--bad)',
};

/** Where each trial stood at the rungs that it reached, and what became of it there. */
export function rungsChart({ rungs }: Pick<SweepModel, 'rungs'>, visits: readonly AtRung[]): Chart | null {
  const finite = visits.filter(({ value }) => value !== null && Number.isFinite(value));
  if (!rungs || finite.length === 0) return null;
  const steps = [...new Set(finite.map(({ step }) => step))].sort((a, b) => a - b);
  const fates: Fate[] = (['went on', 'waits', 'stopped', 'failed'] as const).filter(fate =>
    finite.some(each => each.fate === fate),
  );
  const trials = [...new Set(finite.map(({ trial }) => trial.trial))];
  const ways = trials
    .map(number => finite.filter(({ trial }) => trial.trial === number))
    .filter(list => list.length > 1);
  const places = placesIn(finite, steps, rungs.goal);
  const name = chartText(rungs.metric);
  const counts = steps.map(step => {
    const here = finite.filter(each => each.step === step);
    return `${here.length} at step ${step}, of which ${here.filter(({ fate }) => fate === 'went on').length} went on`;
  });
  return {
    id: 'rungs',
    title: `${name} at the rungs`,
    option: {
      grid: { left: 8, right: 24, top: 56, bottom: 28, containLabel: true },
      legend: { top: 0, data: [...fates] },
      tooltip: { trigger: 'item', formatter: '@tipTooltip' },
      xAxis: [
        {
          type: 'category',
          name: 'step of the rung, the best to the left',
          nameLocation: 'middle',
          nameGap: 26,
          data: steps.map(String),
        },
        // Behind the names of the rungs: where trials stand side by side.
        { type: 'value', min: -0.5, max: steps.length - 0.5, show: false },
      ],
      yAxis: {
        type: 'value',
        name,
        nameTextStyle: { align: 'left' },
        scale: true,
        axisLine: { onZero: false },
        axisLabel: { formatter: '@figure' },
      },
      series: [
        ...ways.map(list => ({
          type: 'line',
          xAxisIndex: 1,
          silent: true,
          showSymbol: false,
          lineStyle: { color: 'var(--line-strong)', width: 1, opacity: ways.length > 30 ? 0.2 : 0.7 },
          data: list.map((each): Json => [places.get(each)!, each.value]),
        })),
        ...fates.map(fate => ({
          type: 'scatter',
          name: fate,
          xAxisIndex: 1,
          symbol: 'circle',
          symbolSize: 8,
          z: fate === 'stopped' ? 3 : 4,
          itemStyle: {
            color: fate === 'stopped' ? 'transparent' : COLORS[fate],
            borderColor: COLORS[fate],
            borderWidth: 1.5,
          },
          data: finite
            .filter(each => each.fate === fate)
            .map(each => ({ ...each, place: places.get(each)! }))
            .map(({ trial, step, value, why, place }) => ({
              name: `trial ${trial.trial}`,
              value: [place, value],
              tip: [
                `trial ${trial.trial}: ${fate}`,
                `${name} ${valueText(value)} at step ${step}`,
                ...(why ? [chartText(why.text, 120)] : []),
              ],
            })),
        })),
      ],
    },
    label: `${name} of trials at ${steps.length} ${steps.length === 1 ? 'rung' : 'rungs'}: ${counts.join('; ')}.`,
    height: 320,
  };
}

/** Trials of a rung side by side around its name, the best to the left. */
function placesIn(
  visits: readonly AtRung[],
  steps: readonly number[],
  goal: 'minimize' | 'maximize',
): Map<AtRung, number> {
  const sign = goal === 'minimize' ? 1 : -1;
  const places = new Map<AtRung, number>();
  for (const [i, step] of steps.entries()) {
    const here = visits.filter(each => each.step === step).sort((a, b) => sign * (a.value! - b.value!));
    for (const [rank, visit] of here.entries())
      places.set(visit, Number((i + 0.8 * ((rank + 0.5) / here.length - 0.5)).toFixed(3)));
  }
  return places;
}
