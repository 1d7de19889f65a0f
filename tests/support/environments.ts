import { mkdtemp, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { execa } from 'execa';
import { onTestFinished, vi } from 'vitest';

/** A folder of this test's own, with the environments that it makes. */
export async function environmentsFolder(): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'environments-')));
  vi.stubEnv('DJ_SANDBOX_ENVIRONMENTS', join(folder, 'environments'));
  onTestFinished(async () => {
    vi.unstubAllEnvs();
    await rm(folder, { recursive: true, force: true });
  });
  return folder;
}

/** A wheel of a module of that name, whose `version` says which it is; returns its path. */
export async function wheel(folder: string, name: string, version: string): Promise<string> {
  await execa('python3', [resolve('tests/fixtures/environments/make_wheel.py'), folder, name, version]);
  return join(folder, `${name}-${version}-py3-none-any.whl`);
}

/** Puts what plays conda, mamba and virtualenv on the PATH; returns the calls so far. `play`: what kind of day it is. */
export function players(folder: string, play = ''): () => Promise<string[]> {
  const played = join(folder, 'played.txt');
  vi.stubEnv('PATH', [resolve('tests/fixtures/environments/players'), process.env.PATH].join(delimiter));
  vi.stubEnv('PLAYED', played);
  vi.stubEnv('PLAY', play);
  return async () => (await readFile(played, 'utf8').catch(() => '')).split('\n').filter(line => line !== '');
}
