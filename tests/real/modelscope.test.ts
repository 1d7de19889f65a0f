// TrainModelHook `modelscope` with a program that plays ModelScope (tests/fixtures/modelscope/trainer-player); tests/slow-data/modelscope.test.ts has the real one.
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { pythonOf } from '../../activities/runtime/paths.ts';
import { runProgram } from '../../activities/runtime/program.ts';
import { stepValues } from '../../activities/runtime/step-values.ts';
import { trainModelScope } from '../../activities/train/modelscope.ts';
import { DEFAULT_DURABILITY } from '../../plan/durability.ts';
import type { JsonObject } from '../../plan/plan.ts';
import { failureOf, supervisedRun, workFolder } from '../support/evaluators.ts';
import { dataset, linesOf } from '../support/pools.ts';
import { startsOf } from '../support/pytorch-example.ts';

const PLAYER = resolve('tests/fixtures/modelscope/trainer-player');
const STEPS = 15;

/** A training of three epochs of five steps in `work`/`name`, saved after each third step. */
async function training(work: string, name: string, extra: JsonObject = {}, train: JsonObject = {}) {
  const train_dataset = await dataset(
    join(work, 'train.jsonl'),
    Array.from({ length: 10 }, (_, i) => ({ review: `text ${i}` })),
  );
  await mkdir(join(work, 'model'), { recursive: true });
  const dir = join(work, name);
  const run = await supervisedRun(trainModelScope, dir, {
    model_name: join(work, 'model'),
    trainer_name: 'nlp-base-trainer',
    key_remapping: { review: 'text' },
    train_dataset,
    work_dir: join(dir, 'out', 'work'),
    train: { max_epochs: 3, dataloader: { batch_size_per_gpu: 2 }, ...train },
    device: 'cpu',
    launcher: { python: pythonOf('pools') },
    ...extra,
  });
  run.job = { ...run.job, durability: { ...DEFAULT_DURABILITY, checkpointEvery: { steps: 3 } } };
  const { program } = run;
  run.program = spec => program({ ...spec, env: { PYTHONPATH: PLAYER, ...spec.env } });
  return { dir, run };
}

const weights = (dir: string) => readFile(join(dir, 'out', 'work', 'output', 'pytorch_model.bin'), 'hex');
const losses = async (dir: string) => (await stepValues(join(dir, 'metrics.jsonl'), 'loss')).values;

test('a training tells its steps over all epochs, and its result is work_dir with weights, evaluation and versions', async () => {
  const work = await workFolder();
  const eval_dataset = await dataset(join(work, 'eval.jsonl'), [{ text: 'a text' }]);
  const { dir, run } = await training(work, 'job', { eval_dataset });
  const { results, metrics, versions } = await trainModelScope.run(run);
  expect(results).toEqual([{ path: join(dir, 'out', 'work') }]);
  expect(metrics).toMatchObject({
    steps: STEPS,
    epochs: 3,
    first_loss: 1,
    last_loss: 0.0667,
    'eval_binary-f1': 0.25,
    eval_accuracy: 0.7,
  });
  expect(Object.values(metrics!).every(Number.isFinite)).toBe(true);
  expect(versions).toBeDefined();
  expect((await losses(dir)).map(({ step }) => step)).toEqual(Array.from({ length: STEPS }, (_, i) => i + 1));
  const accuracies = (await stepValues(join(dir, 'metrics.jsonl'), 'eval_accuracy')).values;
  expect(accuracies).toEqual([5, 10, 15].map((step, i) => ({ step, value: 0.5 + i / 10 })));
  expect(run.seen.at(-1)).toMatchObject({ step: STEPS, total: STEPS, unit: 'step', phase: 'training' });
  expect(existsSync(join(dir, 'datasets'))).toBe(false);
  // What only serves to go on is no result.
  expect(await readdir(join(dir, 'checkpoints'))).toHaveLength(2);
});

test('killed in the middle of an epoch, or held exactly at a rung, it goes on with the same samples to the same bytes', async () => {
  const work = await workFolder();
  const straight = await training(work, 'straight');
  await trainModelScope.run(straight.run);

  const killed = await training(work, 'killed', {}, { play: '8:kill' });
  await trainModelScope.run(killed.run);
  expect(await startsOf(killed.dir)).toEqual([null, 'checkpoint-6']);

  const held = await training(work, 'held');
  const { signal } = held.run;
  const program = held.run.program;
  held.run.program = spec =>
    runProgram({ ...spec, env: { ...spec.env, PYTHONPATH: PLAYER } }, { dir: held.dir, epoch: 1, signal, until: 10 });
  await expect(trainModelScope.run(held.run)).rejects.toMatchObject({ name: 'ProgramHeld', step: 10 });
  held.run.program = program;
  await trainModelScope.run(held.run);

  for (const { dir } of [killed, held]) {
    expect(await weights(dir)).toBe(await weights(straight.dir));
    expect(await losses(dir)).toEqual(await losses(straight.dir));
  }
});

test('a trainer with a loop of its own is trained without checkpoints', async () => {
  const { dir, run } = await training(await workFolder(), 'job', { trainer_name: 'other-trainer' });
  const { metrics } = await trainModelScope.run(run);
  expect(metrics).toMatchObject({ steps: 0, epochs: 0 });
  expect((await linesOf(run.log)).join('\n')).toContain('OtherTrainer has a loop of its own');
  expect(existsSync(join(dir, 'checkpoints'))).toBe(false);
});

describe('fails with what is wrong', () => {
  test.each<[string, JsonObject, JsonObject, RegExp]>([
    [
      'of an interpreter that is not there',
      { launcher: { python: '/no/python' } },
      {},
      /^there is no Python interpreter at \/no\/python: launcher\.python must be an interpreter$/,
    ],
    [
      'of an environment that is not there',
      { launcher: null, env_name: '/no/env', env_manager: 'uv' },
      {},
      /\/no\/env\/bin\/python: env_name must be the folder of a uv environment/,
    ],
    [
      'of a Python without ModelScope',
      { launcher: { python: 'python3' }, noPlayer: true },
      {},
      /^this Python \(\S+\) cannot import modelscope\.trainers: No module named 'modelscope'; install modelscope\[framework\]/,
    ],
    [
      'of a trainer that ModelScope does not have',
      { trainer_name: 'nlp-bass-trainer' },
      {},
      /^modelscope\.trainers\.build_trainer\(name='nlp-bass-trainer', model='.*\/model'\) failed: KeyError: .*not in the trainers registry/,
    ],
    [
      'of a model that the hub would have to be asked for',
      { model_name: 'someone/model' },
      {},
      /failed: ValueError: invalid model repo path.*; someone\/model is no folder here: fetch it where there is a network/,
    ],
    [
      'of what the configuration lacks',
      {},
      { max_epochs: null },
      /failed: AssertionError: max_epochs should be provided/,
    ],
    [
      'of a column that no dataset has',
      { key_remapping: { revue: 'txt' } },
      {},
      /^key_remapping names the column "revue", which no dataset has: .*train\.jsonl has review$/,
    ],
    [
      'of a column whose new name is taken',
      { key_remapping: { review: 'text' }, taken: true },
      {},
      /^key_remapping calls the column "review" "text", and there is a column "text" already$/,
    ],
    ['of a dataset without samples', { samples: '' }, {}, /^the dataset .*train\.jsonl has no sample$/],
    [
      'of a dataset that is none',
      { samples: 'review\n' },
      {},
      /^the dataset .*train\.jsonl cannot be read: JSONDecodeError/,
    ],
    ['of a GPU that is too small', {}, { play: '2:oom' }, /CUDA out of memory.*; the GPU ran out of memory/],
    ['of a loss that is no number', {}, { play: '4:nan' }, /was ended because its loss is NaN at step 4/],
    [
      'of weights that were not saved',
      {},
      { play: 'no-weights' },
      /ended well but saved no weights in .*\/work: train\.checkpoint/,
    ],
    ['of weights that are empty', {}, { play: 'empty' }, /ended well but .*\.(?:pth|bin) is empty$/],
  ])('%s', async (_, { noPlayer, taken, samples, ...extra }, train, message) => {
    const work = await workFolder();
    const { run } = await training(work, 'job', extra, train);
    const path = join(work, 'train.jsonl');
    if (taken) await dataset(path, [{ review: 'a', text: 'b' }]);
    if (typeof samples === 'string') await writeFile(path, samples);
    const { program } = run;
    if (noPlayer) run.program = spec => program({ ...spec, env: { ...spec.env, PYTHONPATH: '' } });
    expect((await failureOf(trainModelScope.run(run))).message).toMatch(message);
  });
});
