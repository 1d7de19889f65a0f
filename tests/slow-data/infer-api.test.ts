// InferModelHook `api` in a trial on a real server: prompts joined with questions, asked about, and judged; its worker is killed meanwhile.
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { Manifest } from '../../plan/manifest.ts';
import type { TrialResult } from '../../plan/protocol.ts';
import { chatServer } from '../support/chat-server.ts';
import { samplesOf } from '../support/inference.ts';
import { dataset } from '../support/pools.ts';
import { type RealSandbox, startRealSandbox } from '../support/real-sandbox.ts';

const KEY = 'sk-of-the-slow-test-0123456789';
const QUESTIONS = 12;

let sandbox: RealSandbox;
beforeAll(async () => {
  vi.stubEnv('OPENAI_API_KEY', KEY);
  sandbox = await startRealSandbox('cpu');
});
afterAll(async () => {
  await sandbox?.stop();
  vi.unstubAllEnvs();
});

const config = (folder: string, url: string) => `project_name: grader
work_dir: ${folder}/work
execution_job_configs:
  - hook: DataPoolManipulationHook
    meta_name: join
    output: datasets
    extra_configs:
      type: data_pool_cartesian_join
      dataset_path_1: [${folder}/kind.jsonl, ${folder}/strict.jsonl]
      dataset_path_2: ${folder}/questions.jsonl
      export_path: ${folder}/out/joined
  - hook: InferModelHook
    meta_name: grade
    input: {extra_configs.dataset_path: -1.datasets}
    output: answers
    extra_configs:
      type: api
      model: grader
      model_params: {base_url: '${url}'}
      build_messages_func: build_messages_for_math_qa
      func_kwargs: {system_key: prompt, query_key: question, response_key: answer}
      dataset_path: <filled>
      export_path: ${folder}/out/graded
      infer_res_key: grades
      concurrency: 1
      price: {input: 1, output: 1}
evaluation_job_configs:
  - hook: EvaluateDataHook
    meta_name: judge
    input: {extra_configs.predicted_dataset_path: -1.answers}
    output: [each, least]
    extra_configs: {type: mse, predicted_dataset_path: <filled>, predicted_value_key: grades, ground_truth_value_key: truth}
`;

/** Every text and every payload of a history. */
function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (value instanceof Uint8Array) return [Buffer.from(value).toString()];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

it('a trial asks and judges; the death of its worker costs no answer, and the key is in no file and no history', async () => {
  const { folder } = sandbox;
  let atFive: () => void = () => {};
  const reached = new Promise<void>(resolve => {
    atFive = resolve;
  });
  let goOn: () => void = () => {};
  const released = new Promise<void>(resolve => {
    goOn = resolve;
  });
  const server = await chatServer(async ({ text, body }) => {
    if (server.asked.length === 5) {
      atFive();
      await released;
    }
    const isStrict = body.messages![0]!.content.includes('strict');
    return String(Number(/Answer: (\d+)/.exec(text)![1]) % (isStrict ? 2 : 1));
  });
  await dataset(join(folder, 'kind.jsonl'), [{ prompt: 'be kind' }]);
  await dataset(join(folder, 'strict.jsonl'), [{ prompt: 'be strict' }]);
  const questions = Array.from({ length: QUESTIONS }, (_, i) => ({ question: `q${i}`, answer: i, truth: i % 2 }));
  await dataset(join(folder, 'questions.jsonl'), questions);
  await writeFile(join(folder, 'sandbox.yaml'), config(folder, server.url));
  const running = sandbox.cli('run', '--config', join(folder, 'sandbox.yaml'), '--id', 'grader', '--json');
  await reached;
  for (const pid of await sandbox.workers('--tags')) process.kill(pid, 'SIGKILL');
  goOn();
  const ended = await running;
  expect(ended.exitCode, ended.stdout + ended.stderr).toBe(0);
  const result = JSON.parse(ended.stdout).result as TrialResult;
  const { context } = JSON.parse(await readFile(join(result.trialDir, 'context.json'), 'utf8'));
  const { answers } = context.anonymous.grade;
  expect(answers).toHaveLength(2);
  const [kind, strict] = await Promise.all((answers as string[]).map(samplesOf));
  expect(kind!.map(({ grades }) => grades)).toEqual(questions.map(() => '0'));
  expect(strict!.map(({ grades }) => grades)).toEqual(questions.map(({ truth }) => String(truth)));
  expect(context.anonymous.judge.least).toBe(0);
  expect(server.asked).toHaveLength(2 * QUESTIONS);
  const manifest = JSON.parse(
    await readFile(join(result.trialDir, 'anonymous', '2-grade', 'manifest.json'), 'utf8'),
  ) as Manifest;
  expect(manifest.metrics).toMatchObject({ answered: 24, retries: 0, completion_tokens: 24 });
  expect(manifest.epoch).toBe(1);

  const { events } = await sandbox.client.workflow.getHandle('grader').fetchHistory();
  expect(textsIn(events).some(text => text.includes('sandboxTrial'))).toBe(true);
  for (const text of textsIn(events)) expect(text).not.toContain(KEY);
  const files = await readdir(folder, { recursive: true, withFileTypes: true });
  for (const { parentPath, name } of files.filter(entry => entry.isFile()))
    expect((await readFile(join(parentPath, name))).includes(KEY), join(parentPath, name)).toBe(false);
});
