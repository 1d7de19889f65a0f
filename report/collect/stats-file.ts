import { numberedJsonLines } from '../../activities/runtime/json-lines.ts';

/** So many samples of a file are counted: more take longer than they tell. */
export const MOST_SAMPLES = 200_000;
const STATS = '__dj__stats__';

/** Values of one stat. */
export interface StatValues {
  numbers: number[];
  /** Values that are words, with how often each is there. */
  words: Map<string, number>;
  /** NaN, the infinities, and what is neither number nor word. */
  odd: number;
}

/** What a `*_stats.jsonl` of Data-Juicer has: values by stat. Of a stat with several values a sample (one a video) each counts. */
export async function readStats(path: string): Promise<{ stats: Map<string, StatValues>; samples: number }> {
  const stats = new Map<string, StatValues>();
  let samples = 0;
  for await (const { value } of numberedJsonLines(path, MOST_SAMPLES)) {
    const own = value[STATS];
    if (typeof own !== 'object' || own === null) continue;
    samples++;
    for (const [name, held] of Object.entries(own)) {
      const values = stats.get(name) ?? { numbers: [], words: new Map<string, number>(), odd: 0 };
      stats.set(name, values);
      for (const each of Array.isArray(held) ? held.flat() : [held]) add(values, each);
    }
  }
  return { stats, samples };
}

const NO_NUMBERS = new Set(['NaN', 'Infinity', '-Infinity']);

function add(values: StatValues, value: unknown): void {
  if (typeof value === 'number' && Number.isFinite(value)) values.numbers.push(value);
  else if (typeof value === 'boolean' || (typeof value === 'string' && !NO_NUMBERS.has(value)))
    values.words.set(String(value), (values.words.get(String(value)) ?? 0) + 1);
  else values.odd++;
}
