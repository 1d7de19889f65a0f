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
  let curve: LossCurve | null = null;
  for await (const line of createInterface({ input: createReadStream(file) })) {
    const { loss, step } = parsed(line);
    if (typeof loss !== 'number') continue;
    const lastStep = typeof step === 'number' ? step : null;
    curve = { first: curve?.first ?? loss, last: loss, count: (curve?.count ?? 0) + 1, lastStep };
  }
  return curve;
}

function parsed(line: string): { loss?: unknown; step?: unknown } {
  try {
    return JSON.parse(line) ?? {};
  } catch {
    return {};
  }
}
