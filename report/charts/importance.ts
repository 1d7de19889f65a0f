import { shortNames } from '../../plan/sweep/point-text.ts';
import { computed, type Origin } from '../figure.ts';
import { html } from '../html.ts';
import type { Importance } from '../model/sweep.ts';
import { type Chart, table } from '../section.ts';
import { chartText } from './chart-text.ts';

/** Shares of parameters as bars, with the stretch that nine of ten resamples have. `from`: the file that the trials are from. */
export function importanceChart({ of, trials, best, shares, by }: Importance, id: string, from: Origin): Chart {
  const names = shortNames(shares.map(({ parameter }) => parameter));
  const rows = [...shares].reverse();
  const [first] = shares;
  const how = `${by ?? ''} over ${trials} trials, resampled`;
  return {
    id,
    title: `For ${chartText(of, 80)}`,
    option: {
      grid: { left: 8, right: 56, top: 8, bottom: 28, containLabel: true },
      tooltip: { trigger: 'item', formatter: '@tipTooltip' },
      xAxis: { type: 'value', min: 0, max: 1, axisLabel: { formatter: '@percent' } },
      yAxis: {
        type: 'category',
        data: rows.map(({ parameter }) => chartText(names.get(parameter)!, 28)),
        axisTick: { show: false },
      },
      series: [
        {
          type: 'bar',
          barMaxWidth: 16,
          itemStyle: { color: 'var(--c1)' },
          data: rows.map(({ parameter, share, low, high }) => ({
            value: share,
            tip: [
              chartText(parameter, 80),
              `share ${percent(share)}`,
              `nine of ten resamples: ${percent(low)} to ${percent(high)}`,
            ],
          })),
        },
        {
          // The box is shut at the share: what is seen are the whiskers.
          type: 'boxplot',
          silent: true,
          boxWidth: [6, 8],
          itemStyle: { color: 'transparent', borderColor: 'var(--ink)', borderWidth: 1.2 },
          data: rows.map(({ share, low, high }) => [Math.min(low, share), share, share, share, Math.max(high, share)]),
        },
      ],
    },
    label: `Bars of ${shares.length} parameters; ${first ? `${chartText(first.parameter)} has the largest share, ${percent(first.share)}` : 'none'}.`,
    note: `${by}: what sets the best ${best} of ${trials} trials apart from all of them. Lines: where nine of ten resamples of these trials lie; where they are long there are too few trials to say.`,
    height: 48 + 34 * Math.max(1, shares.length),
    table: table({
      caption: `Importance for ${chartText(of, 80)}`,
      quiet: true,
      columns: [
        { title: 'parameter' },
        { title: 'share', numeric: true },
        { title: 'nine of ten resamples', numeric: true },
      ],
      rows: shares.map(({ parameter, share, low, high }) => [
        parameter,
        computed(share, [from], { format: 'percent', how }),
        html`${computed(low, [from], { format: 'percent', how })} to ${computed(high, [from], { format: 'percent', how })}`,
      ]),
    }),
  };
}

const percent = (share: number) => `${Number((share * 100).toPrecision(3))} %`;
