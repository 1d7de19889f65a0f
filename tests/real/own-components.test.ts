// A component of a user's own, TypeScript outside the package, by real workers.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { newComponent } from '../../client/new-component.ts';
import { type RealSandbox, startRealSandbox } from '../support/real-sandbox.ts';

let own: string;
let sandbox: RealSandbox;
beforeAll(async () => {
  own = mkdtempSync(join(tmpdir(), 'own-'));
  await newComponent('word-count', { hook: 'EvaluateDataHook', dir: own });
  sandbox = await startRealSandbox('light', 'none', [join(own, 'word-count.ts')]);
});
afterAll(async () => {
  await sandbox?.stop();
  rmSync(own, { recursive: true, force: true });
});

it("runs in a trial, and its result and metrics are where others' are", async () => {
  const { folder } = sandbox;
  writeFileSync(join(folder, 'data.jsonl'), '{"text": "one two three"}\n{"text": "four"}\n');
  const job = { hook: 'EvaluateDataHook', meta_name: 'words', output: ['mean'], resources: { tag: 'light' } };
  const extra_configs = { type: 'word_count', dataset_path: join(folder, 'data.jsonl') };
  const config = { work_dir: join(folder, 'work'), evaluation_job_configs: [{ ...job, extra_configs }] };
  writeFileSync(join(folder, 'sandbox.json'), JSON.stringify(config));
  const uses = ['--components', join(own, 'word-count.ts')];
  const ran = await sandbox.cli('run', '--config', join(folder, 'sandbox.json'), '--id', 'own', '--json', ...uses);
  expect(ran.exitCode, ran.stderr).toBe(0);
  const context = await sandbox.cli('context', 'own', '--json');
  expect(JSON.parse(context.stdout)).toEqual({ anonymous: { words: { mean: 2 } } });
});
