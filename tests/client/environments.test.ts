import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createEnvironments, listEnvironments } from '../../client/environments.ts';
import { CommandFailure } from '../../client/failure.ts';
import { environmentsFolder, wheel } from '../support/environments.ts';

vi.setConfig({ testTimeout: 300_000 });

test('env create makes what the jobs of a config describe, once, and env list tells of it', async () => {
  const folder = await environmentsFolder();
  const said: string[] = [];
  vi.spyOn(console, 'log').mockImplementation(line => void said.push(line));
  onTestFinished(() => void vi.restoreAllMocks());
  const command = { type: 'command', argv: ['true', '{result}'], env_manager: 'uv', env_name: 'mine' };
  const requirements = [await wheel(folder, 'tiny', '1.0')];
  const config = join(folder, 'sandbox.json');
  const job = (extra: object) => ({ hook: 'EvaluateDataHook', extra_configs: { ...command, ...extra } });
  const jobs = [
    job({ requirements }),
    { ...job({ requirements }), meta_name: 'again' },
    { ...job({}), meta_name: 'own' },
  ];
  await writeFile(config, JSON.stringify({ work_dir: folder, evaluation_job_configs: jobs }));
  expect(await createEnvironments({ config })).toBe(0);
  await listEnvironments({});
  const made = expect.stringMatching(/mine-[0-9a-f]{16}\/made-\w+: uv [\d.]+, Python [\d.]+, 1 package$/);
  expect(said).toEqual([expect.stringMatching(/making mine by uv/), made, made, made]);

  await writeFile(config, JSON.stringify({ evaluation_job_configs: [job({ requirements: ['./gone.whl'] })] }));
  await expect(createEnvironments({ config })).rejects.toThrow(CommandFailure);
});
