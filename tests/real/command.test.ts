// examples/pytorch: a real training script of one's own with ten lines of config; and datasets handed over in other formats.
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { handedOver } from '../../activities/command/dataset.ts';
import { failureOf, workFolder } from '../support/evaluators.ts';
import { exampleTraining, pythonWithTorch, STEPS } from '../support/pytorch-example.ts';

describe('the PyTorch example', () => {
  beforeAll(pythonWithTorch);

  test('has a component of ten lines', async () => {
    const text = await readFile('examples/pytorch/sandbox.yaml', 'utf8');
    const [, lines] = /extra_configs:\n((?: {6}.*\n)+)/.exec(text)!;
    expect(lines!.trimEnd().split('\n').length).toBeLessThanOrEqual(10);
  });

  test('is trained, and its metrics are those of its log', async () => {
    const dir = await workFolder();
    const { component, run } = await exampleTraining(dir);
    const { metrics, results } = await component.run(run);
    expect(results).toEqual([{ path: join(dir, 'out', 'output') }]);
    expect(metrics).toMatchObject({ steps: STEPS });
    expect(metrics!['last_loss']).toBeLessThan(metrics!['first_loss']! / 2);
    expect(run.seen.at(-1)).toMatchObject({ step: STEPS, total: STEPS });
  });
});

describe('a dataset', () => {
  const signal = new AbortController().signal;

  test('is handed over as CSV, JSON Lines or Parquet, made once, with nothing taken for what it is not', async () => {
    const dir = await workFolder();
    const rows = [
      { text: '2024-01-01, "quoted"\nline', n: 1.5, tags: ['a', 'é'] },
      { n: null, more: true },
    ];
    const dataset = join(dir, 'rows.jsonl');
    await writeFile(dataset, rows.map(row => JSON.stringify(row)).join('\n'));
    const made = await handedOver({ dir, signal }, { dataset, dataset_format: 'csv' });
    expect(made).toBe(join(dir, 'dataset', 'rows.csv'));
    const csv = await readFile(made!, 'utf8');
    expect(csv).toBe('text,n,tags,more\r\n"2024-01-01, ""quoted""\nline",1.5,"[""a"", ""é""]",\r\n,,,true\r\n');
    const parquet = await handedOver({ dir, signal }, { dataset, dataset_format: 'parquet' });
    await writeFile(dataset, 'no longer JSON');
    expect(await handedOver({ dir, signal }, { dataset, dataset_format: 'csv' })).toBe(made);
    const back = join(dir, 'back');
    await mkdir(back);
    const lines = await handedOver({ dir: back, signal }, { dataset: parquet, dataset_format: 'jsonl' });
    expect(
      (await readFile(lines!, 'utf8'))
        .trim()
        .split('\n')
        .map(line => JSON.parse(line)),
    ).toEqual([
      { ...rows[0], more: null },
      { text: null, n: null, tags: null, more: true },
    ]);
  });

  test('that cannot be converted says in which line, and leaves nothing half made', async () => {
    const dir = await workFolder();
    const dataset = join(dir, 'rows.jsonl');
    await writeFile(dataset, '{"a": 1}\n{"a": \n');
    const made = handedOver({ dir, signal }, { dataset, dataset_format: 'csv' });
    expect((await failureOf(made)).message).toMatch(
      /rows\.jsonl cannot be made csv: .*rows\.jsonl, line 2: it is not JSON/,
    );
    expect(await readdir(join(dir, 'dataset'))).toEqual([]);
  });
});
