import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { lastLinesOffset } from '../../../client/logs/last-lines-offset.ts';

const folder = mkdtempSync(join(tmpdir(), 'dj-lines-'));
const file = join(folder, 'log');
afterAll(() => rmSync(folder, { recursive: true }));

async function lastOf(text: string, count: number) {
  writeFileSync(file, text);
  const { offset, lines } = await lastLinesOffset(file, count);
  return { text: Buffer.from(text).subarray(offset).toString(), lines };
}

test('the last lines are those that splitting all of it gives, whether the last one has ended or not', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.string({ maxLength: 6 }).map(line => line.replaceAll('\n', ''))),
      fc.boolean(),
      fc.integer({ min: 1, max: 8 }),
      async (lines, ended, count) => {
        const text = lines.join('\n') + (ended && lines.length > 0 ? '\n' : '');
        const all = text === '' ? [] : text.replace(/\n$/, '').split('\n');
        const found = await lastOf(text, count);
        expect(found.text.replace(/\n$/, '')).toBe(all.slice(-count).join('\n'));
        expect(found.lines).toBe(Math.min(count, all.length));
      },
    ),
    { numRuns: 40 },
  );
});

test('lines longer than what is read at once are found', async () => {
  const long = 'y'.repeat(200_000);
  expect(await lastOf(`first\n${long}\nlast\n`, 2)).toEqual({ text: `${long}\nlast\n`, lines: 2 });
});

test('none of them is nothing, and the reader begins at the end', async () => {
  expect(await lastOf('a\nb\n', 0)).toEqual({ text: '', lines: 0 });
});
