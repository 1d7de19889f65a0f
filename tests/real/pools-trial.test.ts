// The pools config of configs/demo on a real server: probe, construction, ranking, combination, downsampling, duplication, feedback.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { packageRoot } from '../../activities/runtime/paths.ts';
import type { Manifest } from '../../plan/manifest.ts';
import type { TrialResult } from '../../plan/protocol.ts';
import { linesOf } from '../support/pools.ts';
import { type RealSandbox, startRealSandbox } from '../support/real-sandbox.ts';

const CONFIG = 'configs/demo/sandbox-pools.yaml';
const STATS = 7;

let sandbox: RealSandbox;
beforeAll(async () => {
  sandbox = await startRealSandbox('cpu');
});
afterAll(() => sandbox?.stop());

async function run(id: string) {
  const workDir = join(sandbox.folder, 'work');
  const ended = await sandbox.cli('run', '--config', CONFIG, '--work-dir', workDir, '--id', id, '--json');
  expect(ended.exitCode).toBe(0);
  return JSON.parse(ended.stdout).result as TrialResult;
}

const namesOf = (paths: string[]) => paths.map(path => path.split('/').at(-1)!);
const idsOf = async (path: string) => (await linesOf(path)).map(line => (JSON.parse(line) as { id: string }).id);

it('goes from the analysed texts to repeated pools, by inputs and by paths', async () => {
  const result = await run('pools');
  expect(result).toMatchObject({ state: 'done', jobs: { run: 8, reused: 0 } });
  const { context } = JSON.parse(await readFile(join(result.trialDir, 'context.json'), 'utf8'));
  const { pools } = context.single_op.split;
  expect(pools).toHaveLength(3 * STATS);
  for (let stat = 0; stat < STATS; stat++) {
    const parts: string[][] = await Promise.all(pools.slice(3 * stat, 3 * stat + 3).map(idsOf));
    expect(parts.map(part => part.length)).toEqual([167, 166, 167]);
    expect(new Set(parts.flat()).size).toBe(500);
  }

  const { best } = context.multi_op.rank;
  expect(namesOf(best)).toEqual([
    'texts_alnum_ratio_2.jsonl',
    'texts_special_char_ratio_0.jsonl',
    'texts_text_len_1.jsonl',
  ]);
  const { combined } = context.multi_op.combine;
  const [both] = combined.filter((path: string) => path.includes('_top_0_1_num_'));
  const [first, second] = [await idsOf(best[0]), new Set(await idsOf(best[1]))];
  expect(await idsOf(both)).toEqual(first.filter(id => second.has(id)));

  const sizes = await Promise.all(
    context.multi_op.align.aligned.map(async (path: string) => (await idsOf(path)).length),
  );
  expect(new Set(sizes).size).toBe(1);
  expect(sizes).toHaveLength(combined.length);
  const { repeated } = context.duplicate.repeat;
  expect(namesOf(repeated)).toEqual([2, 4, 8].map(times => `texts_alnum_ratio_2_x${times}.jsonl`));
  expect((await idsOf(repeated[1])).sort()).toEqual([first, first, first, first].flat().sort());
});

it('publishes the pools where the config names them, with their counts in manifest and metrics', async () => {
  const result = await run('pools-again');
  expect(result).toMatchObject({ state: 'done', jobs: { run: 0, reused: 8 } });
  expect(result.metrics).toMatchObject({ 'split.pools': 21, 'split.samples_in': 500, 'split.samples_out': 3500 });
  const named = join(packageRoot(), 'outputs/demo-pools/pools/text_len/texts_text_len_2.jsonl');
  expect(await linesOf(named)).toHaveLength(167);
  const path = join(result.trialDir, 'single_op', '2-split', 'manifest.json');
  const manifest = JSON.parse(await readFile(path, 'utf8')) as Manifest;
  expect(manifest.component).toBe('pools.construction');
  expect(manifest.files).toHaveLength(21);
  expect(manifest.notes[0]).toBe('500 samples in, 3500 out in 21 pools of 166 to 167');
  expect(manifest.versions.duckdb).toMatch(/^\d/);
});

it('refines the recipe by the pool whose scores were better, in its own range, and the recipe runs', async () => {
  const result = await run('feedback');
  const { context } = JSON.parse(await readFile(join(result.trialDir, 'context.json'), 'utf8'));
  const lengthsIn = async (path: string) =>
    (await linesOf(path)).map(line => (JSON.parse(line) as { text: string }).text.length);
  const { recipe, verdicts } = context.feedback.refine;
  expect(verdicts).toMatchObject([{ chosen: 'high' }, { chosen: null }]);
  const least = Math.min(...(await lengthsIn(context.single_op.split.pools[2])));
  const text = await readFile(recipe, 'utf8');
  expect(text).toMatch(new RegExp(`min_len: ${least} # was 1; text_len of pool high: 0\\.71 ± 0\\.01 of 3`));
  expect(text).toContain('max_len: 1000000\n');
  const kept = await lengthsIn(context.feedback.process.texts);
  expect(Math.min(...kept)).toBe(least);
  // Texts as long as the shortest of the pool may lie in the pool below as well.
  expect(kept.length).toBeGreaterThanOrEqual(167);
  expect(kept.length).toBeLessThan(190);
});
