import { describe, expect, test } from 'vitest';
import { evaluateDataCommand, evaluateModelCommand } from '../../../activities/evaluate/command.ts';
import { inferCommand } from '../../../activities/infer/command.ts';
import { trainCommand } from '../../../activities/train/command.ts';
import { compile } from '../../../plan/compile.ts';
import { formatDiagnostic } from '../../../plan/diagnostic.ts';
import { fingerprintName, keyPlan } from '../../../plan/keys.ts';
import type { JsonObject } from '../../../plan/plan.ts';
import { jobsOf, type PlanJob } from '../../../plan/plan.ts';

const FILES = ['train.py', 'lib/util.py', 'conf.yaml', 'rows.jsonl'].map(name => `/base/own/${name}`);
const FOLDERS = ['/base', '/base/own', '/base/own/lib'];
const files = {
  read: () => null,
  stat: (path: string) =>
    (FILES.includes(path) ? 'file' : FOLDERS.includes(path) ? 'directory' : null) as 'file' | 'directory' | null,
};
const registry = [trainCommand, inferCommand, evaluateDataCommand, evaluateModelCommand];
const LISTS: Record<string, string> = {
  TrainModelHook: 'execution_job_configs',
  InferModelHook: 'execution_job_configs',
};

function compiled(extra: JsonObject, hook = 'TrainModelHook') {
  const job = { hook, meta_name: 'own', extra_configs: { type: 'command', ...extra } };
  const config = { work_dir: 'work', [LISTS[hook] ?? 'evaluation_job_configs']: [job] };
  return compile({ config, baseDir: '/base' }, registry, files, {} as never);
}

function errorsOf(extra: JsonObject, hook?: string): string {
  const result = compiled(extra, hook);
  return result.ok ? '' : result.diagnostics.map(formatDiagnostic).join('\n');
}

function jobOf(extra: JsonObject): PlanJob {
  const result = compiled(extra);
  if (!result.ok) throw new Error(result.diagnostics.map(formatDiagnostic).join('\n'));
  return jobsOf(result.plan)[0]!;
}

const TRAIN = { cwd: 'own', argv: ['python', 'train.py', '--out', '{output}'] };

describe('a command', () => {
  test('needs no more than argv', () => {
    expect(errorsOf({ argv: ['my-trainer', '{output}'] })).toBe('');
    expect(errorsOf({ argv: ['my-infer', '{output}'] }, 'InferModelHook')).toBe('');
    expect(errorsOf({ argv: ['my-score', '{result}'] }, 'EvaluateModelHook')).toBe('');
    expect(errorsOf({ argv: ['my-score', '--out={output}'] }, 'EvaluateDataHook')).toBe('');
  });

  test('is another job when the content of its scripts, configs or code changes, wherever they lie', () => {
    const job = jobOf({ ...TRAIN, argv: [...TRAIN.argv, 'conf.yaml', '7.yaml'], code: ['lib'] });
    expect(job.reads.map(({ at, path }) => [at, path])).toEqual([
      ['extra_configs.cwd', '/base/own'],
      ['extra_configs.argv.1', '/base/own/train.py'],
      ['extra_configs.argv.4', '/base/own/conf.yaml'],
      ['extra_configs.code.0', '/base/own/lib'],
    ]);
  });

  test('has a key that its working folder changes only as far as `code` says', () => {
    const keyWith = (extra: JsonObject, folder: string) => {
      const result = compiled({ ...TRAIN, ...extra });
      if (!result.ok) throw new Error('it does not compile');
      const hashes = jobsOf(result.plan)[0]!.reads.map(
        read => [fingerprintName(read), read.content || read.path !== '/base/own' ? 'same' : folder] as const,
      );
      return jobsOf(keyPlan(result.plan, registry, new Map(hashes)))[0]!.key;
    };
    expect(keyWith({}, 'one')).toBe(keyWith({}, 'other'));
    expect(keyWith({ code: ['.'] }, 'one')).not.toBe(keyWith({ code: ['.'] }, 'other'));
    expect(keyWith({ secrets: ['HF_TOKEN'] }, 'one')).toBe(keyWith({}, 'one'));
    expect(keyWith({ checkpoints: { stops_on_request: true } }, 'one')).toBe(keyWith({}, 'one'));
    expect(keyWith({ metrics: ['acc'], log: 'key-value' }, 'one')).not.toBe(keyWith({}, 'one'));
  });

  test.each<[string, JsonObject, RegExp]>([
    ['no argv', { argv: [] }, /argv: expected at least 1 items, got \[\]/],
    ['a shell line', { argv: 'python train.py' }, /argv: expected a list, got "python train.py"/],
    ['a key that is none', { datasets: 'x' }, /unknown key; did you mean "dataset"\?/],
    ['a folder that is not there', { cwd: 'away' }, /away is not there/],
    [
      'a placeholder that is none',
      { argv: ['x', '{output}', '{datset}'] },
      /\{datset\} is no placeholder; there are \{dataset\}, \{model\}/,
    ],
    [
      '{checkpoint} at a first start',
      { argv: ['x', '{output}', '{checkpoint}'] },
      /\{checkpoint\} is for checkpoints\.resume/,
    ],
    ['nowhere to write to', { argv: ['x'] }, /write \{output\} where the program is told where to write/],
    ['a parameter that is not used', { parameters: { lr: 0.1 } }, /\{lr\} stands nowhere in argv or env/],
    [
      'a parameter with a taken name',
      { argv: ['x', '{output}'], parameters: { output: 'y' } },
      /\{output\} has a meaning of its own/,
    ],
    [
      'a secret in the config',
      { env: { HF_TOKEN: 'abc' } },
      /set HF_TOKEN where the worker is started, and name it in secrets/,
    ],
    ['a variable of the job itself', { env: { DJ_RESUME_FROM: 'x' } }, /DJ_RESUME_FROM is set by the job itself/],
    ['a log format that is none', { log: 'wandb' }, /log: expected one of "key-value", "json-lines"/],
    ['metrics of no format', { metrics: ['acc'] }, /say in log how they are printed/],
    ['a pattern that Python reads otherwise', { patterns: ['(?<=a)(?<step>[0-9]+)'] }, /look-behind is not shared/],
    ['a pattern without a name', { patterns: ['step [0-9]+'] }, /it needs a named group for each number/],
    [
      'checkpoints without a step',
      { checkpoints: { pattern: 'ckpt-(?<epoch>[0-9]+)' } },
      /it needs a group \(\?<step>\[0-9\]\+\)/,
    ],
    [
      'a resume without its checkpoint',
      { checkpoints: { resume: ['--resume'] } },
      /write \{checkpoint\} where the path/,
    ],
    ['checkpoints elsewhere', { checkpoints: { folder: '../there' } }, /\.\.\/there must be inside the output folder/],
    ['a result elsewhere', { result: '/tmp/result.json' }, /\/tmp\/result\.json must be inside the output folder/],
    ['a format that is none', { dataset_format: 'xlsx' }, /dataset_format: expected one of "as-is", "jsonl"/],
  ])('with %s is told so before anything runs', (_, extra, why) => {
    expect(errorsOf({ ...TRAIN, ...extra })).toMatch(why);
  });

  test('with a script that is not there is warned of: it may be in a container', () => {
    const result = compiled({ ...TRAIN, argv: ['python', 'trian.py', '{output}'] });
    expect((result.ok ? result.warnings : []).map(formatDiagnostic).join('\n')).toMatch(
      /trian\.py is not there.*relative paths start at \/base\/own/,
    );
  });

  test('for evaluation has no checkpoints, and one for training no default result', () => {
    expect(errorsOf({ argv: ['x', '{result}'], checkpoints: {} }, 'EvaluateModelHook')).toMatch(/unknown key/);
    expect(errorsOf({ argv: ['x', '{result}'] }, 'EvaluateModelHook')).toBe('');
    expect(errorsOf({ argv: ['x', '{result}'] })).toMatch(/write \{output\}/);
  });
});
