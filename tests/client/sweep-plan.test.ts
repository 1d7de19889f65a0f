// The compiled command as users call it (`npm test` builds it first).
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { packageRoot } from '../../activities/runtime/paths.ts';
import type { PlannedTrial } from '../../client/sweep-plan-view.ts';

const MAIN = join(packageRoot(), 'dist', 'client', 'main.js');
const METRIC = 'metric: {name: look.text_len.mean, goal: maximize}';
let folder: string;

const cli = (...args: string[]) =>
  execa(process.execPath, [MAIN, ...args], { cwd: folder, reject: false, env: { NO_COLOR: '1' } });
const plan = (...more: string[]) => cli('sweep', 'plan', '--config', 'sandbox.yaml', ...more);
const points = async (...more: string[]) => JSON.parse((await plan('--json', ...more)).stdout) as PlannedTrial[];

function write(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return name;
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'dj-sweep-'));
  write('data.jsonl', '{"text": "one"}\n{"text": "two"}\n');
  write(
    'sandbox.yaml',
    `hpo_config: sweep.yaml
probe_job_configs:
  - hook: ProbeViaAnalyzerHook
    meta_name: look
    dj_configs: {dataset_path: ./data.jsonl, export_path: ./out.jsonl, process: [{text_length_filter: {min_len: 1}}]}
`,
  );
  write(
    'sweep.yaml',
    `method: random
${METRIC}
run_cap: 3
parameters:
  text_length_filter:
    parameters: {min_len: {min: 1, max: 100}}
  look.dj_configs.np: {values: [1, 2]}
`,
  );
  write(
    'grid.yaml',
    `method: grid
${METRIC}
parameters: {text_length_filter.min_len: {values: [1, 2]}, look.dj_configs.np: {min: 1, max: 2}}
`,
  );
  write(
    'bad.yaml',
    `method: gird
${METRIC}
run_cap: 0
parameters: {text_length_filter.min_len: {min: 5, max: 1}, text_length_filter.max_len: {min: 1.0, max: 9.5}}
`,
  );
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('dj-sandbox sweep plan', () => {
  test('prints the points of the trials as JSON, the same for the same seed', async () => {
    const first = await points('--trials', '20', '--seed', '0');
    expect(first.map(({ trial }) => trial)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
    for (const { parameters } of first)
      expect(parameters).toEqual({
        'text_length_filter.min_len': expect.any(Number),
        'look.dj_configs.np': expect.any(Number),
      });
    expect(await points('--trials', '20', '--seed', '0')).toEqual(first);
    expect(await points('--trials', '20', '--seed', '1')).not.toEqual(first);
  });

  test('prints as many as the sweep would try, where it is not told how many', async () =>
    expect(await points()).toHaveLength(3));

  test('of a grid prints each point once, also where more are asked for, and says so to people', async () => {
    const grid = await points('--sweep', 'grid.yaml', '--trials', '20');
    expect(grid.map(({ parameters }) => Object.values(parameters))).toEqual([
      [1, 1],
      [1, 2],
      [2, 1],
      [2, 2],
    ]);
    const { stdout } = await plan('--sweep', 'grid.yaml', '--trials', '20');
    expect(stdout).toContain('TRIAL  text_length_filter.min_len  look.dj_configs.np');
    expect(stdout).toContain('the grid has 4 points');
  });

  test('says everything that is wrong with config and sweep, and exits 2', async () => {
    const { exitCode, stderr, stdout } = await plan('--sweep', 'bad.yaml');
    expect(exitCode).toBe(2);
    expect(stdout).toBe('');
    expect(stderr.split('\n')).toEqual([
      expect.stringMatching(/^bad\.yaml:1:9 method: unknown method "gird"; did you mean "grid"\?/),
      'bad.yaml:3:10 run_cap: expected a whole number of at least 1, or null for no limit, got 0',
      'bad.yaml:4:48 parameters.text_length_filter.min_len.min: min 5 is above max 1; swap them',
      expect.stringMatching(
        /^bad\.yaml:4:88 parameters\.text_length_filter\.max_len: expected a whole number, got .*; use int_uniform/,
      ),
      '4 errors in sandbox.yaml and its sweep',
    ]);
  });

  test.each([
    [['--trials', '0'], '--trials 0: expected a whole number of at least 1'],
    [['--seed', '-1'], '--seed -1: expected a whole number of at least 0'],
    [['--sweep', 'no.yaml'], 'no.yaml: there is no file no.yaml; give the path of a sweep file'],
    [['--config', 'no.yaml'], 'there is no such file; give the path of a sandbox config'],
  ])('%j exits 2', async (more, words) => {
    const { exitCode, stderr } = await plan(...more);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(words);
  });

  test('has help with an example', async () =>
    expect((await cli('sweep', 'plan', '--help')).stdout).toContain('$ dj-sandbox sweep plan'));
});

describe('a config that names a sweep', () => {
  test('is valid with it, and wrong where the sweep is', async () => {
    expect((await cli('validate', '--config', 'sandbox.yaml')).stdout).toContain(
      'its sweep is valid: random over 2 parameters, seed 0: look.text_len.mean is to be maximized',
    );
    for (const command of ['validate', 'plan']) {
      const { exitCode, stderr } = await cli(command, '--config', 'sandbox.yaml', '--set', 'hpo_config=bad.yaml');
      expect(exitCode).toBe(2);
      expect(stderr).toContain('bad.yaml:3:10 run_cap: expected');
    }
  });
});
