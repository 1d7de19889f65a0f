import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { registry } from '../../../activities/components.ts';
import { keyed } from '../../../activities/runtime/keyed.ts';
import { packageRoot } from '../../../activities/runtime/paths.ts';
import { compileConfig } from '../../../client/compile-config.ts';
import { namesSweepFile } from '../../../client/resolve-sweep.ts';
import { ownConfigText } from '../../../client/sweep/own-config.ts';
import { formatDiagnostic } from '../../../plan/diagnostic.ts';
import { type Json, jobsOf } from '../../../plan/plan.ts';

const CONFIG = 'configs/demo/sandbox-text.yaml';
let baseDir: string;

beforeAll(async () => {
  baseDir = await mkdtemp(join(tmpdir(), 'best-'));
  await cp(join(packageRoot(), 'configs'), join(baseDir, 'configs'), { recursive: true });
  const recipe = join(baseDir, 'configs/demo/process-text.yaml');
  await writeFile(recipe, (await readFile(recipe, 'utf8')).replace('./.sandbox/data/text.jsonl', './text.jsonl'));
  await writeFile(join(baseDir, 'text.jsonl'), '{"text": "one"}\n{"text": "two"}\n');
  await writeFile(join(baseDir, 'sweep.yaml'), 'method: random\n');
});
afterAll(() => rm(baseDir, { recursive: true }));

async function keysOf(config: string, set: Record<string, Json> = {}) {
  const compiled = compileConfig({ config, set, baseDir });
  if (!compiled.ok) throw new Error(compiled.errors.map(formatDiagnostic).join('\n'));
  return { ...compiled, keys: jobsOf(await keyed(compiled.plan, registry)).map(job => [job.id, job.key]) };
}

describe('the config that `sweep best` writes', () => {
  it.each<[string, Record<string, Json>]>([
    ['an op argument, which k-sigma would set anew', { 'text_length_filter.min_len': 20 }],
    ['a value of the refinement itself', { 'before.extra_configs.k': 1.5 }],
    ['a value of one job’s recipe', { 'filter.dj_configs.text_keys': ['text'] }],
    [
      'several, of which one is no number',
      { 'text_length_filter.max_len': 9000, 'before.extra_configs.k': 3, 'alphanumeric_filter.tokenization': false },
    ],
    ['a global key', { work_dir: './elsewhere', 'text_length_filter.min_len': 5 }],
  ])('runs nothing that the winning trial ran, with %s', async (_, point) => {
    const text = `${await readFile(join(baseDir, CONFIG), 'utf8')}hpo_config: sweep.yaml\n`;
    await writeFile(join(baseDir, 'swept.yaml'), text);
    const trial = await keysOf('swept.yaml', point);
    await writeFile(join(baseDir, 'best.sandbox.yaml'), ownConfigText(text, 'swept.yaml', point, ['head']));
    const best = await keysOf('best.sandbox.yaml');
    expect(best.keys).toEqual(trial.keys);
    expect(best.keys).not.toEqual((await keysOf('swept.yaml')).keys);
    expect(best.plan.workDir).toBe(trial.plan.workDir);
    const names = (config: string) => namesSweepFile({ config, set: {}, baseDir });
    expect([names('swept.yaml'), names('best.sandbox.yaml')]).toEqual([true, false]);
  });
});
