import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { chosenEnvironment } from '../../../../activities/runtime/environments/choose.ts';
import { JobFailure } from '../../../../activities/runtime/failure.ts';
import { pythonOf } from '../../../../activities/runtime/paths.ts';

/** A folder that looks like a virtual environment. */
async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'choose-'));
  onTestFinished(() => rm(made, { recursive: true }));
  await mkdir(join(made, 'bin'));
  await writeFile(join(made, 'bin', 'python'), '');
  return made;
}

test('a config that says nothing gets a locked environment, or what the PATH of the worker has', () => {
  const nothing = { before: [], env: {} };
  expect(chosenEnvironment({}, 'train')).toEqual({ python: [pythonOf('train')], ...nothing });
  expect(chosenEnvironment({ env_name: '', launcher: null })).toEqual({ python: ['python3'], ...nothing });
});

test('an interpreter wins over an environment', () => {
  const choice = { launcher: { python: 'python3.12' }, env_name: 'x', env_manager: 'conda' as const };
  expect(chosenEnvironment(choice).python).toEqual(['python3.12']);
});

test.each(['uv', 'venv', 'virtualenv'] as const)(
  'a folder of %s gives its interpreter and the variables of its activate',
  async manager => {
    const env_name = await folder();
    expect(chosenEnvironment({ env_name, env_manager: manager })).toEqual({
      python: [join(env_name, 'bin', 'python')],
      before: [],
      env: { VIRTUAL_ENV: env_name, PATH: `${join(env_name, 'bin')}${delimiter}${process.env.PATH}` },
    });
  },
);

test.each([
  ['a name', 'vbench', '-n'],
  ['a folder', '/opt/envs/vbench', '-p'],
])('a conda environment by %s is activated by conda, for Python and for any other program', (_, env_name, flag) => {
  const before = ['conda', 'run', '--no-capture-output', flag, env_name];
  for (const env_manager of [undefined, 'conda', 'mamba'] as const)
    expect(chosenEnvironment({ env_name, env_manager })).toEqual({ python: [...before, 'python'], before, env: {} });
});

test.each([
  [{ launcher: { python: '/nowhere/python' } }, /at \/nowhere\/python: launcher\.python must be an interpreter/],
  [
    { env_name: '/nowhere', env_manager: 'uv' as const },
    /at \/nowhere\/bin\/python: env_name must be the folder of a uv/,
  ],
])('what is not there is named with what would be right: %j', (choice, message) => {
  expect(() => chosenEnvironment(choice)).toThrow(JobFailure);
  expect(() => chosenEnvironment(choice)).toThrow(message);
});
