import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import type { EnvironmentChoice } from '../../../../activities/runtime/environments/environment.ts';
import { folderName, wantedEnvironment } from '../../../../activities/runtime/environments/wanted.ts';

async function workFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'wanted-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

const identityOf = async (choice: EnvironmentChoice) =>
  (await wantedEnvironment({ env_manager: 'uv', ...choice })).identity;

const line = fc.constantFrom('tiny==1.0', 'tiny==2.0', 'other', '# a word', '--index-url https://example.org/simple');

test('a requirements file is the same environment wherever it lies and whatever it is called, and another by any other line', async () => {
  const folder = await workFolder();
  let n = 0;
  const file = async (lines: string[]) => {
    const at = join(folder, String(n++));
    await mkdir(at);
    await writeFile(join(at, `r${n}.txt`), lines.join('\n'));
    return await identityOf({ env_name: `e${n}`, requirements: join(at, `r${n}.txt`) });
  };
  const meaning = (lines: string[]) => lines.filter(each => !each.startsWith('#')).join('\n');
  await fc.assert(
    fc.asyncProperty(fc.array(line, { maxLength: 4 }), fc.array(line, { maxLength: 4 }), async (one, other) => {
      expect((await file(one)) === (await file(other))).toBe(meaning(one) === meaning(other));
    }),
    { numRuns: 40 },
  );
});

test('what a requirements file names counts by its content', async () => {
  const folder = await workFolder();
  const put = (name: string, text: string) => writeFile(join(folder, name), text);
  await put('r.txt', '-r more.txt\n-c limits.txt\n./tiny.whl\n-r r.txt\n');
  await put('more.txt', 'a\n');
  await put('limits.txt', 'b<2\n');
  await put('tiny.whl', 'wheel 1');
  const seen = [await identityOf({ requirements: join(folder, 'r.txt') })];
  for (const [name, text] of [
    ['more.txt', 'c\n'],
    ['limits.txt', 'b<3\n'],
    ['tiny.whl', 'wheel 2'],
  ] as const) {
    await put(name, text);
    seen.push(await identityOf({ requirements: join(folder, 'r.txt') }));
  }
  expect(new Set(seen).size).toBe(4);
});

test('manager, version of Python, environment.yml and declarations of a package make another; its other files do not', async () => {
  const folder = await workFolder();
  const yml = join(folder, 'e.yml');
  await writeFile(yml, 'name: x\n');
  const all: EnvironmentChoice[] = [
    { requirements: ['a'] },
    { requirements: ['a'], env_manager: 'venv' },
    { requirements: ['a'], env_params: { env_py_version: '3.12' } },
    { requirements: ['a'], env_manager: 'conda', env_params: { env_config_path: yml } },
    { requirements: folder },
  ];
  const seen = await Promise.all(all.map(identityOf));
  await writeFile(join(folder, 'code.py'), '');
  expect(await identityOf(all[4]!)).toBe(seen[4]);
  await writeFile(join(folder, 'pyproject.toml'), '[project]');
  seen.push(await identityOf(all[4]!));
  expect(new Set(seen).size).toBe(6);
});

test('a name stays in its folder', async () => {
  const wanted = await wantedEnvironment({ env_manager: 'uv', env_name: '../../my env', requirements: [] });
  expect(folderName(wanted)).toMatch(/^my_env-[0-9a-f]{8}-[0-9a-f]{16}$/);
});
