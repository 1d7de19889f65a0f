import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';

/** What a training's metrics say about it as a whole. */
export interface LossSummary {
  /** Steps that were done. */
  steps: number;
  /** Mean loss of the first and of the last tenth of the steps (at least one, at most ten): single steps say little. */
  first_loss?: number;
  last_loss?: number;
}

/** Sums up a metrics.jsonl. tqdm shows a new step with the old loss for a moment: the last line of a step counts. */
export async function lossSummary(metrics: string): Promise<LossSummary> {
  const losses = new Map<number, number>();
  let steps = 0;
  for await (const line of createInterface({ input: createReadStream(metrics) })) {
    const { step, loss, from } = parsed(line);
    if (typeof from === 'number') {
      // A segment that goes on from there: steps that an earlier one did after it are done again, or were for nothing.
      for (const done of losses.keys()) if (done > from) losses.delete(done);
      steps = Math.min(steps, from);
    }
    if (typeof step !== 'number') continue;
    steps = Math.max(steps, step);
    if (typeof loss === 'number' && step > 0) losses.set(step, loss);
  }
  const inOrder = [...losses].sort(([a], [b]) => a - b).map(([, loss]) => loss);
  if (inOrder.length === 0) return { steps };
  const part = Math.min(10, Math.max(1, Math.floor(inOrder.length / 10)));
  return { steps, first_loss: mean(inOrder.slice(0, part)), last_loss: mean(inOrder.slice(-part)) };
}

function parsed(line: string): { step?: unknown; loss?: unknown; from?: unknown } {
  try {
    return JSON.parse(line) as object;
  } catch {
    return {};
  }
}

function mean(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
