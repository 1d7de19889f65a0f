import { meanOfTenth, stepValues } from '../runtime/step-values.ts';

/** What a training's metrics say about it as a whole. */
export interface LossSummary {
  /** Steps that were done. */
  steps: number;
  /** Mean loss of the first and of the last tenth of the steps. */
  first_loss?: number;
  last_loss?: number;
}

/** Sums up a metrics.jsonl; losses that are no finite number do not count. */
export async function lossSummary(metrics: string): Promise<LossSummary> {
  const { steps, values } = await stepValues(metrics, 'loss');
  const losses = values.map(({ value }) => value).filter(Number.isFinite);
  if (losses.length === 0) return { steps };
  return { steps, first_loss: meanOfTenth(losses, 'first'), last_loss: meanOfTenth(losses, 'last') };
}
