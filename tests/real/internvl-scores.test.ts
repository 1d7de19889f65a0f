// EvaluateModelHook `internvl_coco_caption` with a script that plays InternVL's evaluate.sh (tests/fixtures/internvl): InternVL itself needs GPUs.
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { evaluateInternVL } from '../../activities/evaluate/internvl-coco-caption.ts';
import type { JsonObject } from '../../plan/plan.ts';
import { failureOf, supervisedRun, workFolder } from '../support/evaluators.ts';

const HOME = resolve('tests/fixtures/internvl');

async function checkpoint(work: string, name: string, play: string): Promise<string> {
  const folder = join(work, name);
  await mkdir(folder);
  await writeFile(join(folder, 'play'), play);
  return folder;
}

async function evaluation(work: string, ckpt_paths: string | string[], extra: JsonObject = {}) {
  return await supervisedRun(evaluateInternVL, join(work, 'job'), { internvl_home: HOME, ckpt_paths, ...extra });
}

test('each checkpoint is scored by its own call, on the GPUs that the job holds, with all digits where InternVL tells them', async () => {
  const work = await workFolder();
  const paths = [await checkpoint(work, 'pool_a', 'newer'), await checkpoint(work, 'pool_b', 'older')];
  const run = await evaluation(work, paths);
  run.devices = ['GPU-1', 'GPU-2'];
  const { results, metrics } = await evaluateInternVL.run(run);
  const one = {
    Bleu_1: 0.2,
    Bleu_2: 0.6404,
    Bleu_3: 0.5,
    Bleu_4: 0.38649,
    METEOR: 0.29518,
    ROUGE_L: 0.5911,
    CIDEr: 1.28397,
  };
  const other = { Bleu_1: 0.2, Bleu_2: 0.64, Bleu_3: 0.5, Bleu_4: 0.386, METEOR: 0.295, ROUGE_L: 0.591, CIDEr: 1.284 };
  const mean = (scores: Record<string, number>) => Object.values(scores).reduce((sum, value) => sum + value, 0) / 7;
  expect(results).toEqual([
    {
      value: [
        { ...one, avg_score: expect.closeTo(mean(one), 12) },
        { ...other, avg_score: expect.closeTo(mean(other), 12) },
      ],
    },
  ]);
  expect(metrics).toMatchObject({ 'pool_a.CIDEr': 1.28397, 'pool_b.METEOR': 0.295 });
  expect(Object.keys(metrics!)).toHaveLength(16);
  expect(run.seen).toContainEqual(expect.objectContaining({ step: 5, unit: 'image', phase: 'captioning with pool_a' }));
});

test("a single checkpoint's metrics have no name in front", async () => {
  const work = await workFolder();
  const { metrics } = await evaluateInternVL.run(await evaluation(work, await checkpoint(work, 'model', 'older')));
  expect(metrics).toMatchObject({ Bleu_1: 0.1, CIDEr: 1.284 });
});

describe('fails with what is wrong', () => {
  test('of an evaluation that fails and ends well, as evaluate.sh does', async () => {
    const work = await workFolder();
    const path = await checkpoint(work, 'model', 'broken');
    const { message, logTail } = await failureOf(evaluateInternVL.run(await evaluation(work, path)));
    expect(message).toContain(`evaluate.sh ended without scores of ${path}`);
    expect(logTail.join('\n')).toContain('RuntimeError: Found no NVIDIA driver on your system');
  });

  test.each<[string, JsonObject, RegExp]>([
    [
      'of a home that is none',
      { internvl_home: '/no/such' },
      /\/no\/such\/internvl_chat\/evaluate\.sh is not there: internvl_home must be/,
    ],
    [
      'of a path that the script cannot take',
      { ckpt_paths: '/a b' },
      /evaluate\.sh cannot take the white space in \/a b/,
    ],
    [
      'of an environment that is not there',
      { env_name: '/no/env', env_manager: 'venv' },
      /no Python interpreter at \/no\/env\/bin\/python: env_name must be the folder of a venv environment/,
    ],
  ])('%s', async (_, extra, message) => {
    const work = await workFolder();
    expect((await failureOf(evaluateInternVL.run(await evaluation(work, '/model', extra)))).message).toMatch(message);
  });
});
