// The curves of many trials, thinned out so that a page with all of them stays small.
import { relative } from 'node:path';
import { supervisorFiles } from '../../activities/runtime/supervisor-files.ts';
import type { Curve, Curves, CurvesOfMetric } from '../model/curves.ts';
import { runFolders } from './job-runs.ts';
import { type MetricPoint, readSeries, type Series } from './series.ts';
import { type Drawn, thin } from './thin.ts';
import type { JobRecord } from './trial-record.ts';

/** Points on the whole page: at some 15 characters each they stay below a megabyte. */
const ALL_POINTS = 60_000;
const MOST_POINTS = 200;
const FEWEST_POINTS = 24;
const MOST_METRICS = 6;
/** More curves on one chart are neither read nor drawn in time. */
const MOST_CURVES = 400;

interface Raw {
  trial: number;
  file: string;
  /** Of the metric in the file. */
  key: string;
  points: MetricPoint[];
}

/** Gathers the curves of trials one by one; of a job that several share each has the same curve. */
export class CurveReader {
  readonly #workDir: string;
  readonly #series = new Map<string, Promise<{ file: string; series: Series }[]>>();
  readonly #byName = new Map<string, Raw[]>();

  constructor(workDir: string) {
    this.#workDir = workDir;
  }

  /** Reads what a trial's jobs told; of a job in iterations the last one counts. */
  async read(trial: number, records: readonly JobRecord[]): Promise<void> {
    const newest = new Map(records.map(record => [record.job.id, record]));
    for (const record of newest.values()) {
      if (record.key === null) continue;
      const known = this.#series.get(record.key) ?? this.#seriesOf(record.dir);
      this.#series.set(record.key, known);
      for (const { file, series } of await known)
        for (const [metric, points] of series)
          this.#add(`${record.job.metaName}.${metric}`, { trial, file, key: metric, points });
    }
  }

  #add(name: string, raw: Raw): void {
    const all = this.#byName.get(name) ?? [];
    // Of a job with several programs the first one counts.
    if (all.at(-1)?.trial !== raw.trial) all.push(raw);
    this.#byName.set(name, all);
  }

  async #seriesOf(dir: string): Promise<{ file: string; series: Series }[]> {
    const newest = new Map<string, string>();
    for (const { path, program } of await runFolders(dir)) newest.set(program, path);
    const found: { file: string; series: Series }[] = [];
    for (const path of newest.values()) {
      const { metrics } = supervisorFiles(path);
      const series = await readSeries(metrics);
      if (series.size > 0) found.push({ file: relative(this.#workDir, metrics), series });
    }
    return found;
  }

  /**
   * The metrics that are shown: those of `wanted` first, then losses, then what most trials have. One value alone is no curve. Of very many trials
   * the first of `order` are shown.
   */
  curves(wanted: readonly string[], order: readonly number[]): Curves {
    const places = new Map(order.map((trial, at) => [trial, at]));
    const placeOf = ({ trial }: Raw) => places.get(trial) ?? order.length;
    const rank = (name: string) => {
      const at = wanted.indexOf(name);
      return at >= 0 ? at : wanted.length + (/loss/i.test(name) ? 0 : 1);
    };
    const drawable = [...this.#byName].filter(([, raws]) => raws.some(({ points }) => points.length > 1));
    const names = drawable
      .sort(([a, of], [b, other]) => rank(a) - rank(b) || other.length - of.length || (a < b ? -1 : 1))
      .map(([name]) => name);
    const shown = names.slice(0, MOST_METRICS);
    const rawsOf = (name: string) =>
      [...this.#byName.get(name)!].sort((a, b) => placeOf(a) - placeOf(b)).slice(0, MOST_CURVES);
    const count = shown.reduce((sum, name) => sum + rawsOf(name).length, 0);
    const most = Math.min(MOST_POINTS, Math.max(FEWEST_POINTS, Math.floor(ALL_POINTS / Math.max(1, count))));
    return {
      metrics: shown.map(name => ({
        ...curvesOfMetric(name, rawsOf(name), most),
        all: this.#byName.get(name)!.length,
      })),
      left: names.slice(MOST_METRICS),
      most,
    };
  }
}

function curvesOfMetric(name: string, raws: readonly Raw[], most: number): Omit<CurvesOfMetric, 'all'> {
  const over = raws.every(({ points }) => points.every(({ step }) => step !== null)) ? 'step' : 'value';
  return { name, over, curves: raws.map(raw => curveOf(raw, over, most)) };
}

function curveOf({ trial, file, key, points }: Raw, over: CurvesOfMetric['over'], most: number): Curve {
  const all = points.map(
    ({ step, value }, i): Drawn => [over === 'step' ? step! : i + 1, Number.isFinite(value) ? value : null],
  );
  const finite = all.flatMap(([step, value], i) => (value === null ? [] : [{ step, value, line: points[i]!.line }]));
  const best = (sign: number) =>
    finite.length === 0 ? null : finite.reduce((a, b) => (sign * b.value < sign * a.value ? b : a));
  return {
    trial,
    file,
    key,
    points: thin(all, most).map(([step, value]) => [step, value === null ? null : Number(value.toPrecision(5))]),
    of: all.length,
    bad: all.length - finite.length,
    last: finite.at(-1) ?? null,
    lowest: best(1),
    highest: best(-1),
  };
}
