// Metrics of a trial's jobs as lines for a terminal, as CSV and as JSON.
import type { Ansis } from 'ansis';
import { sparkline } from '../../plan/sparkline.ts';
import type { JobMetrics, ProgramMetrics } from '../../report/collect/job-metrics.ts';
import type { MetricPoint } from '../../report/collect/series.ts';
import { jobTitle } from '../../report/collect/trial-record.ts';
import { csvRow } from '../csv.ts';
import { figure } from '../format.ts';
import { clip, column, columns } from '../text.ts';

interface Size {
  width: number;
  paint: Ansis;
}

const LONGEST_CURVE = 60;
const SHORTEST_CURVE = 8;
const HEADS = ['', 'LATEST', 'STEP', 'LOWEST', 'HIGHEST'];

/** Of each job its metrics: the latest value, its step, the lowest and highest finite one, and the curve; then what came of it. */
export function metricsLines(jobs: readonly JobMetrics[], iterations: number, size: Size): string[] {
  return jobs.flatMap((one, at) => {
    const head = size.paint.bold(clip(`${jobTitle(one.record, iterations)} (${one.record.job.component})`, size.width));
    const blocks = [...one.programs.map(program => curveLines(program, size)), resultLines(one, size)];
    return [...(at > 0 ? [''] : []), head, ...blocks.flat()];
  });
}

function curveLines({ program, series }: ProgramMetrics, { width, paint }: Size): string[] {
  const rows = [...series].map(([name, points]) => {
    const { step, value } = points.at(-1)!;
    const finite = points.map(point => point.value).filter(Number.isFinite);
    const extremes = finite.length === 0 ? ['–', '–'] : [figure(lowest(finite)), figure(highest(finite))];
    return { cells: [name, figure(value), step === null ? '' : String(step), ...extremes], points };
  });
  const table = [HEADS, ...rows.map(({ cells }) => cells)];
  // Where there is little room the extremes go first, then the step: the curve tells most.
  const shown = [5, 3, 2].find(count => widthOf(table, count, width) + 2 + SHORTEST_CURVE <= width) ?? 2;
  const widths = widthsOf(table, shown, width);
  const room = Math.min(LONGEST_CURVE, width - widths.reduce((sum, each) => sum + each + 2, 2));
  const line = (cells: readonly string[], curve: string) =>
    clip(
      `  ${cells
        .slice(0, shown)
        .map((cell, i) => (i === 0 ? column(cell, widths[i]!) : padded(cell, widths[i]!)))
        .join('  ')}  ${curve}`.trimEnd(),
      width,
    );
  return [
    ...(program === '' ? [] : [clip(`  ${program}`, width)]),
    paint.dim(line(HEADS, '')),
    ...rows.map(({ cells, points }) => line(cells, sparkline(valuesOf(points), room))),
  ];
}

/** Apply cannot take as many arguments as there may be points. */
const lowest = (values: readonly number[]) => values.reduce((a, b) => Math.min(a, b));
const highest = (values: readonly number[]) => values.reduce((a, b) => Math.max(a, b));
const valuesOf = (points: readonly MetricPoint[]) => points.map(({ value }) => value);

function widthsOf(table: readonly string[][], count: number, width: number): number[] {
  const widest = Array.from({ length: count }, (_, i) => Math.max(...table.map(cells => columns(cells[i] ?? ''))));
  return widest.map((each, i) => (i === 0 ? Math.min(each, Math.max(12, Math.floor(width / 3))) : each));
}

const widthOf = (table: readonly string[][], count: number, width: number) =>
  widthsOf(table, count, width).reduce((sum, each) => sum + each + 2, 0);

function padded(text: string, width: number): string {
  return ' '.repeat(Math.max(0, width - columns(text))) + text;
}

function resultLines({ results, programs }: JobMetrics, { width, paint }: Size): string[] {
  const entries = Object.entries(results);
  if (entries.length === 0) return programs.length === 0 ? [paint.dim('  no metrics')] : [];
  const names = Math.min(Math.max(...entries.map(([name]) => columns(name))), Math.max(12, width - 16));
  return [
    paint.dim('  result'),
    ...entries.map(([name, value]) => clip(`  ${column(name, names)}  ${figure(value)}`, width)),
  ];
}

/** All points, a row each (RFC 4180): results of a job have no step and no time. NaN and the infinities are called so. */
export function* metricsCsv(trial: string, jobs: readonly JobMetrics[]): Generator<string> {
  yield csvRow(['trial', 'iteration', 'job', 'program', 'metric', 'step', 'time', 'value']);
  for (const { record, programs, results } of jobs) {
    const start = [trial, record.iteration, record.job.id];
    for (const { program, series } of programs)
      for (const [name, points] of series)
        for (const { step, t, value } of points)
          yield csvRow([...start, program, name, step ?? '', new Date(t * 1000).toISOString(), String(value)]);
    for (const [name, value] of Object.entries(results))
      yield csvRow([...start, 'result', name, '', '', String(value)]);
  }
}

/** Metrics in answer to `--json`: points as `[step, seconds since 1970, value]`. JSON has no NaN and no infinities: they are text. */
export function metricsJson(trial: string, jobs: readonly JobMetrics[]): object {
  return {
    id: trial,
    jobs: jobs.map(({ record, programs, results }) => ({
      job: record.job.id,
      iteration: record.iteration,
      component: record.job.component,
      key: record.key,
      done: record.manifest !== null,
      programs: programs.map(({ program, series }) => ({
        program: program === '' ? null : program,
        metrics: Object.fromEntries([...series].map(([name, points]) => [name, seriesJson(points)])),
      })),
      results: Object.fromEntries(Object.entries(results).map(([name, value]) => [name, jsonNumber(value)])),
    })),
  };
}

function seriesJson(points: readonly MetricPoint[]): object {
  return {
    latest: jsonNumber(points.at(-1)!.value),
    points: points.map(({ step, t, value }) => [step, t, jsonNumber(value)]),
  };
}

function jsonNumber(value: number): number | string {
  return Number.isFinite(value) ? value : String(value);
}
