import { comparison } from './comparison.ts';

/** EvaluateDataHook `accuracy`: share of the predicted labels that are right; its results are all datasets' and the best. */
export const evaluateAccuracy = comparison({
  type: 'accuracy',
  summary:
    'Compares predicted labels with the true ones; the results are the accuracy of each dataset and the highest.',
  what: 'label',
  best: { name: 'max_accuracy', of: Math.max },
});
