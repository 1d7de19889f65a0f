import { createReadStream, existsSync } from 'node:fs';
import { createInterface } from 'node:readline';

/** How a training's loss went, from its metrics.jsonl. */
export interface LossCurve {
  first: number;
  last: number;
  /** Lines that carry a loss. */
  count: number;
  lastStep: number | null;
}

/** First and last loss of a metrics.jsonl; null where there is none. A torn last line is left out. */
export async function lossesIn(file: string): Promise<LossCurve | null> {
  if (!existsSync(file)) return null;
  const losses: { first: number | null; last: number; count: number; lastStep: number | null } = {
    first: null,
    last: 0,
    count: 0,
    lastStep: null,
  };
  for await (const line of createInterface({ input: createReadStream(file) })) {
    const { loss, step } = parsed(line);
    if (typeof loss !== 'number') continue;
    losses.first ??= loss;
    losses.last = loss;
    losses.count += 1;
    losses.lastStep = typeof step === 'number' ? step : null;
  }
  const { first, ...rest } = losses;
  return first === null ? null : { first, ...rest };
}

function parsed(line: string): { loss?: unknown; step?: unknown } {
  try {
    return JSON.parse(line) ?? {};
  } catch {
    return {};
  }
}
