// Environments really made by uv and venv, of wheels that the test makes; conda, mamba and virtualenv by players with their flags.
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, test, vi } from 'vitest';
import type { EnvironmentChoice, Manager } from '../../../../activities/runtime/environments/environment.ts';
import { allMade, madeEnvironment } from '../../../../activities/runtime/environments/make.ts';
import { resolveEnvironment } from '../../../../activities/runtime/environments/resolve.ts';
import { folderName, wantedEnvironment } from '../../../../activities/runtime/environments/wanted.ts';
import { environmentsFolder, players, wheel } from '../../../support/environments.ts';
import { failureOf } from '../../../support/evaluators.ts';

// Managers are quick on a machine that has nothing else to do.
vi.setConfig({ testTimeout: 300_000 });

const making = { signal: new AbortController().signal, network: false };
const made = async (choice: EnvironmentChoice, more = {}) =>
  await madeEnvironment(await wantedEnvironment(choice), { ...making, ...more });

/** What the module of a wheel says in an environment. */
async function versionIn(choice: EnvironmentChoice): Promise<string> {
  const { environment } = await resolveEnvironment(choice, undefined, making);
  const [python, ...args] = [...environment.python, '-c', 'import tiny; print(tiny.version)'];
  return (await execa(python!, args, { env: environment.env })).stdout;
}

const uv = (requirements: string | string[], env_name = 'tiny-env'): EnvironmentChoice => ({
  env_manager: 'uv',
  env_name,
  requirements,
});

describe.each<[Manager, RegExp]>([
  ['uv', /^\d+\.\d+/],
  ['venv', /^3\.\d+/],
])('%s', (env_manager, managerVersion) => {
  test('makes an environment of a requirements file without the network, once, with versions of all that is in it', async () => {
    const folder = await environmentsFolder();
    await wheel(join(folder, 'wheels'), 'tiny', '1.0');
    const requirements = join(folder, 'requirements.txt');
    await writeFile(requirements, '--find-links ./wheels\ntiny  # the newest\n');
    const choice = { env_manager, env_name: 'trainer', requirements };
    expect(await versionIn(choice)).toBe('1.0');
    const record = await made(choice);
    expect(record).toMatchObject({ name: 'trainer', manager: env_manager, packages: { tiny: '1.0' } });
    expect(record.managerVersion).toMatch(managerVersion);
    expect(record.python).toMatch(/^3\.\d+\.\d+/);
    const log = await readFile(join(record.folder, '..', 'log.txt'), 'utf8');
    expect(log.match(/^\$ /gm)).toHaveLength(2);
    expect(await allMade()).toEqual([record]);
  });
});

test('what is wanted by several at the same time is made once, and all get the same', async () => {
  const folder = await environmentsFolder();
  const played = players(folder);
  const choice = { env_manager: 'virtualenv' as const, requirements: ['tiny'] };
  const all = await Promise.all([1, 2, 3, 4].map(() => made(choice)));
  expect(new Set(all.map(record => record.folder)).size).toBe(1);
  expect((await played()).filter(line => line.startsWith('virtualenv /'))).toHaveLength(1);
});

test('a maker that sleeps for longer than its lock lasts is waited for, and what it makes is left to it', async () => {
  const folder = await environmentsFolder();
  const played = players(folder, 'waits');
  const choice = { env_manager: 'virtualenv' as const, requirements: [] };
  const first = made(choice);
  await vi.waitFor(async () => expect(await begun(folder)).toHaveLength(1), { timeout: 200_000 });
  const lock = join(folder, 'environments', folderName(await wantedEnvironment(choice)), 'run.lock');
  await rm(lock, { recursive: true });
  const second = made(choice);
  await vi.waitFor(() => expect(existsSync(lock)).toBe(true), { timeout: 200_000 });
  await writeFile(join(folder, 'go'), '');
  expect((await second).folder).toBe((await first).folder);
  expect((await played()).filter(line => line.startsWith('virtualenv /'))).toHaveLength(1);
});

test('conflicting requirements under one name never share an environment', async () => {
  const folder = await environmentsFolder();
  const [old, young] = [await wheel(folder, 'tiny', '1.0'), await wheel(folder, 'tiny', '2.0')];
  expect(await Promise.all([versionIn(uv([old])), versionIn(uv([young]))])).toEqual(['1.0', '2.0']);
  expect(await versionIn(uv([old]))).toBe('1.0');
});

test('a folder that is there by the name of an environment to be made is left as it is', async () => {
  const folder = await environmentsFolder();
  const own = join(folder, 'my-env');
  await mkdir(own);
  const record = await made(uv([await wheel(folder, 'tiny', '1.0')], own));
  expect(record.folder).toContain(join(folder, 'environments', 'my-env-'));
  expect(await readdir(own)).toEqual([]);
});

describe('half of an environment is never used', () => {
  test('of a process that died as it made one: it is made anew, and the half goes', async () => {
    const folder = await environmentsFolder();
    const choice = uv([await wheel(folder, 'tiny', '1.0')]);
    const first = await made(choice);
    await rm(join(first.folder, '..', 'environment.json'));
    const second = await made(choice);
    expect(second.folder).not.toBe(first.folder);
    expect(existsSync(first.folder)).toBe(false);
    expect(await versionIn(choice)).toBe('1.0');
  });

  test('of a job that was cancelled: its manager has ended, and the next one makes it', async () => {
    const folder = await environmentsFolder();
    players(folder, 'waits');
    const choice = { env_manager: 'virtualenv' as const, requirements: [] };
    const cancel = new AbortController();
    const cancelled = made(choice, { signal: cancel.signal });
    await vi.waitFor(async () => expect(await begun(folder)).toHaveLength(1), { timeout: 200_000 });
    cancel.abort(new Error('cancelled'));
    await expect(cancelled).rejects.toThrow('cancelled');
    expect(await begun(folder)).toEqual([]);
    vi.stubEnv('PLAY', '');
    expect((await made(choice)).manager).toBe('virtualenv');
  });

  test('whose interpreter is gone, as after an upgrade of the system: it is made anew', async () => {
    const folder = await environmentsFolder();
    const choice = uv([await wheel(folder, 'tiny', '1.0')]);
    const first = await made(choice);
    await rm(join(first.folder, 'bin', 'python'));
    expect(await versionIn(choice)).toBe('1.0');
  });
});

/** Environments that a player has begun to make. */
async function begun(folder: string): Promise<string[]> {
  const names = await readdir(join(folder, 'environments'), { recursive: true }).catch(() => [] as string[]);
  return names.filter(name => name.endsWith('begun'));
}

describe('says what is wrong', () => {
  test('of packages that would need the network, and which command or key lets it', async () => {
    await environmentsFolder();
    const { message, logTail } = await failureOf(made(uv(['no-such-package-of-anybody==1.2.3'])));
    expect(message).toMatch(/^the uv environment tiny-env cannot be made without the network: .*no-such-package/);
    expect(message).toContain('`dj-sandbox env create --config <sandbox.yaml>`');
    expect(message).toContain('env_network: true');
    expect(logTail.join('\n')).toContain('uv pip install');
  });

  test.each<[Manager, RegExp]>([
    ['uv', /no version of tiny==9\.9/],
    ['venv', /requirement tiny==9\.9 \(from versions: 1\.0\)/],
  ])('of a version that there is not, of a package (%s)', async (env_manager, said) => {
    const folder = await environmentsFolder();
    await wheel(join(folder, 'wheels'), 'tiny', '1.0');
    const requirements = join(folder, 'requirements.txt');
    await writeFile(requirements, '--no-index\n--find-links ./wheels\ntiny==9.9\n');
    const { message } = await failureOf(made({ env_manager, env_name: 'old', requirements }, { network: true }));
    expect(message).toMatch(new RegExp(`^the ${env_manager} environment old cannot be made: .*`));
    expect(message).toMatch(said);
    expect(message).toContain('correct `requirements`, or the index');
  });

  test.each<[Manager, RegExp]>([
    ['uv', /Python <3\.6 is not supported but 3\.3 was requested.*; correct env_py_version/],
    ['venv', /^there is no python3\.3 on the worker's PATH/],
  ])('of a version that there is not, of Python (%s)', async (env_manager, said) => {
    await environmentsFolder();
    const env_params = { env_py_version: '3.3' };
    expect((await failureOf(made({ env_manager, env_name: 'old', env_params, requirements: [] }))).message).toMatch(
      said,
    );
  });

  test('of a disk that is full', async () => {
    players(await environmentsFolder(), 'full');
    const failure = await failureOf(made({ env_manager: 'virtualenv', env_name: 'v', requirements: [] }));
    expect(failure.message).toMatch(
      /virtualenv environment v cannot be made.*No space left on device.*the disk is full/,
    );
  });

  test('of a manager that ends well and made no interpreter', async () => {
    players(await environmentsFolder(), 'half');
    const failure = await failureOf(made({ env_manager: 'virtualenv', requirements: [] }));
    expect(failure.message).toMatch(/no Python interpreter at .*\/bin\/python: its manager made none/);
    expect(await allMade()).toEqual([]);
  });

  test.each(['conda', 'mamba', 'virtualenv'] as const)('of %s where it is not installed', async env_manager => {
    await environmentsFolder();
    vi.stubEnv('PATH', '/nowhere/bin');
    const { message } = await failureOf(made({ env_manager, requirements: ['tiny'] }));
    expect(message).toMatch(new RegExp(`^there is no ${env_manager} on the worker's PATH \\(/nowhere/bin\\)`));
  });

  test.each<[string, string[] | string, string, RegExp]>([
    ['a requirements file', '{}/gone.txt', '', /gone\.txt is not there, which requirements needs/],
    ['a file that it names', '{}/r.txt', '-r more.txt\n', /more\.txt is not there/],
    ['a wheel that it names', '{}/r.txt', './tiny-1.0-py3-none-any.whl\n', /\.whl is not there/],
    ['a wheel of a list', ['{}/tiny-1.0-py3-none-any.whl'], '', /\.whl is not there/],
  ])('of %s that is missing', async (_, requirements, text, why) => {
    const folder = await environmentsFolder();
    await writeFile(join(folder, 'r.txt'), text);
    const here = [requirements].flat().map(each => each.replace('{}', folder));
    const choice = uv(Array.isArray(requirements) ? here : here[0]!);
    expect((await failureOf(wantedEnvironment(choice))).message).toMatch(why);
  });

  test('of an environment.yml for a manager that cannot read it', async () => {
    const choice = { env_manager: 'uv' as const, env_params: { env_config_path: '/e.yml' } };
    expect((await failureOf(wantedEnvironment(choice))).message).toMatch(/for conda and mamba, and env_manager is uv/);
  });
});

describe('by their documented command lines', () => {
  test.each(['conda', 'mamba'] as const)(
    '%s makes an environment of a version of Python and installs into it',
    async env_manager => {
      const folder = await environmentsFolder();
      const played = players(folder);
      const file = join(folder, 'r.txt');
      await writeFile(file, 'tiny\n');
      const record = await made({ env_manager, requirements: file, env_params: { env_py_version: '3.11' } });
      const how = env_manager === 'conda' ? ' --no-capture-output' : '';
      expect(await played()).toEqual([
        `${env_manager} create --yes --prefix ${record.folder} python=3.11`,
        `${env_manager} run${how} --prefix ${record.folder} python -m pip install --no-input --disable-pip-version-check -r ${file}`,
        `${env_manager} --version`,
        `${env_manager} list --prefix ${record.folder} --json`,
      ]);
      expect(record).toMatchObject({ managerVersion: '24.11.3', python: '3.10.16', packages: { tiny: '1.0' } });
      const { environment } = await resolveEnvironment(
        { env_manager, requirements: file, env_params: { env_py_version: '3.11' } },
        undefined,
        making,
      );
      expect(environment.python).toEqual(['conda', 'run', '--no-capture-output', '-p', record.folder, 'python']);
    },
  );

  test('conda makes one of an environment.yml, whatever name is in it', async () => {
    const folder = await environmentsFolder();
    const played = players(folder);
    const env_config_path = join(folder, 'e.yml');
    await writeFile(env_config_path, 'name: vbench\ndependencies: [python=3.10]\n');
    const record = await made({ env_params: { env_config_path } });
    expect((await played())[0]).toBe(`conda env create --file ${env_config_path} --prefix ${record.folder}`);
  });

  test('virtualenv makes one with a version of Python, and its own pip installs a package that is being worked on', async () => {
    const folder = await environmentsFolder();
    const played = players(folder);
    const choice = { env_manager: 'virtualenv' as const, requirements: folder, env_params: { env_py_version: '3.12' } };
    const record = await made(choice);
    expect(await played()).toEqual([
      `virtualenv --python 3.12 ${record.folder}`,
      `${record.folder}/bin/python -m pip install --no-input --disable-pip-version-check -e ${folder}`,
      'virtualenv --version',
    ]);
    expect(record.managerVersion).toBe('20.29.1');
  });

  test('an environment of conda that was there is listed by its name, and one that is not there is named', async () => {
    players(await environmentsFolder());
    const { record } = await resolveEnvironment({ env_name: 'vbench' }, undefined, making);
    expect(record).toMatchObject({ name: 'vbench', folder: null, identity: null, packages: { tiny: '1.0' } });
    const gone = resolveEnvironment({ env_name: 'gone' }, undefined, making);
    expect((await failureOf(gone)).message).toMatch(/conda list -n gone --json failed: EnvironmentLocationNotFound/);
  });
});
