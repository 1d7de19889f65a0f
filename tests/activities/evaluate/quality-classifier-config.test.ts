import { expect, test } from 'vitest';
import { evaluateQualityClassifier } from '../../../activities/evaluate/quality-classifier.ts';
import { compile } from '../../../plan/compile.ts';
import { formatDiagnostic } from '../../../plan/diagnostic.ts';
import { type JsonObject, jobsOf } from '../../../plan/plan.ts';

const files = {
  read: () => null,
  stat: (path: string) =>
    path === '/base/d.jsonl' ? ('file' as const) : path === '/base/model' ? ('directory' as const) : null,
};

function compiled(extra: JsonObject) {
  const extra_configs = { type: 'dj_text_quality_classifier', dataset_path: 'd.jsonl', ...extra };
  const job = { hook: 'EvaluateDataHook', meta_name: 'score', extra_configs };
  const config = { work_dir: 'work', evaluation_job_configs: [job] };
  const result = compile({ config, baseDir: '/base' }, [evaluateQualityClassifier], files, {} as never);
  return result.ok
    ? { job: jobsOf(result.plan)[0]!, errors: '' }
    : { job: null, errors: result.diagnostics.map(formatDiagnostic).join('\n') };
}

test("the original's config, with no model named, compiles to the model gpt3, which is a name and no path", () => {
  const { job, errors } = compiled({});
  expect(errors).toBe('');
  expect(job!.config.extra_configs).toMatchObject({ model: 'gpt3', text_key: 'text' });
  expect(job!.reads.map(read => read.at)).toEqual(['extra_configs.dataset_path']);
});

test('a model of one’s own is read, so that another model is another job', () => {
  expect(compiled({ model: 'model' }).job!.reads.map(read => read.path)).toContain('/base/model');
});

test('a dataset and a model that are not there, and wrong values, are told before anything runs', () => {
  expect(compiled({ dataset_path: 'away.jsonl' }).errors).toMatch(/dataset_path: away\.jsonl is not there/);
  expect(compiled({ dataset_path: 3 }).errors).toMatch(/dataset_path: expected a string, got 3/);
  expect(compiled({ model: 'gtp3' }).errors).toMatch(/model: gtp3 is not there/);
  expect(compiled({ tokenizer: 'words.model' }).errors).toMatch(/tokenizer: words\.model is not there/);
  expect(compiled({ driver_memory: '4 GB' }).errors).toMatch(
    /driver_memory: expected a size such as 4g or 800m, got "4 GB"/,
  );
});
