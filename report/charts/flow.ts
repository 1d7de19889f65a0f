import { computed, figure, origin } from '../figure.ts';
import { named } from '../html.ts';
import type { Processing } from '../model/trial.ts';
import { type Chart, table } from '../section.ts';

/** How many samples were left after each op; null where nothing tells how many there were. */
export function flowChart({ job, ops }: Processing, id: string): Chart | null {
  const samples = job?.manifest?.metrics.samples_in;
  if (!job || typeof samples !== 'number' || ops.length === 0) return null;
  const from = origin(job.manifestFile, 'metrics', 'samples_in');
  const steps = ops.map((op, i) => {
    const before = i === 0 ? { kept: samples, origin: from } : ops[i - 1]!;
    return { ...op, before, dropped: before.kept - op.kept };
  });
  const rows = steps.map(({ name, kept, origin: place, before, dropped }) => [
    named(name, 60),
    figure(kept, place, { format: 'count' }),
    computed(dropped, [before.origin, place], { format: 'count', how: 'left before, less left after' }),
    computed(before.kept > 0 ? dropped / before.kept : null, [before.origin, place], {
      format: 'percent',
      how: 'dropped, of those that were left before',
    }),
  ]);
  const columns = [
    { title: 'Op' },
    { title: 'Left', numeric: true },
    { title: 'Dropped', numeric: true },
    { title: 'Of those before', numeric: true },
  ];
  return {
    id,
    title: 'Samples that each op left',
    height: 60 + 30 * (ops.length + 1),
    label: `Of ${samples} samples, ${steps.map(({ name, kept, dropped }) => `${name} dropped ${dropped} and left ${kept}`).join(', ')}.`,
    option: {
      grid: { left: 4, right: 48, top: 28, bottom: 4, containLabel: true },
      legend: { top: 0, left: 0 },
      tooltip: { trigger: 'axis', axisPointer: { type: 'shadow' }, formatter: '@axisTooltip' },
      xAxis: { type: 'value', minInterval: 1, max: samples },
      yAxis: {
        type: 'category',
        inverse: true,
        data: ['before', ...ops.map(({ name }) => name)],
        axisLabel: { formatter: '@opName', interval: 0 },
        axisTick: { show: false },
      },
      series: [
        {
          type: 'bar',
          stack: 'samples',
          name: 'left',
          data: [samples, ...ops.map(({ kept }) => kept)],
          itemStyle: { color: 'var(--after)' },
          barMaxWidth: 18,
        },
        {
          type: 'bar',
          stack: 'samples',
          name: 'dropped',
          data: [0, ...steps.map(({ dropped }) => dropped)],
          itemStyle: { color: 'var(--bad)', opacity: 0.75 },
          label: { show: true, position: 'right', color: 'var(--muted)', formatter: '@droppedLabel' },
        },
      ],
    },
    table: table({ caption: 'Samples left and dropped by each op', columns, rows }),
  };
}
