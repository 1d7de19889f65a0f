import { expect, test } from 'vitest';
import { evaluateAccuracy } from '../../../activities/evaluate/accuracy.ts';
import { evaluateMse } from '../../../activities/evaluate/mse.ts';
import { compile } from '../../../plan/compile.ts';
import { formatDiagnostic } from '../../../plan/diagnostic.ts';
import type { JsonObject } from '../../../plan/plan.ts';

const files = { read: () => null, stat: (path: string) => (path.startsWith('/base/there') ? ('file' as const) : null) };

function errorsOf(extra_configs: JsonObject): string {
  const job = { hook: 'EvaluateDataHook', meta_name: 'score', extra_configs };
  const config = { work_dir: 'work', evaluation_job_configs: [job] };
  const result = compile({ config, baseDir: '/base' }, [evaluateAccuracy, evaluateMse], files, {} as never);
  return result.ok ? '' : result.diagnostics.map(formatDiagnostic).join('\n');
}

const accuracy = {
  type: 'accuracy',
  predicted_dataset_path: 'there.jsonl',
  predicted_label_key: 'guess',
  ground_truth_label_key: 'label',
};

test('a config of the original compiles, with the truth in the same dataset', () => {
  expect(errorsOf(accuracy)).toBe('');
  expect(errorsOf({ ...accuracy, ground_truth_dataset_path: [] })).toBe('');
});

test('a missing key, a wrong type, a path that is not there and lists of different lengths are told before anything runs', () => {
  const { predicted_label_key: _, ...without } = accuracy;
  expect(errorsOf(without)).toMatch(/"predicted_label_key" is missing; expected a string/);
  expect(errorsOf({ ...accuracy, ground_truth_label_key: 3 })).toMatch(
    /ground_truth_label_key: expected a string, got 3/,
  );
  expect(errorsOf({ ...accuracy, predicted_dataset_path: 'away.jsonl' })).toMatch(/away\.jsonl is not there/);
  const lists = { predicted_dataset_path: ['there1', 'there2'], ground_truth_dataset_path: ['there3'] };
  expect(errorsOf({ ...accuracy, ...lists })).toMatch(
    /ground_truth_dataset_path: 2 datasets of predictions and 1 of the truth; give one of the truth for each/,
  );
});

test('mse wants the keys of values, not those of labels', () => {
  expect(errorsOf({ ...accuracy, type: 'mse' })).toMatch(/"predicted_value_key" is missing/);
});
