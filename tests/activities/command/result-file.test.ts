import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readResult, scoreOf } from '../../../activities/command/result-file.ts';

async function resultOf(text: string | null) {
  const folder = await mkdtemp(join(tmpdir(), 'result-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, 'result.json');
  if (text !== null) await writeFile(path, text);
  return await readResult(path);
}

test('the numbers of a result are metrics, nested ones by dotted names', async () => {
  const { metrics, whole } = await resultOf(
    '{"acc": 0.5, "by": {"a": 1, "b": {"c": 2}}, "name": "x", "list": [1, 2], "none": null}',
  );
  expect(metrics).toEqual({ acc: 0.5, 'by.a': 1, 'by.b.c': 2 });
  expect(whole).toMatchObject({ name: 'x', list: [1, 2] });
});

test.each<[string, string | null, RegExp]>([
  ['missing', null, /the program ended well and left no result at .*result\.json/],
  ['empty', '\n', /result\.json is empty/],
  ['no JSON', 'accuracy: 0.5', /result\.json is not JSON/],
  ['cut off', '{"accuracy": 0.', /result\.json is not JSON/],
  ['NaN', '{"accuracy": NaN}', /result\.json is not JSON/],
  ['a list', '[0.5]', /must be a JSON map of names to numbers, such as \{"accuracy": 0\.9\}, got \[0\.5\]/],
  ['a number', '0.5', /must be a JSON map of names to numbers.*got 0\.5/],
  ['without numbers', '{"accuracy": "0.5"}', /has no number in it: got \{"accuracy":"0\.5"\}/],
])('a result that is %s is told so', async (_, text, why) => {
  await expect(resultOf(text)).rejects.toThrow(why);
});

test('the score is the one that `primary` names, else `score`, else the only one', () => {
  expect(scoreOf('r', { a: 1, b: 2 }, 'b')).toBe(2);
  expect(scoreOf('r', { a: 1, score: 2 }, null)).toBe(2);
  expect(scoreOf('r', { a: 1 }, undefined)).toBe(1);
  expect(() => scoreOf('r', { a: 1, b: 2 }, null)).toThrow(
    'no number "score": say in primary which of them is the score; there are a, b',
  );
  expect(() => scoreOf('r', { a: 1, b: 2 }, 'c')).toThrow('no number "c": correct primary; there are a, b');
});
