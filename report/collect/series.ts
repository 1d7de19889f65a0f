import { numberedJsonLines } from '../../activities/runtime/json-lines.ts';

/** Every line of metrics.jsonl has these, or they tell of the bar and not of the program. */
const BOOKKEEPING = new Set(['t', 'segment', 'offset', 'from', 'step', 'total', 'eta']);
/** JSON has no such numbers: metrics.jsonl has them as text. */
const SPECIAL = new Map([
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
]);

/** One value of a metric. */
export interface MetricPoint {
  /** Null where the line names none. */
  step: number | null;
  /** Seconds since 1970 when the line of the log was read. */
  t: number;
  /** May be NaN or infinite. */
  value: number;
  /** Of the file, from 0. */
  line: number;
}

/** By metric, in the order in which they appeared: its values by step, those without a step in the order of the file. */
export type Series = Map<string, MetricPoint[]>;

/**
 * What a metrics.jsonl tells; nothing where there is none. tqdm shows a new step with the old value for a moment: the last line of a step
 * counts. A segment that goes on from an earlier step voids what was told of later ones.
 */
export async function readSeries(path: string): Promise<Series> {
  const byStep = new Map<string, Map<number, MetricPoint>>();
  const stepless = new Map<string, MetricPoint[]>();
  for await (const { line, value: told } of numberedJsonLines(path)) {
    const { t, step, from } = told;
    if (typeof from === 'number')
      for (const points of byStep.values())
        for (const passed of points.keys()) if (passed > from) points.delete(passed);
    for (const [name, text] of Object.entries(told)) {
      const value = typeof text === 'string' ? SPECIAL.get(text) : text;
      if (typeof value !== 'number' || BOOKKEEPING.has(name)) continue;
      const point = { step: typeof step === 'number' ? step : null, t: typeof t === 'number' ? t : 0, value, line };
      const points = byStep.get(name) ?? new Map<number, MetricPoint>();
      byStep.set(name, points);
      if (point.step !== null) points.set(point.step, point);
      else
        stepless
          .set(name, stepless.get(name) ?? [])
          .get(name)!
          .push(point);
    }
  }
  const inOrder = (points: Map<number, MetricPoint>) => [...points.values()].sort((a, b) => a.step! - b.step!);
  const series: Series = new Map();
  for (const [name, points] of byStep) {
    const all = [...inOrder(points), ...(stepless.get(name) ?? [])];
    if (all.length > 0) series.set(name, all);
  }
  return series;
}
