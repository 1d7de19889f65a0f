import { execa } from 'execa';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  DATA_JUICER,
  EASYANIMATE,
  type LogRecord,
  MODELSCOPE,
  parseLine,
  tqdm,
  VBENCH,
} from '../../../activities/runtime/log-patterns.ts';
import type { LogPattern } from '../../../activities/runtime/program-spec.ts';
import { assertSharedPattern } from '../../../activities/runtime/shared-pattern.ts';

const bar = { step: 12, total: 100, eta: 302, speed: 1 / 3.44 };

const TABLES: [string, readonly LogPattern[], [string, LogRecord | null][]][] = [
  [
    'EasyAnimate',
    EASYANIMATE,
    [
      [
        'Steps:  12%|#2        | 12/100 [00:41<05:02, 3.44s/it, lr=2e-5, step_loss=0.123]',
        { ...bar, lr: 2e-5, loss: 0.123 },
      ],
      [
        'Steps:  12%|█▏        | 12/100 [00:41<05:02,  3.44s/it, lr=2e-05, step_loss=0.123]',
        { ...bar, lr: 2e-5, loss: 0.123 },
      ],
      [
        'Steps:  12%|#2        | 12/100 [00:41<05:02, 2.50it/s, lr=2e-5, step_loss=0.123]',
        { ...bar, speed: 2.5, lr: 2e-5, loss: 0.123 },
      ],
      ['Steps:  12%|#2        | 12/100 [1:00:41<25:05:02, 3.44s/it]', { ...bar, eta: 90302 }],
      ['Steps:   0%|          | 0/100 [00:00<?, ?it/s]', { step: 0, total: 100 }],
      [
        'Steps:   1%|          | 1/100 [00:00<?, ?it/s, lr=2e-5, step_loss=1.1]',
        { step: 1, total: 100, lr: 2e-5, loss: 1.1 },
      ],
      [
        'Steps:  12%|#2   | 12/100 [00:41<05:02, 3.44s/it, grad=1.5, lr=2e-5, step_loss=nan]',
        { ...bar, lr: 2e-5, loss: 'NaN' },
      ],
      [
        'Steps:  12%|#2   | 12/100 [00:41<05:02, 3.44s/it, lr=2e-5, step_loss=-inf]',
        { ...bar, lr: 2e-5, loss: '-Infinity' },
      ],
      ['Steps:  12%|#2   | 12/100 [00:41<05:02, 3.44s/it, lr=2e-5, step_loss=tensor(0.1)]', { ...bar, lr: 2e-5 }],
      ['\u001b[32mSteps:  12%|#2 | 12/100 [00:41<05:02, 3.44s/it]\u001b[0m\u001b[K', bar],
      ['Steps:\u00a0 12%|#2 | 12/100 [00:41<05:02, 3.44s/it]', bar],
      ['[rank0] Steps:  12%|#2 | 12/100 [00:41<05:02, 3.44s/it]     ', bar],
      [
        '11/23/2025 12:00:00 - INFO - __main__ - Saved state to /out/lora/checkpoint-1000',
        { checkpoint: 'checkpoint-1000' },
      ],
      ['11/23/2025 12:00:00 - INFO - __main__ - Saved safetensor to /out/lora/checkpoint-1000.safetensors', null],
      ['Saved state to /out/lora/checkpoint-1000.safetensors', null],
      ['Validation: 100%|####| 4/4 [00:41<00:00, 3.44s/it]', null],
      ['Steps: none yet', null],
      ['', null],
    ],
  ],
  [
    'a plain bar',
    [tqdm()],
    [
      [' 12%|#2        | 12/100 [00:41<05:02, 3.44s/it]', bar],
      ['dims:  12%|#2        | 12/100 [00:41<05:02, 3.44s/video]', bar],
      ['100%|██████████| 100/100 [00:41<00:00, 12.50it/s]', { step: 100, total: 100, eta: 0, speed: 12.5 }],
      ['12it [00:41, 3.44s/it]', null],
    ],
  ],
  [
    'ModelScope',
    MODELSCOPE,
    [
      [
        '2023-07-01 10:00:00,000 - modelscope - INFO - epoch [1][100/4953]\tlr: 4.825e-05, memory: 8742, loss: 5.6125',
        { epoch: 1, step: 100, lr: 4.825e-5, loss: 5.6125 },
      ],
      [
        '2026-11-30 06:45:57,583 - modelscope - INFO - epoch [3][4/5]\tlr: 1.000e-04, eta: 0:00:00, iter_time: 0.250, data_load_time: 0.003, loss: 0.0007',
        { epoch: 3, step: 14, speed: 4, lr: 1e-4, loss: 0.0007 },
      ],
      [
        '… - modelscope - INFO - epoch [2][100/4953]  lr: 4.825e-05, memory: 8742, loss: nan',
        { epoch: 2, step: 5053, lr: 4.825e-5, loss: 'NaN' },
      ],
      [
        '2026-11-30 06:45:57,583 - modelscope - INFO - iter [40/300]\tlr: 1.000e-04, loss: 0.5',
        { step: 40, total: 300, lr: 1e-4, loss: 0.5 },
      ],
      ['2026-11-30 06:45:57,583 - modelscope - INFO - epoch(eval) [3][2]\tevaluation/accuracy: 0.9, loss: 0.1', null],
      ['dj-sandbox step: 0/15', { step: 0, total: 15 }],
      [
        'dj-sandbox step: 10/15, eval_accuracy: 0.75, eval_binary-f1: 0.5, eval_f1: 0.25',
        { step: 10, total: 15, eval_accuracy: 0.75, eval_f1: 0.25 },
      ],
    ],
  ],
  [
    'VBench',
    VBENCH,
    [
      [
        'Evaluation results saved to ./out/results_2025_eval_results.json',
        { checkpoint: './out/results_2025_eval_results.json' },
      ],
    ],
  ],
  [
    'Data-Juicer',
    DATA_JUICER,
    [
      [
        '2025-11-23 12:00:00 | INFO     | data_juicer.core.data.dj_dataset:311 - [1/3] OP [text_length_filter] Done in 0.512s. Left 490 samples.',
        { step: 1, total: 3, samples: 490, phase: 'text_length_filter' },
      ],
    ],
  ],
  [
    'numbers in every spelling',
    [{ kind: 'metrics', pattern: 'x=(?<x>[^ ]+)' }],
    [
      ['x=1', { x: 1 }],
      ['x=-0', { x: 0 }],
      ['x=+.5e3', { x: 500 }],
      ['x=1_000', null],
      ['x=1e999', { x: 'Infinity' }],
      ['x=0x10', null],
      ['x=١٢', null],
      ['x=123456789012345680000', { x: 123456789012345680000 }],
      ['x=02:03', { x: 123 }],
      ['x=NaN', { x: 'NaN' }],
      ['x=+Inf', { x: 'Infinity' }],
      ['x=\u00003\u0007', { x: 3 }],
      ['x=😀', null],
    ],
  ],
];

describe.each(TABLES)('lines of %s', (_, patterns, rows) => {
  test('are read as the table says', () => {
    for (const [line, record] of rows) expect([line, parseLine(patterns, line)]).toEqual([line, record]);
  });

  test('are read the same by the supervisor, and never passed over', async () => {
    const input = JSON.stringify({ patterns, lines: rows.map(([line]) => line) });
    const { stdout } = await execa('python3', ['tests/fixtures/parse_lines.py'], { input });
    expect(JSON.parse(stdout)).toEqual(rows.map(([, record]) => ({ record, prefilter: expect.any(Boolean) })));
    const passedOver = rows.filter(
      ([line, record], i) => record && !JSON.parse(stdout)[i].prefilter && line.length > 0,
    );
    expect(passedOver).toEqual([]);
  });

  test('have patterns that both languages share', () => {
    for (const pattern of patterns) assertSharedPattern(pattern);
  });
});

test.each([
  ['(?P<step>[0-9]+)', 'write a named group'],
  ['(?i)step (?<step>[0-9]+)', 'flags'],
  ['(?<=a)(?<step>[0-9]+)', 'look-behind'],
  ['(?>a)(?<step>[0-9]+)', 'atomic'],
  ['\\Astep (?<step>[0-9]+)', 'in Python'],
  ['(?<step>[0-9]+) \\1', 'back-references'],
  ['\\x41(?<step>[0-9]+)', 'character codes'],
  ['\\p{L}(?<step>[0-9]+)', 'in Python'],
  ['[\\x41](?<step>[0-9]+)', 'escape that is not shared'],
  ['a++(?<step>[0-9]+)', 'possessive'],
  ['(?:a(?<step>[0-9])|b)+', 'repeated group'],
  ['(?<step$>[0-9]+)', 'ASCII letters'],
  ['[](?<step>[0-9]+)]', 'empty class'],
  ['(?<step>[0-9]+', 'Unterminated'],
  ['step [0-9]+', 'named group for each number'],
])('a pattern that Python reads otherwise is refused: %s', (pattern, why) => {
  expect(() => assertSharedPattern({ kind: 'metrics', pattern })).toThrow(why);
});

test('a pattern of kind checkpoint needs the group checkpoint', () => {
  expect(() => assertSharedPattern({ kind: 'checkpoint', pattern: 'Saved (?<path>.+)' })).toThrow('(?<checkpoint>…)');
});

test('any mixture of pieces of log lines is read the same in both languages, and what is read was not passed over', async () => {
  const patterns: LogPattern[] = [
    ...EASYANIMATE,
    ...MODELSCOPE,
    ...DATA_JUICER,
    { kind: 'metrics', pattern: '\\bx\\s*=\\s*(?<x>\\S+)|y{2}=(?<y>[\\d.]+)\\b' },
  ];
  const pieces = TABLES.flatMap(([, , rows]) => rows.flatMap(([line]) => line.split(/(?<=[ \t|[\]=/,:])/)));
  const odd = [
    '\u2028',
    '\u00a0',
    '\u3000',
    '\u001b[1m',
    '\u0007',
    '\ufeff',
    'é',
    '😀',
    '\t',
    'x = ',
    'yy=',
    '1.5',
    '\u0085',
    '\u200b',
  ];
  const line = fc
    .array(fc.constantFrom(...pieces, ...odd), { maxLength: 12 })
    .map(parts => parts.join('').replace(/[\r\n]/g, ' '));
  const lines = fc.sample(line, 3000);
  const { stdout } = await execa('python3', ['tests/fixtures/parse_lines.py'], {
    input: JSON.stringify({ patterns, lines }),
  });
  const answers = JSON.parse(stdout) as { record: LogRecord | null; prefilter: boolean }[];
  for (const [i, { record, prefilter }] of answers.entries()) {
    expect([lines[i], record]).toEqual([lines[i], parseLine(patterns, lines[i]!)]);
    if (record) expect([lines[i], prefilter]).toEqual([lines[i], true]);
  }
});
