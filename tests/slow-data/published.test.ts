// The configs of ours in the shapes that Data-Juicer publishes, on small data: real data jobs; InternVL and the grader are played.
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { delimiter, join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { packageRoot } from '../../activities/runtime/paths.ts';
import type { TrialResult } from '../../plan/protocol.ts';
import { chatServer } from '../support/chat-server.ts';
import { dataset, linesOf } from '../support/pools.ts';
import { type RealSandbox, startRealSandbox } from '../support/real-sandbox.ts';

const INTERNVL = resolve('tests/fixtures/internvl');
const CAPTIONS = 18;
const CONFIGS = ['internvl-coco-caption', 'auto-prompt-optimization'];

let sandbox: RealSandbox;
beforeAll(async () => {
  vi.stubEnv('PATH', [join(INTERNVL, 'bin'), process.env.PATH].join(delimiter));
  vi.stubEnv('OPENAI_API_KEY', 'sk-of-the-test');
  sandbox = await startRealSandbox('cpu, gpu');
});
afterAll(async () => {
  await sandbox?.stop();
  vi.unstubAllEnvs();
});

/** A copy of our configs in `folder`, each file changed. */
async function configs(folder: string, change: (text: string) => string): Promise<void> {
  for (const name of CONFIGS) {
    await cp(join(packageRoot(), 'configs', name), join(folder, 'configs', name), { recursive: true });
  }
  const files = [
    'internvl-coco-caption/sandbox_internvl_coco_caption.yaml',
    'internvl-coco-caption/all_text_image_stats.yaml',
    'internvl-coco-caption/internvl_train_config.yaml',
    'internvl-coco-caption/internvl_eval_config.yaml',
    'auto-prompt-optimization/sandbox_auto_prompt_optimization.yaml',
    'auto-prompt-optimization/dj_configs_prompt_generating.yaml',
  ];
  for (const name of files) {
    const path = join(folder, 'configs', name);
    await writeFile(path, change(await readFile(path, 'utf8')));
  }
}

async function run(folder: string, config: string) {
  const handle = await sandbox.client.workflow.start('sandboxTrial', {
    taskQueue: 'sandbox',
    workflowId: config.replaceAll('/', '.'),
    args: [{ config: `configs/${config}`, baseDir: folder }],
  });
  const result = (await handle.result()) as TrialResult;
  const { context } = JSON.parse(await readFile(join(result.trialDir, 'context.json'), 'utf8'));
  return { result, context };
}

it('InternVL on COCO captions goes from captions to the scores of the best pools with three larger models', async () => {
  const folder = join(sandbox.folder, 'internvl');
  const home = join(folder, 'thirdparty', 'models', 'InternVL');
  await cp(INTERNVL, home, { recursive: true });
  const chat = join(home, 'internvl_chat');
  for (const size of ['1B', '2B', '4B', '26B'])
    await mkdir(join(chat, 'pretrained', `InternVL2-${size}`), { recursive: true });
  await mkdir(join(chat, 'data', 'coco', 'annotations'), { recursive: true });
  await dataset(
    join(chat, 'data', 'coco', 'annotations', 'coco_karpathy_train_567k.jsonl'),
    Array.from({ length: CAPTIONS }, (_, i) => ({
      image: `train2014/${i}.jpg`,
      conversations: [
        { from: 'human', value: '<image>\nWrite a caption.' },
        { from: 'gpt', value: `${'a cat and '.repeat(i + 1)}a dog, ${i * i}` },
      ],
    })),
  );
  await configs(folder, text =>
    text.replaceAll(/^(?:env_name|env_manager|num_gpus): .*\n/gm, '').replaceAll(/^ {2}- image_\w+:\n/gm, ''),
  );
  const { result, context } = await run(folder, 'internvl-coco-caption/sandbox_internvl_coco_caption.yaml');
  expect(result).toMatchObject({ state: 'done', jobs: { run: 21, reused: 0 } });
  const { pools } = context.single_op_exps.construct_pools;
  expect(context.single_op_exps.single_op_train.models).toHaveLength(pools.length);
  expect(context.single_op_exps.single_op_eval.scores).toHaveLength(pools.length);
  expect(context.multiple_op_exps.rank_single_op_pools.best).toHaveLength(3);
  const scaled = context.scaling_exps.scaling_train_26B.models as string[];
  expect(scaled.map(path => /_InternVL2-26B$/.test(path))).toEqual([true, true, true]);
  const [first] = context.multiple_op_exps.multiple_op_train.models as string[];
  expect(first).toMatch(/_InternVL2-1B$/);
  const { scores } = context.multiple_op_exps.multiple_op_eval;
  expect(scores).toHaveLength(context.multiple_op_exps.multiple_op_train.models.length);
});

it('prompts of a grader get better by iterations until the target is met', async () => {
  const folder = join(sandbox.folder, 'prompts');
  // It grades by its prompt: exactly with one that says so, which the first iteration's do not all do.
  const truth = new Map<string, number>();
  const server = await chatServer(asked => {
    const system = asked.body.messages?.[0]?.content ?? '';
    const known = [...truth].find(([question]) => asked.text.includes(question))?.[1] ?? 0;
    return String(system.includes('exactly') ? known : 1 - known);
  });
  // Data-Juicer's own op asks a model by a package that is not in our environment: here the prompts are those of the file.
  await configs(folder, text =>
    text
      .replace(/process:\n {2}- optimize_prompt_mapper:[\s\S]*$/, 'process:\n  - whitespace_normalization_mapper:\n')
      .replace(
        "model: 'qwen2.5-32b-instruct'",
        `model: 'grader'\n            api_endpoint: null\n            model_params: {base_url: '${server.url}'}`,
      ),
  );
  const own = join(folder, 'configs', 'auto-prompt-optimization');
  for (const line of await linesOf(join(own, 'answers.jsonl'))) {
    const { question, truth: value } = JSON.parse(line);
    truth.set(question, value);
  }
  await dataset(join(own, 'prompts.jsonl'), [{ prompt: 'Grade it.' }, { prompt: 'Grade it exactly.' }]);
  const { result, context } = await run(folder, 'auto-prompt-optimization/sandbox_auto_prompt_optimization.yaml');
  expect(result).toMatchObject({ state: 'done' });
  expect(context.optimize_prompt.evaluate_grades.min_mse).toBe(0);
  const best = await linesOf(context.select_prompts.merge_pools.best_prompts);
  expect(best.map(line => JSON.parse(line).prompt)[0]).toBe('Grade it exactly.');
});
