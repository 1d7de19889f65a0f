/** What the jobs of many trials told while they ran, thinned out for one chart a metric. */
export interface Curves {
  metrics: CurvesOfMetric[];
  /** Names of metrics that are not shown, as there would be too many. */
  left: string[];
  /** Points of one curve at most. */
  most: number;
}

export interface CurvesOfMetric {
  /** `<meta_name>.<metric>`. */
  name: string;
  /** What the points are counted in: `step`, or `value` where the log names no steps. */
  over: 'step' | 'value';
  curves: Curve[];
  /** How many trials have it: of very many the best are in `curves`. */
  all: number;
}

export interface Curve {
  /** Number of the trial. */
  trial: number;
  /** Where it was read, relative to the work_dir. */
  file: string;
  /** What the metric is called there. */
  key: string;
  /** By step; null: NaN or infinite. Rounded to five digits. */
  points: [number, number | null][];
  /** How many there are in the file. */
  of: number;
  /** How many of those are NaN or infinite. */
  bad: number;
  /** Of the file, not of what is drawn; null: no finite number. */
  last: Told | null;
  lowest: Told | null;
  highest: Told | null;
}

/** A value with its step, and the line of the file that has it, from 0. */
export interface Told {
  step: number;
  value: number;
  line: number;
}
