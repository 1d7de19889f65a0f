import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { lossSummary } from '../../../activities/easyanimate/losses.ts';
import { EASYANIMATE, parseLine } from '../../../activities/runtime/log-patterns.ts';

async function metricsOf(lines: object[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'losses-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, 'metrics.jsonl');
  await writeFile(file, lines.map(line => `${JSON.stringify(line)}\n`).join(''));
  return file;
}

test('a step that is shown with the loss of the one before at first counts with its own', async () => {
  // As train_lora.py of the small home prints it: tqdm draws the bar at the new step before the script has told it the loss.
  const log = [
    'Steps:   0%|          | 0/4 [00:00<?, ?it/s]',
    'Steps:  25%|██▌       | 1/4 [00:00<00:00,  7.40it/s]',
    'Steps:  25%|██▌       | 1/4 [00:00<00:00,  7.40it/s, lr=0.001, step_loss=0.9]',
    'Steps:  50%|█████     | 2/4 [00:00<00:00,  7.40it/s, lr=0.001, step_loss=0.9]',
    'Steps:  50%|█████     | 2/4 [00:00<00:00,  7.40it/s, lr=0.001, step_loss=0.7]',
    // As EasyAnimate's own script shows it where the terminal knows no blocks.
    'Steps:  75%|#######5  | 3/4 [00:41<00:13, 13.44s/it, lr=2e-5, step_loss=0.123]',
    'Steps: 100%|##########| 4/4 [00:41<00:00, 13.44s/it, lr=2e-5, step_loss=0.123]',
    'Steps: 100%|##########| 4/4 [00:41<00:00, 13.44s/it, lr=2e-5, step_loss=0.3]',
    'saving checkpoint: /out/models/checkpoint-4.safetensors',
    'Saved state to /out/models/checkpoint-4',
  ];
  const records = log.map(line => parseLine(EASYANIMATE, line));
  expect(records.at(5)).toMatchObject({ step: 3, total: 4, eta: 13, lr: 0.00002, loss: 0.123 });
  expect(records.at(-2)).toBeNull();
  expect(records.at(-1)).toEqual({ checkpoint: 'checkpoint-4' });
  const metrics = await metricsOf(records.filter(record => record !== null));
  expect(await lossSummary(metrics)).toEqual({ steps: 4, first_loss: 0.9, last_loss: 0.3 });
});

test('the first and the last tenth of the steps are meant, ten at most; steps done again after a restart count once', async () => {
  const steps = Array.from({ length: 200 }, (_, i) => ({ step: i + 1, loss: 200 - i }));
  const metrics = await metricsOf([...steps.slice(0, 120), ...steps.slice(100)]);
  expect(await lossSummary(metrics)).toEqual({ steps: 200, first_loss: 195.5, last_loss: 5.5 });
});

test('a training that told no loss has none', async () => {
  expect(await lossSummary(await metricsOf([{ step: 3, loss: 'NaN' }]))).toEqual({ steps: 3 });
});

test('steps after the one that a later segment went on from do not count until they are done again', async () => {
  const first = [1, 2, 3, 4, 5, 6].map(step => ({ segment: 1, step, loss: 10 }));
  const second = [5].map(step => ({ segment: 2, step, loss: 1 }));
  const metrics = await metricsOf([...first, { segment: 2, offset: 0, from: 4 }, ...second]);
  expect(await lossSummary(metrics)).toEqual({ steps: 5, first_loss: 10, last_loss: 1 });
});
