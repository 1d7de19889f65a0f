import { comparison } from './comparison.ts';

/** EvaluateDataHook `mse`: mean squared error of predicted numbers; its results are all datasets' and the best. */
export const evaluateMse = comparison({
  type: 'mse',
  summary:
    'Compares predicted numbers with the true ones; the results are the mean squared error of each dataset and the lowest.',
  what: 'value',
  best: { name: 'min_mse', of: Math.min },
});
