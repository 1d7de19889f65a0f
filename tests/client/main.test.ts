// The compiled command as users call it (`npm test` builds it first).
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { packageRoot } from '../../activities/runtime/paths.ts';
import { newWorkDir, putTrial } from '../support/work-dir.ts';

const MAIN = join(packageRoot(), 'dist', 'client', 'main.js');
/** Nothing listens there. */
const NO_SERVER = { TEMPORAL_ADDRESS: '127.0.0.1:1', TEMPORAL_PROFILE: '', TEMPORAL_CONFIG_FILE: '' };
let folder: string;

async function cli(args: string[], env: Record<string, string> = {}, cwd = folder) {
  const started = performance.now();
  const result = await execa(process.execPath, [MAIN, ...args], {
    cwd,
    reject: false,
    env: { ...NO_SERVER, NO_COLOR: '1', ...env },
  });
  return { ...result, ms: performance.now() - started };
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'dj-cli-'));
  writeFileSync(join(folder, 'data.jsonl'), '{"text": "one"}\n{"text": "two"}\n');
  writeFileSync(
    join(folder, 'sandbox.yaml'),
    `project_name: p
experiment_name: e
work_dir: ./work
probe_job_configs:
  - hook: ProbeViaAnalyzerHook
    meta_name: look
    dj_configs: {dataset_path: ./data.jsonl, export_path: ./out.jsonl, process: [{text_length_filter: {min_len: 1}}]}
`,
  );
  writeFileSync(
    join(folder, 'bad-sweep.yaml'),
    'method: random\nmetric: {name: look.samples, goal: maximize}\nparameters:\n  text_length_filter.min_le: {min: 1, max: 9}\n',
  );
  writeFileSync(
    join(folder, 'with-hpo.yaml'),
    `hpo_config: bad-sweep.yaml\n${readFileSync(join(folder, 'sandbox.yaml'), 'utf8')}`,
  );
  writeFileSync(join(folder, 'bad.yaml'), 'project_name: p\nprobe_job_configs:\n  - hook: ProbeViaAnalyserHook\n');
});
afterAll(() => rmSync(folder, { recursive: true }));

test.each([[['--help']], [['run', '--help']], [['sweep', 'start', '--help']]])(
  '%j prints help and exits 0',
  async args => {
    const { exitCode, stdout, ms } = await cli(args);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('$ dj-sandbox ');
    console.log(`dj-sandbox ${args.join(' ')}: ${ms.toFixed(0)} ms`);
  },
);

describe('bad input exits 2 and says what would be right', () => {
  test.each([
    [['lst'], 'Did you mean list?'],
    [['run', '--confg', 'x'], 'Did you mean --config?'],
    [['run'], '--config is missing'],
    [['validate', '--config', 'nope.yaml'], 'there is no such file'],
    [['validate', '--config', 'bad.yaml'], 'did you mean "ProbeViaAnalyzerHook"?'],
    [['plan', '--config', 'sandbox.yaml', '--set', 'text_length_filter.min_le=3'], 'did you mean "min_len"?'],
    [['plan', '--config', 'sandbox.yaml', '--set', 'x'], 'expected path=value'],
    [['run', '--config', 'sandbox.yaml', '--id', 'a/b'], 'expected a letter or digit'],
    [['list', '--limit', 'many'], 'expected a whole number'],
    [['worker'], 'name one of the two'],
    [['worker', '--tags', 'cpu', '--control'], 'name one of the two'],
    [['worker', '--control', '--drain'], '--drain is of workers that take jobs'],
    [['set', 'x', 'lr'], 'expected path=value'],
    [['resume-from', 'x'], '--job is missing'],
    [['worker', '--tags', 'c pu'], 'expected names separated by commas'],
    [['demo', '--text', '--seed', '3'], 'the text example has none'],
    [['refine', '--recipe', 'r.yaml'], '--stats is missing'],
    [['logs', 'x', '--work-dir', 'nowhere'], '--work-dir nowhere: there is no such folder'],
    [['logs', 'x', '--work-dir', '.', '--lines', 'all'], 'expected a whole number of at least 0'],
    [['metrics', 'x', '--work-dir', '.'], 'there is no trial x in .: --work-dir names another work_dir'],
    [['status', 'x', '--work-dir', '.'], 'there is no trial, sweep or study x in .'],
    [['explain', 'x', '--work-dir', '.'], 'there is no trial x in .'],
    [['diff', 'x', 'y', '--work-dir', '.'], 'there is no trial x in .'],
    [['diff', 'x'], "missing required argument 'b'"],
    [['completion', 'tcsh'], 'Allowed choices are bash, zsh, fish'],
    [['metrics', 'x', '--csv', '--json'], '--json and --csv: give one of the two'],
    [['cache', 'ls'], '--work-dir is missing: give the work_dir of your config, or --config FILE'],
    [['cache', 'gc', '--work-dir', 'nowhere'], '--work-dir nowhere: there is no such folder'],
    [['cache', 'gc', '--work-dir', '.', '--older-than', 'long'], 'expected a length of time such as 12h or 30d'],
    [['cache', 'rm', 'abc', '--work-dir', '.'], 'no job with key abc is cached there'],
    [['sweep', 'strt'], 'Did you mean start?'],
    [['sweep', 'start'], '--config is missing'],
    [['sweep', 'start', '--config', 'sandbox.yaml'], 'there is no sweep file'],
    [['sweep', 'start', '--config', 'sandbox.yaml', '--sweep', 'nope.yaml'], 'there is no file nope.yaml'],
    [['sweep', 'start', '--config', 'sandbox.yaml', '--sweep', 'bad-sweep.yaml'], 'bad-sweep.yaml:4:'],
    [['sweep', 'start', '--config', 'sandbox.yaml', '--concurrency', '0'], 'a whole number of at least 1'],
    [['run', '--config', 'with-hpo.yaml'], 'bad-sweep.yaml:4:'],
    [['sweep', 'best', 'x'], '--out is missing'],
    [['sweep', 'best', 'x', '--out', 'best.txt'], 'expected a name ending in .yaml, .yml or .json'],
    [['sweep', 'best', 'x', '--out', 'sandbox.yaml'], 'sandbox.yaml is there already: --force replaces it'],
    [['sweep', 'leaderboard', 'x', '--json', '--csv'], '--json and --csv: give one of the two'],
    [['sweep', 'set-budget', 'x', 'run_kap=3'], 'did you mean run_cap?'],
    [['sweep', 'set-concurrency', 'x', 'many'], 'a whole number of at least 1'],
    [['sweep', 'set-space', 'x'], '--sweep is missing'],
    [['sweep', 'enqueue', 'x', 'lr'], 'expected path=value'],
    [['schema', 'sandbx'], 'did you mean "sandbox"?'],
    [['cache', 'ls', '--config', 'bad.yaml'], 'did you mean "ProbeViaAnalyzerHook"?'],
  ])('%j', async (args, words) => {
    const { exitCode, stderr, stdout } = await cli(args);
    expect(stderr).toContain(words);
    expect(stderr).not.toMatch(/^ +at /m);
    expect(stdout).toBe('');
    expect(exitCode).toBe(2);
  });

  test('a config file that TEMPORAL_CONFIG_FILE names and that is not there', async () => {
    const { exitCode, stderr } = await cli(['list'], { TEMPORAL_CONFIG_FILE: '/no/such/temporal.toml' });
    expect(stderr).toContain('TEMPORAL_CONFIG_FILE names /no/such/temporal.toml, which does not exist');
    expect(exitCode).toBe(2);
  });

  test('a profile that is not there', async () => {
    const { exitCode, stderr } = await cli(['list'], { TEMPORAL_PROFILE: 'nowhere' });
    expect(stderr).toContain('nowhere');
    expect(exitCode).toBe(2);
  });
});

describe('without a server', () => {
  test.each([['list'], ['watch', 'x'], ['stop', 'x']])(
    '%s says where none answers, within seconds, and exits 1',
    async (...args) => {
      const { exitCode, stderr, ms } = await cli(args);
      expect(stderr).toBe(
        'dj-sandbox: no Temporal server answers at 127.0.0.1:1: start it, or correct TEMPORAL_ADDRESS or the profile',
      );
      expect(exitCode).toBe(1);
      expect(ms).toBeLessThan(15_000);
    },
  );

  test('list tells of the runs whose files are below this folder, and says so; --work-dir asks no server', async () => {
    const { folder: there, workDir, remove } = newWorkDir();
    putTrial(workDir, 'my-run', { jobs: [{ metaName: 'look' }], context: {} });
    try {
      const near = await cli(['list'], {}, there);
      expect(near.stdout).toMatch(/^TRIAL +STATE .*\nmy-run +done +2026-05-04 10:00:00 +clips +try$/);
      expect(near.stderr).toContain('note: from the files below this folder alone: no Temporal server answers');
      expect(near.exitCode).toBe(0);
      const named = await cli(['list', '--work-dir', workDir, '--json']);
      expect(JSON.parse(named.stdout)).toMatchObject([{ id: 'my-run', kind: 'trial', state: 'done', sweep: null }]);
      expect(named.stderr).toBe('');
      const nowhere = await cli(['list', '--work-dir', '/nowhere']);
      expect(nowhere).toMatchObject({
        exitCode: 2,
        stderr: 'dj-sandbox: --work-dir /nowhere: there is no such folder',
      });
    } finally {
      remove();
    }
  });

  test('the development server is named with how to start it', async () => {
    const dev = join(folder, 'temporal-dev.yaml');
    writeFileSync(
      dev,
      'server: {ip: 127.0.0.1, port: 1, ui_port: null}\ndatabase: {file: dev.db}\nworkers: [{name: c, kind: control}]\n',
    );
    const { exitCode, stderr } = await cli(['list'], { TEMPORAL_ADDRESS: '', DJ_SANDBOX_DEV: dev });
    expect(stderr).toContain('no Temporal server answers at 127.0.0.1:1: start one with `npm run dev`');
    expect(exitCode).toBe(1);
  });

  test('run checks the config first: what is wrong there is said, not that no server runs', async () => {
    const { exitCode, stderr } = await cli(['run', '--config', 'bad.yaml']);
    expect(stderr).toContain('bad.yaml:3:11');
    expect(stderr).not.toContain('server');
    expect(exitCode).toBe(2);
  });
});

test('validate says how many jobs there are, or as JSON every error with its place', async () => {
  const good = await cli(['validate', '--config', 'sandbox.yaml']);
  expect(good).toMatchObject({ exitCode: 0, stdout: 'sandbox.yaml is valid: 1 job' });
  console.log(`dj-sandbox validate: ${good.ms.toFixed(0)} ms`);
  const bad = await cli(['validate', '--config', 'bad.yaml', '--json']);
  expect(bad.exitCode).toBe(2);
  expect(JSON.parse(bad.stdout)).toMatchObject({ ok: false, errors: [{ line: 3, col: 11 }] });
});

test('plan gives pipelines, stages and jobs with their keys', async () => {
  const { stdout, exitCode, ms } = await cli(['plan', '--config', 'sandbox.yaml', '--json']);
  expect(exitCode).toBe(0);
  const plan = JSON.parse(stdout);
  const jobs = plan.pipelines.flatMap((pipeline: { stages: { jobs: object[] }[] }) =>
    pipeline.stages.flatMap(stage => stage.jobs),
  );
  expect(plan.pipelines[0].name).toBe('anonymous');
  expect(jobs).toMatchObject([
    {
      hook: 'ProbeViaAnalyzerHook',
      metaName: 'look',
      type: null,
      tag: 'cpu',
      component: 'probe.analyzer',
      status: 'new',
    },
  ]);
  expect(jobs[0].key).toMatch(/^[0-9a-f]{20}$/);
  console.log(`dj-sandbox plan: ${ms.toFixed(0)} ms`);
  const changed = await cli(['plan', '--config', 'sandbox.yaml', '--json', '--set', 'text_length_filter.min_len=2']);
  expect(JSON.parse(changed.stdout).pipelines[0].stages[0].jobs[0].key).not.toBe(jobs[0].key);
});

describe('refine', () => {
  beforeAll(() => {
    writeFileSync(
      join(folder, 'recipe.yaml'),
      'process:\n  - text_length_filter:\n      min_len: 20\n      max_len: 20000\n',
    );
    writeFileSync(join(folder, 'overall.csv'), ',text_len\nmean,1595.536\nstd,4326.680572709351\n');
  });

  test('writes the recipe with k standard deviations around the mean', async () => {
    const { exitCode, stdout } = await cli([
      'refine',
      '--recipe',
      'recipe.yaml',
      '--stats',
      'overall.csv',
      '--k',
      '3',
      '--out',
      'refined.json',
    ]);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('refined.json');
    const refined = JSON.parse(await execa('cat', [join(folder, 'refined.json')]).then(result => result.stdout));
    expect(refined.process).toEqual([{ text_length_filter: { min_len: -11385, max_len: 14576 } }]);
  });

  test.each([
    [['--stats', 'nope.csv'], 'nope.csv'],
    [['--k', 'many'], '--k many'],
    [['--out', 'refined.txt'], 'refined.txt'],
  ])('with %j is bad input', async (change, words) => {
    const options: Record<string, string> = { '--recipe': 'recipe.yaml', '--stats': 'overall.csv', '--out': 'r.yaml' };
    options[change[0]!] = change[1]!;
    const { exitCode, stderr } = await cli(['refine', ...Object.entries(options).flat()]);
    expect(stderr).toContain(words);
    expect(exitCode).toBe(2);
  });
});
