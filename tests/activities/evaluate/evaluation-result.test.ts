import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readEvaluation } from '../../../activities/evaluate/evaluation-result.ts';

async function written(text: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'evaluation-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'r.json'), text);
  return join(folder, 'r.json');
}

test('a result is one value, or one a line', async () => {
  expect(await readEvaluation(await written('{"a": 1}\n'))).toEqual({ a: 1 });
  expect(await readEvaluation(await written('{"a": 1}\n{"a": 2}\n'), { lines: true })).toEqual([{ a: 1 }, { a: 2 }]);
});

test('a result that is missing, empty or cut off is a failure that names it', async () => {
  await expect(readEvaluation('/nowhere/r.json')).rejects.toThrow(/left no result at \/nowhere\/r\.json/);
  await expect(readEvaluation(await written('\n'))).rejects.toThrow(/r\.json is empty/);
  await expect(readEvaluation(await written('{"a": '))).rejects.toThrow(/r\.json is not JSON/);
});
