import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { jsonItems } from '../../../activities/convert/json-items.ts';
import type { Json } from '../../../plan/plan.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'items-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function read(name: string, text: string): Promise<Json[]> {
  const path = join(folder, name);
  await writeFile(path, text);
  const values: Json[] = [];
  for await (const { value } of jsonItems(path)) values.push(value);
  return values;
}

it('reads back any list of objects, pretty or not, as a list or a line each', async () => {
  const objects = fc.array(fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue() as fc.Arbitrary<Json>));
  await fc.assert(
    fc.asyncProperty(objects, fc.constantFrom(0, 2), async (list, indent) => {
      const plain = JSON.parse(JSON.stringify(list)) as Json[];
      expect(await read('list.json', JSON.stringify(list, null, indent))).toEqual(plain);
      expect(await read('lines.jsonl', list.map(item => `${JSON.stringify(item)}\n`).join(''))).toEqual(plain);
    }),
    { numRuns: 60 },
  );
});

it('takes a .json file that holds an item a line', async () => {
  expect(await read('lines.json', '{"a": 1}\n{"a": "}"}\n')).toEqual([{ a: 1 }, { a: '}' }]);
});

it.each([
  ['cut.json', '[{"a": 1}, {"b": ', /ends in the middle of an item/],
  ['text.json', 'hello', /is not a list of samples/],
  ['bad.json', '[{"a": 1}, {b: 2}]', /item 2 is not JSON/],
  ['bad.jsonl', '{"a": 1}\n\n{"b"', /line 3 is not JSON/],
])('says where %s is wrong', async (name, text, message) => {
  await expect(read(name, text)).rejects.toThrow(message);
});
