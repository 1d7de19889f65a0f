import { figure } from '../../plan/figures.ts';
import type { Histogram } from '../model/trial.ts';
import type { StatValues } from './stats-file.ts';

const BINS = 30;
const MOST_WORDS = 20;
/** Where so much of the range holds so few values, what is beyond is counted in one bin each side. */
const TAIL_SHARE = 0.005;
const LONG_TAIL = 4;

const NOTHING: StatValues = { numbers: [], words: new Map(), odd: 0 };

/** Counts the values of a stat before and after in the same bins; null where neither has any. */
export function histogramOf(
  stat: string,
  before: StatValues | undefined,
  after: StatValues | null | undefined,
  files: Histogram['files'],
): Histogram | null {
  const [a, b] = [before ?? NOTHING, after ?? NOTHING];
  const odd = a.odd;
  const wanted = files.after === null ? null : b;
  if (a.numbers.length + b.numbers.length > 0) {
    const edges = edgesOf([...a.numbers, ...b.numbers]);
    const counted = (numbers: readonly number[]) => countIn(edges, numbers);
    return {
      stat,
      edges,
      bins: binNames(edges),
      before: counted(a.numbers),
      after: wanted && counted(b.numbers),
      files,
      odd,
    };
  }
  const words = [...new Set([...a.words.keys(), ...b.words.keys()])].sort(
    (x, y) => (a.words.get(y) ?? 0) - (a.words.get(x) ?? 0),
  );
  if (words.length === 0) return null;
  const bins = words.slice(0, MOST_WORDS);
  const counted = (of: StatValues) => bins.map(word => of.words.get(word) ?? 0);
  return { stat, edges: null, bins, before: counted(a), after: wanted && counted(b), files, odd };
}

/** Edges of bins, the first and the last perhaps infinite: what lies far out there is one bin. */
function edgesOf(numbers: readonly number[]): number[] {
  const sorted = Float64Array.from(numbers).sort();
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!;
  const [least, most] = [sorted[0]!, sorted.at(-1)!];
  const [low, high] = [at(TAIL_SHARE), at(1 - TAIL_SHARE)];
  const tailed = (most - least) / (high - low || 1) > LONG_TAIL && high > low;
  const [from, to] = tailed ? [low, high] : [least, most];
  const whole = sorted.every(Number.isInteger);
  const inner = evenEdges(from, to, whole);
  return [
    ...(least < from ? [Number.NEGATIVE_INFINITY] : []),
    ...inner,
    ...(most > to ? [Number.POSITIVE_INFINITY] : []),
  ];
}

function evenEdges(from: number, to: number, whole: boolean): number[] {
  if (whole) {
    const width = Math.max(1, Math.ceil((to - from + 1) / BINS));
    const bins = Math.ceil((to - from + 1) / width);
    return Array.from({ length: bins + 1 }, (_, i) => from + i * width);
  }
  if (from === to) return [from, from + (Math.abs(from) || 1) * 1e-6];
  return Array.from({ length: BINS + 1 }, (_, i) => (i === BINS ? to : from + ((to - from) * i) / BINS));
}

/** A value at an edge is of the bin that begins there; the last bin has its end as well. */
function countIn(edges: readonly number[], numbers: readonly number[]): number[] {
  const counts = Array.from({ length: edges.length - 1 }, () => 0);
  for (const value of numbers) {
    let [low, high] = [0, edges.length - 1];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (value < edges[middle]!) high = middle;
      else low = middle;
    }
    counts[low]!++;
  }
  return counts;
}

function binNames(edges: readonly number[]): string[] {
  const whole = edges.every(edge => Number.isInteger(edge) || !Number.isFinite(edge));
  return edges.slice(0, -1).map((edge, i) => {
    const next = edges[i + 1]!;
    if (edge === Number.NEGATIVE_INFINITY) return `below ${figure(next)}`;
    if (next === Number.POSITIVE_INFINITY) return `${figure(edge)} and more`;
    if (whole) return next - edge === 1 ? figure(edge) : `${figure(edge)} to ${figure(next - 1)}`;
    return `${figure(edge)} to ${figure(next)}`;
  });
}
