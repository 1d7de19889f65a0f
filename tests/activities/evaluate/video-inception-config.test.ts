import { expect, test } from 'vitest';
import { evaluateVideoInception } from '../../../activities/evaluate/video-inception.ts';
import { compile } from '../../../plan/compile.ts';
import { formatDiagnostic } from '../../../plan/diagnostic.ts';
import { type JsonObject, jobsOf } from '../../../plan/plan.ts';

const files = { read: () => null, stat: (path: string) => (path.startsWith('/base/there') ? ('file' as const) : null) };

function compiled(extra_configs: JsonObject) {
  const job = { hook: 'EvaluateDataHook', meta_name: 'score', extra_configs };
  const config = { work_dir: 'work', evaluation_job_configs: [job] };
  return compile({ config, baseDir: '/base' }, [evaluateVideoInception], files, {} as never);
}

function errorsOf(extra: JsonObject): string {
  const result = compiled(extra);
  return result.ok ? '' : result.diagnostics.map(formatDiagnostic).join('\n');
}

/** Keys of the original's demo config. */
const PUBLISHED = {
  type: 'video_inception_evaluator',
  fake_data_path: 'there.jsonl',
  real_data_path: 'there-too.jsonl',
  fake_mm_dir: null,
  real_mm_dir: null,
  detector_path: null,
  result_path: './outputs/inception_eval_results.jsonl',
  num_runs: 1,
  height: 240,
  width: 320,
  replace_cache: false,
  verbose: false,
  seed: 42,
  metric: 'fvd2048_16f',
};

test("the original's config compiles", () => {
  expect(errorsOf(PUBLISHED)).toBe('');
});

test('a metric that there is not, a missing dataset and a wrong type are told before anything runs', () => {
  expect(errorsOf({ ...PUBLISHED, metric: 'fvd' })).toMatch(/metric: expected one of "fid50k", /);
  expect(errorsOf({ ...PUBLISHED, num_runs: 0 })).toMatch(/num_runs: expected more than 0/);
  expect(errorsOf({ ...PUBLISHED, fake_data_path: 'away.jsonl' })).toMatch(/fake_data_path: away\.jsonl is not there/);
  expect(errorsOf({ ...PUBLISHED, detector_path: 'away.pt' })).toMatch(/detector_path: away\.pt is not there/);
  const { fake_data_path: _, ...without } = PUBLISHED;
  expect(errorsOf(without)).toMatch(/"fake_data_path" is missing/);
});

test('what compares with real videos needs a dataset of them, an inception score does not', () => {
  expect(errorsOf({ ...PUBLISHED, real_data_path: null })).toMatch(/real_data_path: fvd2048_16f compares with real/);
  expect(errorsOf({ ...PUBLISHED, real_data_path: null, metric: 'is50k' })).toBe('');
});

test('one network cannot be for frames and for clips', () => {
  const metric = ['fid50k', 'fvd2048_16f'];
  expect(errorsOf({ ...PUBLISHED, metric })).toBe('');
  expect(errorsOf({ ...PUBLISHED, metric, detector_path: 'there.pt' })).toMatch(
    /one network sees frames or clips, not both/,
  );
});

test('it claims a GPU unless it is told to do without', () => {
  const gpusOf = (extra: JsonObject) => {
    const result = compiled(extra);
    return result.ok ? jobsOf(result.plan)[0]!.resources.gpus : null;
  };
  expect(gpusOf(PUBLISHED)).toBe(1);
  expect(gpusOf({ ...PUBLISHED, num_gpus: 0 })).toBe(0);
});
