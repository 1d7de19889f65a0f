// Jobs whose program runs in an environment that is made for it, from the config to the manifest.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { evaluateDataCommand } from '../../../../activities/evaluate/command.ts';
import { JobBench } from '../../../../activities/own/conformance/job-bench.ts';
import { runEnvironment } from '../../../../activities/runtime/environments/run-environment.ts';
import { hashFile } from '../../../../activities/runtime/fingerprint.ts';
import type { JsonObject, ReadPath } from '../../../../plan/plan.ts';
import { environmentsFolder, wheel } from '../../../support/environments.ts';
import { failureOf } from '../../../support/evaluators.ts';

vi.setConfig({ testTimeout: 300_000 });

const SCORE = 'import json, sys, tiny; json.dump({"score": float(tiny.version)}, open(sys.argv[1], "w"))';

/** A job that says which version of a package it found. */
async function bench(extra: JsonObject): Promise<JobBench> {
  const command = { type: 'command', argv: ['python', '-c', SCORE, '{result}'], env_manager: 'uv', ...extra };
  return await JobBench.make({
    component: evaluateDataCommand,
    job: async folder => {
      await wheel(join(folder, 'wheels'), 'tiny', '1.5');
      await writeFile(join(folder, 'requirements.txt'), './wheels/tiny-1.5-py3-none-any.whl\n');
      return { extra_configs: command };
    },
  });
}

test('a program runs in the environment that its config describes, and the manifest tells what was in it', async () => {
  const folder = await environmentsFolder();
  vi.stubEnv('DJ_SANDBOX_STATE', join(folder, 'state'));
  const job = await bench({ env_name: 'scorer', requirements: './requirements.txt' });
  await job.attempt();
  const manifest = await job.manifest();
  expect(manifest.metrics).toEqual({ score: 1.5 });
  expect(manifest.environments).toEqual([
    expect.objectContaining({ name: 'scorer', manager: 'uv', packages: { tiny: '1.5' } }),
  ]);
});

test('requirements are part of the job key, by content; whether the network may be used is not', async () => {
  await environmentsFolder();
  const configs: JsonObject[] = [
    { requirements: './requirements.txt' },
    { requirements: './requirements.txt', env_network: true },
    { requirements: ['tiny==1.5'] },
    { requirements: ['tiny==1.6'] },
    { requirements: ['tiny==1.6'], env_manager: 'venv' },
    {},
  ];
  const keys = await Promise.all(configs.map(async extra => (await bench(extra)).job.key));
  expect(keys[1]).toBe(keys[0]);
  expect(new Set(keys).size).toBe(5);
});

test('who attaches to a run gets its environment though requirements have changed; another run is told so', async () => {
  const folder = await environmentsFolder();
  const requirements = join(folder, 'requirements.txt');
  await writeFile(requirements, `${await wheel(folder, 'tiny', '1.0')}\n`);
  const fingerprint = await hashFile(requirements);
  const reads = [{ at: 'extra_configs.requirements', path: requirements, kind: 'file', fingerprint } as ReadPath];
  const choice = { env_manager: 'uv' as const, requirements };
  const options = { job: { reads }, signal: new AbortController().signal, onPhase: () => {} };
  const first = await runEnvironment(choice, undefined, { ...options, dir: folder });
  await writeFile(requirements, 'something-else\n');
  expect(await runEnvironment(choice, undefined, { ...options, dir: folder })).toEqual(first);
  const other = runEnvironment(choice, undefined, { ...options, dir: join(folder, 'epoch-2') });
  expect((await failureOf(other)).message).toMatch(/requirements\.txt was changed after this trial was planned/);
});
