import { meanOfTenth, stepValues } from '../runtime/step-values.ts';

/** What the log tells of the run, not of the model. */
const NOT_SUMMED = new Set(['eta', 'speed', 'epoch']);

/**
 * What a metrics.jsonl says of a training as a whole: steps that were done, and of each metric the mean of the first and of the last tenth
 * of the steps (`first_loss`, `last_loss`).
 */
export async function stepSummary(metrics: string): Promise<Record<string, number>> {
  const { steps, known } = await stepValues(metrics, 'loss');
  const summary: Record<string, number> = { steps };
  for (const name of known.filter(each => !NOT_SUMMED.has(each))) {
    const { values } = await stepValues(metrics, name);
    const numbers = values.map(({ value }) => value).filter(Number.isFinite);
    if (numbers.length === 0) continue;
    summary[`first_${name}`] = meanOfTenth(numbers, 'first');
    summary[`last_${name}`] = meanOfTenth(numbers, 'last');
  }
  return summary;
}
