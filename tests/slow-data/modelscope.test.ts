// TrainModelHook `modelscope` with the real ModelScope: its nlp-base-trainer on a small BERT of the test's own, killed and held, and as a trial.
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { pythonOf } from '../../activities/runtime/paths.ts';
import { runProgram } from '../../activities/runtime/program.ts';
import { stepValues } from '../../activities/runtime/step-values.ts';
import { trainModelScope } from '../../activities/train/modelscope.ts';
import { DEFAULT_DURABILITY } from '../../plan/durability.ts';
import type { Manifest } from '../../plan/manifest.ts';
import type { TrialResult } from '../../plan/protocol.ts';
import { supervisedRun, workFolder } from '../support/evaluators.ts';
import { dataset } from '../support/pools.ts';
import { programOf, reached, startsOf } from '../support/pytorch-example.ts';
import { startRealSandbox } from '../support/real-sandbox.ts';

const WORDS = { good: ['good', 'great', 'fine', 'nice'], bad: ['bad', 'awful', 'poor', 'ugly'] };
/** Seconds of steps, so that one who kills it in the middle finds it there. */
const [TEXTS, EPOCHS, BATCH] = [1600, 2, 4];
const STEPS = (TEXTS / BATCH) * EPOCHS;

const reviews = (count: number) =>
  Array.from({ length: count }, (_, i) => {
    const label = i % 2 ? 'good' : 'bad';
    return { review: `the film was very ${WORDS[label][i % 4]}`, label };
  });

/** The keys of a training, and of the data jobs' files that it reads. */
async function keysOf(folder: string, workDir: string) {
  const loader = { batch_size_per_gpu: BATCH, workers_per_gpu: 0 };
  return {
    type: 'modelscope',
    model_name: join(folder, 'model'),
    trainer_name: 'nlp-base-trainer',
    key_remapping: { review: 'text' },
    train_dataset: await dataset(join(folder, 'train.jsonl'), reviews(TEXTS)),
    eval_dataset: await dataset(join(folder, 'eval.jsonl'), reviews(8)),
    work_dir: workDir,
    device: 'cpu',
    preprocessor: { max_length: 16 },
    train: {
      max_epochs: EPOCHS,
      dataloader: loader,
      optimizer: { type: 'AdamW', lr: 1e-3 },
      lr_scheduler: { type: 'StepLR', step_size: 1, gamma: 0.5 },
      logging: { interval: 1 },
    },
    evaluation: { dataloader: { ...loader, shuffle: false }, period: { interval: 1 } },
  };
}

const makeModel = (folder: string) =>
  execa(pythonOf('modelscope'), [resolve('tests/fixtures/modelscope/make_text_classifier.py'), join(folder, 'model')]);

test('a real trainer that is killed, and held in the middle of an epoch, comes to the same weights, losses and learning rates', async () => {
  const folder = await workFolder();
  await makeModel(folder);
  async function training(name: string) {
    const dir = join(folder, name);
    const run = await supervisedRun(trainModelScope, dir, await keysOf(folder, join(dir, 'out', 'work')));
    run.job = { ...run.job, durability: { ...DEFAULT_DURABILITY, checkpointEvery: { steps: 50 } } };
    return { dir, run };
  }
  const weights = (dir: string) => readFile(join(dir, 'out', 'work', 'output', 'pytorch_model.bin'), 'hex');
  const values = async (dir: string) =>
    await Promise.all(
      ['lr', 'loss', 'eval_accuracy'].map(async key => (await stepValues(join(dir, 'metrics.jsonl'), key)).values),
    );

  const straight = await training('straight');
  const { metrics, versions } = await trainModelScope.run(straight.run);
  expect(metrics).toMatchObject({ steps: STEPS, epochs: EPOCHS, eval_accuracy: 1 });
  expect(metrics!['last_loss']).toBeLessThan(0.1);
  expect(versions).toMatchObject({ modelscope: expect.stringMatching(/^\d/), torch: expect.stringMatching(/^2/) });
  const [lr, loss, accuracy] = await values(straight.dir);
  expect(loss!.map(({ step }) => step)).toEqual(Array.from({ length: STEPS }, (_, i) => i + 1));
  expect(new Set(lr!.map(({ value }) => value)).size).toBe(EPOCHS);
  expect(accuracy!.map(({ step }) => step)).toEqual([STEPS / 2, STEPS]);

  const broken = await training('broken');
  const { signal, program } = broken.run;
  broken.run.program = spec => runProgram(spec, { dir: broken.dir, epoch: 1, signal, until: 517 });
  const held = expect(trainModelScope.run(broken.run)).rejects.toMatchObject({ name: 'ProgramHeld', step: 517 });
  const trainer = await programOf(broken.dir, 1);
  await reached(broken.dir, 60);
  process.kill(trainer, 'SIGKILL');
  await held;
  broken.run.program = program;
  await trainModelScope.run(broken.run);
  expect(await startsOf(broken.dir)).toEqual([null, expect.stringMatching(/^checkpoint-\d+$/), 'checkpoint-517']);
  expect(await weights(broken.dir)).toBe(await weights(straight.dir));
  expect(await values(broken.dir)).toEqual(await values(straight.dir));
});

test('a trial trains on what its data job kept, and publishes work_dir', async () => {
  const sandbox = await startRealSandbox('cpu, gpu');
  try {
    const { folder } = sandbox;
    await makeModel(folder);
    const { train_dataset, ...keys } = await keysOf(folder, join(folder, 'out', 'model'));
    const config = {
      project_name: 'modelscope',
      work_dir: join(folder, 'work'),
      execution_job_configs: [
        {
          hook: 'ProcessDataHook',
          meta_name: 'clean',
          output: ['reviews'],
          dj_configs: {
            dataset_path: train_dataset,
            export_path: join(folder, 'out', 'clean.jsonl'),
            text_keys: 'review',
            process: [{ text_length_filter: { min_len: 22 } }],
          },
        },
        {
          hook: 'TrainModelHook',
          meta_name: 'train',
          input: { 'extra_configs.train_dataset': 'anonymous.clean.reviews' },
          extra_configs: keys,
        },
      ],
    };
    const handle = await sandbox.client.workflow.start('sandboxTrial', {
      taskQueue: 'sandbox',
      workflowId: 'modelscope',
      args: [{ config, baseDir: folder }],
    });
    const result = (await handle.result()) as TrialResult;
    expect(result).toMatchObject({ state: 'done', jobs: { run: 2, reused: 0 } });
    expect(result.metrics['train.eval_accuracy']).toBe(1);
    const manifest = join(result.trialDir, 'anonymous', '2-train', 'manifest.json');
    const { files } = JSON.parse(await readFile(manifest, 'utf8')) as Manifest;
    expect(files.map(({ path }) => path)).toContainEqual(expect.stringMatching(/output\/pytorch_model\.bin$/));
    expect(
      (await readFile(join(folder, 'out', 'model', 'output', 'configuration.json'), 'utf8')).length,
    ).toBeGreaterThan(9);
  } finally {
    await sandbox.stop();
  }
});
