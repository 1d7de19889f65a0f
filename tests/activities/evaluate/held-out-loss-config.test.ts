import { expect, test } from 'vitest';
import { evaluateHeldOutLoss } from '../../../activities/evaluate/held-out-loss.ts';
import { compile } from '../../../plan/compile.ts';
import { formatDiagnostic } from '../../../plan/diagnostic.ts';
import { type JsonObject, jobsOf } from '../../../plan/plan.ts';
import { filesOf } from '../../plan/compiled.ts';
import { failureOf } from '../../support/evaluators.ts';
import { jobRun } from '../../support/job-run.ts';
import { tempFolder } from '../../support/pools.ts';

const EVAL = { sample_size: 32 };
const CONFIG = {
  easyanimate_home: 'home',
  train: {
    model_path: { pretrained_model_name_or_path: '../models/base', lora_path: '../models/lora' },
    dataset_path: { dataset_name: '', dataset_meta_name: '../data/held.json' },
    eval_config: EVAL,
  },
};

function compiled(change: JsonObject = {}) {
  const extra_configs = { type: 'held_out_loss', ...CONFIG, ...change };
  const job = { hook: 'EvaluateModelHook', meta_name: 'loss', extra_configs };
  const files = filesOf({ 'home/': '', 'models/base/': '', 'models/lora/': '', 'data/held.json': '[]' });
  return compile(
    { config: { evaluation_job_configs: [job] }, baseDir: '/base' },
    [evaluateHeldOutLoss],
    files,
    {} as never,
  );
}

function saidOf(change: JsonObject): string {
  const result = compiled(change);
  return (result.ok ? result.warnings : result.diagnostics).map(formatDiagnostic).join('\n');
}

test('reads the model, the LoRA and the clips, relative to the home like a training', () => {
  const result = compiled();
  if (!result.ok) throw new Error(saidOf({}));
  const [job] = jobsOf(result.plan);
  expect(job!.reads.map(({ path }) => path)).toEqual(
    ['home', 'models/base', 'models/lora', 'data/held.json'].map(path => `/base/${path}`),
  );
  expect(job!.reads[0]!.content).toContain('held_out_loss.py');
  expect(job).toMatchObject({
    claims: true,
    config: { extra_configs: { train: { eval_config: { timesteps: 8, seed: 0 } } } },
  });
});

test.each<[string, JsonObject, RegExp]>([
  ['no size', { train: { ...CONFIG.train, eval_config: {} } }, /"sample_size" is missing; expected a number/],
  [
    'no times',
    { train: { ...CONFIG.train, eval_config: { ...EVAL, timesteps: 0 } } },
    /timesteps: expected more than 0, got 0/,
  ],
  ['no clips', { train: { ...CONFIG.train, dataset_path: {} } }, /"dataset_meta_name" is missing/],
])('says of %s what would be right', (_, change, message) => {
  expect(saidOf(change)).toMatch(message);
});

test('a home without the script is told apart', async () => {
  const folder = await tempFolder();
  const extra_configs = { type: 'held_out_loss', ...CONFIG, easyanimate_home: folder };
  const run = await jobRun(evaluateHeldOutLoss, folder, { extra_configs });
  const { message } = await failureOf(evaluateHeldOutLoss.run(run));
  expect(message).toMatch(
    /held_out_loss\.py is not there: easyanimate_home must be python\/easyanimate-small, or a home with/,
  );
});
