import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { logPatterns } from '../../../activities/command/log-formats.ts';
import { type LogRecord, parseLine } from '../../../activities/runtime/log-patterns.ts';
import type { LogPattern } from '../../../activities/runtime/program-spec.ts';
import { assertSharedPattern } from '../../../activities/runtime/shared-pattern.ts';

/** Lines as the programs themselves print them (transformers 4 and 5, Lightning 2, DeepSpeed 0.9 to 0.12, torchtune's loggers). */
const TABLES: [string, readonly LogPattern[], [string, LogRecord | null][]][] = [
  [
    'key-value',
    logPatterns({ log: 'key-value', metrics: { accuracy: 'val/acc' } }),
    [
      ['step=12/200 loss=0.691447 lr=0.02', { step: 12, total: 200, loss: 0.691447, lr: 0.02 }],
      ['[12:00:01] step: 12, loss: 0.5, lr: 2e-05', { step: 12, loss: 0.5, lr: 2e-5 }],
      ['epoch=1 step=40 | loss=nan', { epoch: 1, step: 40, loss: 'NaN' }],
      ['step=40 loss=-inf', { step: 40, loss: '-Infinity' }],
      ['step=3 val_loss=0.1 val/loss=0.2 my.loss=0.3', { step: 3 }],
      ['step=3 val/acc=0.75 loss=.5.', { step: 3, accuracy: 0.75, loss: 0.5 }],
      ['steps=3 lossy=4', null],
      ['loading step=final', null],
      ['loss=information step=nano', null],
    ],
  ],
  [
    'json-lines',
    logPatterns({ log: 'json-lines', metrics: ['accuracy'] }),
    [
      [
        '{"step": 10, "total": 200, "loss": 0.25, "lr": 1e-4, "accuracy": 0.9}',
        { step: 10, total: 200, loss: 0.25, lr: 1e-4, accuracy: 0.9 },
      ],
      ['{"loss":NaN,"step":11}', { step: 11, loss: 'NaN' }],
      ['{"loss":-Infinity,"step":11}', { step: 11, loss: '-Infinity' }],
      ['{"step": 12, "train_loss": 0.1, "message": "no loss"}', { step: 12 }],
      ['saved {"step": 12}', null],
      ['{"message": "loading"}', null],
    ],
  ],
  [
    'tqdm',
    logPatterns({ log: 'tqdm', metrics: { loss: 'train_loss', acc: 'acc' } }),
    [
      [
        'train:  12%|#2        | 12/100 [00:41<05:02,  3.44s/it, acc=0.5, train_loss=0.123]',
        { step: 12, total: 100, eta: 302, speed: 1 / 3.44, acc: 0.5, loss: 0.123 },
      ],
      [' 50%|█████     | 2/4 [00:01<00:01, 2.00it/s]', { step: 2, total: 4, eta: 1, speed: 2 }],
      ['loss=0.5', null],
    ],
  ],
  [
    'huggingface',
    logPatterns({ log: 'huggingface', total: 500 }),
    [
      [
        "{'loss': 0.6914, 'grad_norm': 3.3615094645372428, 'learning_rate': 8.888888888888888e-06, 'epoch': 0.02}",
        { loss: 0.6914, grad_norm: 3.3615094645372428, lr: 8.888888888888888e-6, epoch: 0.02 },
      ],
      [
        "{'loss': '0.6914', 'grad_norm': '3.362', 'learning_rate': '8.889e-06', 'epoch': '0.02'}",
        { loss: 0.6914, grad_norm: 3.362, lr: 8.889e-6, epoch: 0.02 },
      ],
      [
        "{'eval_loss': 0.5, 'eval_runtime': 1.8, 'eval_samples_per_second': 53.4, 'epoch': 1.0}",
        { eval_loss: 0.5, epoch: 1 },
      ],
      ["{'train_runtime': 9.1, 'train_loss': 0.61, 'epoch': 3.0}", { epoch: 3 }],
      [
        "{'loss': nan, 'grad_norm': nan, 'learning_rate': 0.0, 'epoch': 2.0}",
        { loss: 'NaN', grad_norm: 'NaN', lr: 0, epoch: 2 },
      ],
      ['  2%|▏         | 10/500 [00:12<10:01,  1.23s/it]', { step: 10, total: 500, eta: 601, speed: 1 / 1.23 }],
      // The bar of an evaluation.
      ['100%|██████████| 25/25 [00:01<00:00, 19.07it/s]', null],
    ],
  ],
  [
    'lightning',
    logPatterns({ log: 'lightning', metrics: { loss: 'train/loss_step', acc: 'valid_acc' } }),
    [
      ['Epoch 0:   4%|▍         | 350/8000 [00:09<03:23, 37.56it/s, v_num=0]', { epoch: 0, step: 350, eta: 203 }],
      [
        'Epoch 2:   1%|          | 1/115 [00:02<05:40,  0.33it/s, v_num=0, train/loss_step=12.90]',
        { epoch: 2, step: 231, eta: 340, loss: 12.9 },
      ],
      [
        'Epoch 9: 100%|███████| 860/860 [00:05<00:00, 162.25it/s, v_num=1, train/loss_step=1.460, valid_acc=0.946]',
        { epoch: 9, step: 8600, eta: 0, loss: 1.46, acc: 0.946 },
      ],
      [
        'Epoch 2: 100%|██████████| 8/8 [00:00<00:00, 109.73it/s, train/loss_step=1.640, valid_acc=1.120, train/loss_epoch=1.170]`Trainer.fit` stopped: `max_epochs=3` reached.',
        { epoch: 2, step: 24, eta: 0, loss: 1.64, acc: 1.12 },
      ],
      ['Validation DataLoader 0:  12%|█▎        | 1/8 [00:00<00:00, 1027.51it/s]\u001b[A', null],
      ['Epoch 0:   0%|          | 0/1 [00:00<?, ?it/s]', { epoch: 0, step: 0 }],
      ['Validation DataLoader 0: 100%|██████████| 1/1 [00:00<00:00,  6.94it/s]', null],
      ['Testing DataLoader 0: 100%|██████████| 133/133 [00:07<00:00, 17.44it/s]', null],
      ['Sanity Checking DataLoader 0: 100%|██████████| 2/2 [00:00<00:00, 9.1it/s]', null],
    ],
  ],
  [
    'deepspeed',
    logPatterns({ log: 'deepspeed' }),
    [
      [
        '[2023-08-02 00:41:17,935] [INFO] [logging.py:96:log_dist] [Rank 0] step=10, skipped=4, lr=[4.998e-05, 4.998e-05], mom=[(0.9, 0.95), (0.9, 0.95)]',
        { step: 10, lr: 4.998e-5 },
      ],
      [
        '[2023-11-07 01:55:23,714] [INFO] [timer.py:260:stop] epoch=0/micro_step=40/global_step=10, RunningAvgSamplesPerSec=25.025771473496132, CurrSamplesPerSec=25.704280480541442, MemAllocated=4.32GB, MaxMemAllocated=38.49GB',
        { step: 10, samples_per_second: 25.704280480541442 },
      ],
      [
        'steps: 200 loss: 5.5508 lm loss: 5.5103 moe loss: 0.0405 iter time (s): 0.936 samples/sec: 136.706',
        { step: 200, loss: 5.5508, speed: 1 / 0.936, samples_per_second: 136.706 },
      ],
      [
        'steps: 20 loss: 0.6914 iter time (s): 0.500 samples/sec: 32.000',
        { step: 20, loss: 0.6914, speed: 2, samples_per_second: 32 },
      ],
      [
        '[2023-08-02 00:41:17,935] [INFO] [loss_scaler.py:183:update_scale] [deepspeed] OVERFLOW! Rank 0 Skipping step.',
        null,
      ],
    ],
  ],
  [
    'torchtune',
    logPatterns({ log: 'torchtune', metrics: ['tokens_per_second_per_gpu'] }),
    [
      [
        '1|10|Loss: 1.2345678901672363:   5%|▌         | 10/200 [00:20<06:20,  2.00s/it]',
        { epoch: 1, step: 10, loss: 1.2345678901672363 },
      ],
      [
        'Step 10 | loss:1.2345678901672363 lr:2e-05 tokens_per_second_per_gpu:301.5 peak_memory_active:1.1 ',
        { step: 10, loss: 1.2345678901672363, lr: 2e-5, tokens_per_second_per_gpu: 301.5 },
      ],
      ['Step 11 | loss:nan', { step: 11, loss: 'NaN' }],
      ['INFO:torchtune.utils.logging:Adapter checkpoint saved to /out/epoch_0', null],
    ],
  ],
  [
    'patterns of one’s own, beside a parser',
    logPatterns({ log: 'key-value', patterns: ['^it (?<step>\\d+) of (?<total>\\d+): (?<loss>\\S+)$'] }),
    [
      ['it 3 of 9: 0.5', { step: 3, total: 9, loss: 0.5 }],
      ['step=4', { step: 4 }],
    ],
  ],
];

describe.each(TABLES)('lines of %s', (_, patterns, rows) => {
  test('are read as the table says, by the supervisor too', async () => {
    for (const pattern of patterns) assertSharedPattern(pattern);
    for (const [line, record] of rows) expect([line, parseLine(patterns, line)]).toEqual([line, record]);
    const input = JSON.stringify({ patterns, lines: rows.map(([line]) => line) });
    const { stdout } = await execa('python3', ['tests/fixtures/parse_lines.py'], { input });
    expect(JSON.parse(stdout)).toEqual(rows.map(([, record]) => ({ record, prefilter: true })));
  });
});
