// A whole pool study on real texts with the real Data-Juicer. Nothing trains: what is measured of a pool is its mean text length, so that it is
// known which pool must win.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parse } from 'yaml';
import { sandboxHome } from '../../activities/runtime/paths.ts';
import type { StudyTable } from '../../plan/protocol.ts';
import { linesOf } from '../support/pools.ts';
import { type RealSandbox, startRealSandbox } from '../support/real-sandbox.ts';

const SAMPLES = 60;

let sandbox: RealSandbox;
beforeAll(async () => {
  sandbox = await startRealSandbox('cpu');
  const texts = await linesOf(join(sandboxHome(), 'data', 'text.jsonl'));
  const inFolder = (name: string) => join(sandbox.folder, name);
  await writeFile(inFolder('texts.jsonl'), `${texts.slice(0, SAMPLES).join('\n')}\n`);
  await writeFile(
    inFolder('recipe.yaml'),
    `dataset_path: ${inFolder('texts.jsonl')}
process:
  - text_length_filter: {min_len: 1, max_len: 1000000}
  - alphanumeric_filter: {tokenization: false}
`,
  );
  await writeFile(
    inFolder('sandbox.yaml'),
    `project_name: texts
experiment_name: pools
work_dir: ${inFolder('work')}
evaluation_job_configs:
  - hook: ProbeViaAnalyzerHook
    meta_name: look
    dj_configs:
      dataset_path: <a pool>
      process: [text_length_filter: {}]
`,
  );
  await writeFile(
    inFolder('study.yaml'),
    `recipe: ${inFolder('recipe.yaml')}
dataset: look.dj_configs.dataset_path
seeds: 1
metric: {name: look.text_len.mean, goal: maximize}
combine: 2
repeat: [2]
min_samples: 2
concurrency: 2
export_recipe: ${inFolder('best.yaml')}
`,
  );
});
afterAll(() => sandbox?.stop());

const study = (id: string, ...more: string[]) =>
  sandbox.cli(
    ...[
      'study',
      'start',
      '--config',
      join(sandbox.folder, 'sandbox.yaml'),
      '--study',
      join(sandbox.folder, 'study.yaml'),
    ],
    ...['--id', id, '--json', ...more],
  );

it('finds the pool that is best by what is measured, writes its recipe, and runs nothing again in a second study', async () => {
  const ended = await study('first');
  expect(ended.stderr).not.toContain('failed:');
  expect(ended.exitCode).toBe(0);
  const { winner, files, table } = JSON.parse(ended.stdout) as {
    winner: { parts: unknown[]; proven: boolean };
    files: { recipe: string; table: string };
    table: StudyTable;
  };
  expect(winner.parts).toContainEqual({ op: 'text_length_filter', stat: 'text_len', end: 'high' });
  expect(winner.proven).toBe(false);
  expect(table.operators[0]).toMatchObject({ op: 'text_length_filter', stat: 'text_len', best: 'high' });
  expect(table.total).toBe(SAMPLES);
  expect(table.stages.map(({ kind }) => kind)).toEqual(['single', 'combined', 'repeated']);
  expect(table.stages[0]!.samples).toBe(SAMPLES / 3);
  for (const { points } of table.stages) for (const { n, failed } of points) expect([n, failed]).toEqual([1, 0]);
  const [once, twice] = table.stages[2]!.points;
  expect(twice!.mean).toBeCloseTo(once!.mean!, 9);
  const pool = join(table.dir, 'pools', String(SAMPLES / 3), 'text_length_filter.text_len.high.jsonl');
  expect(await linesOf(pool)).toHaveLength(SAMPLES / 3);

  const recipe = await readFile(files.recipe, 'utf8');
  expect(recipe).toContain('NOT more than noise');
  const high = table.parts.find(({ stat, end }) => stat === 'text_len' && end === 'high')!;
  const [length] = parse(recipe).process;
  expect(length.text_length_filter).toEqual({ min_len: high.from, max_len: 1_000_000 });
  expect(await readFile(join(sandbox.folder, 'best.yaml'), 'utf8')).toBe(recipe);
  expect(await readFile(files.table, 'utf8')).toContain('| text_length_filter | text_len |');

  const shown = await sandbox.cli('study', 'table', 'first');
  expect(shown.stdout).toMatch(/text_length_filter +text_len/);
  expect(await sandbox.cli('status', 'first')).toMatchObject({
    exitCode: 0,
    stdout: expect.stringContaining('study first: done'),
  });
  expect((await sandbox.cli('list')).stdout).toMatch(/first +done/);

  const again = await study('second');
  expect(again.exitCode).toBe(0);
  const second = JSON.parse(again.stdout) as { table: StudyTable };
  expect(second.table.stages).toEqual(table.stages);
  const children = await Promise.all(
    Array.from({ length: second.table.counts.begun }, (_, i) =>
      sandbox.client.workflow.getHandle(`second.trial-${i + 1}`).result(),
    ),
  );
  for (const child of children) expect(child.jobs).toMatchObject({ run: 0 });
});

it('ends with a sentence about data that gives no such pools, and exit codes 1 and 2', async () => {
  const file = join(sandbox.folder, 'study.yaml');
  const text = await readFile(file, 'utf8');
  await writeFile(file, `${text}samples: 40\n`);
  const many = await study('too-many');
  expect(many.exitCode).toBe(1);
  expect(JSON.parse(many.stdout).message).toBe(
    'samples: 40 are asked of each pool, and the low pool of text_len has 20; give at most 20, or leave samples out',
  );
  const unknown = await study('unknown', '--ops', 'text_length_filtre');
  expect(unknown.exitCode).toBe(2);
  expect(unknown.stderr).toContain('has no op "text_length_filtre"; did you mean "text_length_filter"?');
  const none = await sandbox.cli('study', 'table', 'frist');
  expect(none).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('did you mean first?') });
});
