import { computed, numberText } from '../figure.ts';
import { named } from '../html.ts';
import type { Span } from '../model/trial.ts';
import { type Chart, table } from '../section.ts';

const COLOURS: Record<Span['how'], string> = {
  done: 'var(--c1)',
  held: 'var(--c5)',
  running: 'var(--c3)',
  failed: 'var(--bad)',
};
const WORDS: Record<Span['how'], string> = { done: 'done', held: 'held', running: 'runs', failed: 'failed' };

/** Who worked when: a row a job (or device), a bar a run. `begun`: what times count from, in milliseconds since the epoch. */
export function timelineChart(
  spans: readonly Span[],
  {
    id,
    title,
    rows,
    begun,
    names = {},
  }: { id: string; title: string; rows: readonly string[]; begun: number; names?: Record<string, string> },
): Chart {
  const since = (ms: number) => Math.round(ms - begun) / 1000;
  const end = Math.max(...spans.map(({ to }) => since(to)), 1);
  const series = (Object.keys(COLOURS) as Span['how'][]).flatMap(how => {
    const own = spans.filter(span => span.how === how);
    if (own.length === 0) return [];
    return [
      {
        type: 'custom',
        name: WORDS[how],
        renderItem: '@timelineBar',
        encode: { x: [1, 2], y: 0 },
        itemStyle: { color: COLOURS[how] },
        clip: true,
        data: own.map(({ row, from, to, told, devices, host }) => ({
          value: [rows.indexOf(row), since(from), since(to)],
          tip: [
            names[row] ?? row,
            ...told,
            `${numberText(since(from), 'duration')} to ${numberText(since(to), 'duration')}: took ${numberText((to - from) / 1000, 'duration')}`,
            ...(host === null ? [] : [`on ${host}${devices.length > 0 ? `, ${devices.join(', ')}` : ''}`]),
          ],
        })),
      },
    ];
  });
  return {
    id,
    title,
    height: 56 + rows.length * 24,
    label: `Timeline of ${rows.length} rows over ${numberText(end, 'duration')}: ${spans.length} runs, of which ${spans.filter(({ how }) => how === 'failed').length} failed.`,
    option: {
      grid: { left: 4, right: 24, top: 26, bottom: 4, containLabel: true },
      tooltip: { trigger: 'item', formatter: '@tipTooltip' },
      legend: { top: 0, left: 0 },
      xAxis: { type: 'value', min: 0, max: end, axisLabel: { formatter: '@duration', hideOverlap: true } },
      yAxis: {
        type: 'category',
        data: rows.map(row => names[row] ?? row),
        inverse: true,
        axisLabel: { formatter: '@short', interval: 0, fontSize: 11 },
        axisTick: { show: false },
        axisLine: { show: false },
        splitLine: { show: true, lineStyle: { color: 'var(--line)' } },
      },
      series,
    },
    table: spansTable(spans, { begun, names, title }),
  };
}

function spansTable(
  spans: readonly Span[],
  { begun, names, title }: { begun: number; names: Record<string, string>; title: string },
) {
  const time = (ms: number, of: Span['of'], how: string) => computed(ms / 1000, of, { format: 'duration', how });
  const rows = spans.map(({ row, from, to, how, told, devices, host, of }) => [
    named(names[row] ?? row, 60),
    WORDS[how],
    time(from - begun, of.slice(0, 1), 'since the first of them began'),
    time(to - from, of, 'from its begin to its end'),
    named([host, ...devices].filter(Boolean).join(', ') || '–', 60),
    named(told.join('; '), 200),
  ]);
  const columns = [
    { title: 'Row' },
    { title: 'Ended' },
    { title: 'Begun after', numeric: true },
    { title: 'Took', numeric: true },
    { title: 'Where' },
    { title: 'What', wide: true },
  ];
  return table({ caption: title, columns, rows });
}
