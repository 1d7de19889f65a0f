import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { safeName } from '../../../activities/runtime/safe-name.ts';
import { printStatusOnDisk } from '../../../client/record/status-on-disk.ts';

test.each([
  ['sweeps', 'decisions.jsonl', 'this is no decision\n'],
  ['studies', 'study.json', '{ torn'],
])('of %s whose %s has been damaged says which file, whatever the id is', async (kind, file, text) => {
  const workDir = mkdtempSync(join(tmpdir(), 'status-'));
  const id = 'search: 1/2';
  const folder = join(workDir, kind, safeName(id));
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, file), text);
  await expect(printStatusOnDisk(id, { workDir })).rejects.toMatchObject({
    name: 'CommandFailure',
    exitCode: 1,
    message: expect.stringContaining(`${join(folder, file)} cannot be read (`),
  });
});

test('of what a work_dir does not have is not told', async () => {
  const workDir = mkdtempSync(join(tmpdir(), 'status-'));
  expect(await printStatusOnDisk('nothing', { workDir })).toBe(false);
});
