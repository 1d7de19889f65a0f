import { jsonLines } from './json-lines.ts';

/** Every line has these; they are no metrics. */
const BOOKKEEPING = new Set(['t', 'segment', 'offset', 'from', 'step', 'total']);
const MAX_KNOWN = 20;

/** What a metrics.jsonl says of one metric. */
export interface StepValues {
  /** Steps that were done. */
  steps: number;
  /** By step, ascending; NaN where it was no finite number. */
  values: { step: number; value: number }[];
  /** Metrics of which it has numbers, at most 20. */
  known: string[];
}

/**
 * The values of a metric, step by step; a file that is not there has none. tqdm shows a new step with the old loss for a moment: the last
 * line of a step counts. A segment that goes on from an earlier step voids what was told of later ones.
 */
export async function stepValues(metrics: string, key: string): Promise<StepValues> {
  const values = new Map<number, number>();
  const known = new Set<string>();
  let steps = 0;
  for await (const line of jsonLines(metrics)) {
    const { step, from, [key]: value } = line;
    if (typeof from === 'number') {
      for (const done of values.keys()) if (done > from) values.delete(done);
      steps = Math.min(steps, from);
    }
    for (const [name, found] of Object.entries(line)) if (typeof found === 'number') known.add(name);
    if (typeof step !== 'number') continue;
    steps = Math.max(steps, step);
    // 'NaN' and the infinities are text.
    if (step > 0 && value !== undefined) values.set(step, typeof value === 'number' ? value : Number.NaN);
  }
  return {
    steps,
    values: [...values].map(([step, value]) => ({ step, value })).sort((a, b) => a.step - b.step),
    known: [...known].filter(name => !BOOKKEEPING.has(name)).slice(0, MAX_KNOWN),
  };
}

/** Mean of the first or the last tenth of some values (at least one, at most ten): single steps say little. NaN of none. */
export function meanOfTenth(values: readonly number[], which: 'first' | 'last'): number {
  const part = Math.min(10, Math.max(1, Math.floor(values.length / 10)));
  const taken = which === 'first' ? values.slice(0, part) : values.slice(-part);
  return taken.reduce((sum, value) => sum + value, 0) / taken.length;
}
