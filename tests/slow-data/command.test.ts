// `type: command`: examples/pytorch killed, held and resumed, as a trial and as a sweep on a real server; and Hugging Face's Trainer itself.
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { trainSchema } from '../../activities/command/config.ts';
import { packageRoot, pythonOf } from '../../activities/runtime/paths.ts';
import { runProgram } from '../../activities/runtime/program.ts';
import { stepValues } from '../../activities/runtime/step-values.ts';
import { trainCommand } from '../../activities/train/command.ts';
import type { JsonObject } from '../../plan/plan.ts';
import type { SweepInput, SweepResult, TrialResult } from '../../plan/protocol.ts';
import { supervisedRun, workFolder } from '../support/evaluators.ts';
import {
  STEPS as EXAMPLE_STEPS,
  exampleTraining,
  programOf,
  pythonWithTorch,
  reached,
  startsOf,
} from '../support/pytorch-example.ts';
import { type RealSandbox, startRealSandbox } from '../support/real-sandbox.ts';

const STEPS = 40;

describe('the PyTorch example', () => {
  beforeAll(pythonWithTorch);

  test('killed, told by SIGTERM, or held exactly at a rung comes to the same bytes at the same losses and learning rates', async () => {
    const folder = await workFolder();
    const [straight, killed, rungs] = ['straight', 'killed', 'rungs'].map(name => join(folder, name)) as [
      string,
      string,
      string,
    ];
    const undisturbed = await exampleTraining(straight);
    await undisturbed.component.run(undisturbed.run);
    const model = (dir: string) => readFile(join(dir, 'out', 'output', 'model.pt'), 'hex');
    const values = async (dir: string) =>
      await Promise.all(['lr', 'loss'].map(async key => (await stepValues(join(dir, 'metrics.jsonl'), key)).values));

    const { component, run } = await exampleTraining(killed, '0.05');
    const training = component.run(run);
    await reached(killed, 60);
    process.kill(await programOf(killed, 1), 'SIGKILL');
    const second = await programOf(killed, 2);
    await reached(killed, 70);
    process.kill(second, 'SIGTERM');
    expect((await training).metrics).toMatchObject({ steps: EXAMPLE_STEPS });
    expect(await startsOf(killed)).toEqual([null, ...[1, 2].map(() => expect.stringMatching(/^checkpoint-\d+$/))]);
    expect(await model(killed)).toBe(await model(straight));
    expect(await values(killed)).toEqual(await values(straight));

    const waiting = await exampleTraining(rungs);
    const { signal } = waiting.run;
    const held = waiting.component.run({
      ...waiting.run,
      program: spec => runProgram(spec, { dir: rungs, epoch: 1, signal, until: 77 }),
    });
    await expect(held).rejects.toMatchObject({ name: 'ProgramHeld', checkpoint: 'checkpoint-77', step: 77 });
    await waiting.component.run(waiting.run);
    expect(await model(rungs)).toBe(await model(straight));
    expect(await values(rungs)).toEqual(await values(straight));
  });
});

describe('Hugging Face’s Trainer', () => {
  async function train(dir: string, env: JsonObject) {
    const script = resolve('tests/fixtures/command/hf_trainer.py');
    const config = trainSchema.parse({
      type: 'command',
      argv: [pythonOf('train'), script, '{output}', String(STEPS)],
      cwd: dir,
      env,
      log: 'huggingface',
      total: STEPS,
      checkpoints: { pattern: 'checkpoint-(?<step>[0-9]+)', resume: ['--resume_from_checkpoint', '{checkpoint}'] },
    });
    const run = await supervisedRun(trainCommand, dir, config as unknown as JsonObject);
    const { metrics } = await trainCommand.run(run);
    const weights = await readFile(join(dir, 'out', 'output', 'final', 'model.safetensors'), 'hex');
    const losses = (await stepValues(join(dir, 'metrics.jsonl'), 'loss')).values;
    return { metrics, weights, losses };
  }

  test('that saves in its own way is resumed from what it saved, and ends with the same weights and losses, each at its step', async () => {
    const folder = await workFolder();
    const [straight, killed] = [join(folder, 'straight'), join(folder, 'killed')];
    const undisturbed = await train(straight, {});
    expect(undisturbed.losses.map(({ step }) => step)).toEqual(Array.from({ length: STEPS }, (_, i) => i + 1));
    expect(undisturbed.metrics!['last_loss']).toBeLessThan(undisturbed.metrics!['first_loss']!);
    expect(undisturbed.metrics).toHaveProperty('last_eval_loss');
    const resumed = await train(killed, { HF_KILL_AT: '27' });
    expect(resumed.weights).toBe(undisturbed.weights);
    expect(resumed.losses).toEqual(undisturbed.losses);
    expect(await startsOf(killed)).toEqual([null, 'checkpoint-20']);
  });
});

describe('the PyTorch example on a real server', () => {
  let sandbox: RealSandbox;
  beforeAll(async () => {
    pythonWithTorch();
    sandbox = await startRealSandbox();
  });
  afterAll(() => sandbox?.stop());

  const config = join(packageRoot(), 'examples', 'pytorch', 'sandbox.yaml');
  const started = async (type: string, id: string, input: object) =>
    await sandbox.client.workflow.start(type, { taskQueue: 'sandbox', workflowId: id, args: [input] });

  test('is a trial that trains, predicts and scores, and does nothing twice', async () => {
    const input = { config, baseDir: packageRoot(), set: { work_dir: join(sandbox.folder, 'work') } };
    const first = (await (await started('sandboxTrial', 'own', input)).result()) as TrialResult;
    expect(first).toMatchObject({ state: 'done', jobs: { run: 3, reused: 0 } });
    expect(first.metrics['score.accuracy']).toBeGreaterThan(0.8);
    const again = (await (await started('sandboxTrial', 'own-again', input)).result()) as TrialResult;
    expect(again).toMatchObject({ state: 'done', jobs: { run: 0, reused: 3 } });
  });

  test('is a sweep by asha whose trainings wait at their rung', async () => {
    const input: SweepInput = {
      config,
      baseDir: packageRoot(),
      set: { work_dir: join(sandbox.folder, 'sweep') },
      sweep: join(packageRoot(), 'examples', 'pytorch', 'sweep.yaml'),
    };
    const result = (await (await started('sandboxSweep', 'rates', input)).result()) as SweepResult;
    expect(result).toMatchObject({ state: 'done', counts: { begun: 3, failed: 0 } });
    const decisions = (await readFile(result.ledger.path, 'utf8'))
      .split('\n')
      .filter(Boolean)
      .map(line => JSON.parse(line));
    const rungs = decisions.filter(({ kind }) => kind === 'rung');
    expect(rungs.filter(({ step }) => step === 50)).toHaveLength(3);
    for (const { value } of rungs) expect(value).toBeGreaterThan(0);
  });
});
