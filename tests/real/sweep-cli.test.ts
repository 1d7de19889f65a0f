// A sweep over the text example through the compiled command, on a real server with real Data-Juicer.
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { packageRoot } from '../../activities/runtime/paths.ts';
import { type RealSandbox, startRealSandbox } from '../support/real-sandbox.ts';

/** Each command is a process of its own, which takes seconds on a busy machine. */
const MINUTES = 300_000;
vi.setConfig({ testTimeout: MINUTES });

let sandbox: RealSandbox;
let config: string;
let sweepFile: string;
let workDir: string;

const SWEEP = (runCap: number) => `name: text-quality
method: random
metric: {name: filter.samples_out, goal: maximize}
run_cap: ${runCap}
concurrency: 2
seed: 3
parameters:
  text_length_filter.min_len: {distribution: int_uniform, min: 1, max: 400}
  before.extra_configs.k: {values: [1.5, 2, 3]}
`;

beforeAll(async () => {
  sandbox = await startRealSandbox('cpu');
  workDir = join(sandbox.folder, 'work');
  config = join(sandbox.folder, 'swept.yaml');
  sweepFile = join(sandbox.folder, 'sweep.yaml');
  const text = await readFile(join(packageRoot(), 'configs/demo/sandbox-text.yaml'), 'utf8');
  await writeFile(config, `${text}hpo_config: ${sweepFile}\n`);
  await writeFile(sweepFile, SWEEP(3));
});
afterAll(() => sandbox?.stop());

interface Row {
  rank: number;
  trial: number;
  id: string;
  state: string;
  objective: number;
  parameters: Record<string, number>;
  reused: number;
}

async function json<T>(...args: string[]): Promise<T> {
  const ended = await sandbox.cli(...args, '--json');
  expect(ended.stderr).toBe('');
  expect(ended.exitCode).toBe(0);
  return JSON.parse(ended.stdout) as T;
}

const leaderboard = async (id: string) => (await json<{ trials: Row[] }>('sweep', 'leaderboard', id)).trials;

describe('a sweep of three trials', () => {
  it('is started by `run` of a config that names it, is told as it goes, and ends with exit code 0', async () => {
    const ended = await sandbox.cli('run', '--config', config, '--work-dir', workDir, '--id', 'first');
    expect(ended.stderr).toBe('');
    expect(ended.stdout).toContain('sweep first started');
    expect(ended.stdout).toMatch(/\] opened: random over 2 parameters, seed 3, 2 at once$/m);
    expect(ended.stdout).toMatch(/\] trial 3 done: \d+/);
    expect(ended.stdout).toContain('Sweep first done: 3 of 3 trials have ended');
    expect(ended.exitCode).toBe(0);
  });

  it('has a leaderboard of all its trials, the best first, as JSON, CSV and a table', async () => {
    const trials = await leaderboard('first');
    expect(trials.map(({ state }) => state)).toEqual(['done', 'done', 'done']);
    expect(trials.map(({ rank }) => rank)).toEqual([1, 2, 3]);
    const objectives = trials.map(({ objective }) => objective);
    expect(objectives).toEqual([...objectives].sort((a, b) => b - a));
    for (const { id, trial, parameters } of trials) {
      expect(id).toBe(`first.trial-${trial}`);
      expect(Object.keys(parameters)).toEqual(['text_length_filter.min_len', 'before.extra_configs.k']);
    }
    const csv = (await sandbox.cli('sweep', 'leaderboard', 'first', '--csv')).stdout.split('\n');
    expect(csv[0]).toBe(
      'rank,trial,state,filter.samples_out,text_length_filter.min_len,before.extra_configs.k,steps,gpu_seconds,reused,why',
    );
    expect(csv).toHaveLength(4);
    expect(csv[1]).toContain(`1,${trials[0]!.trial},done,${trials[0]!.objective},`);
    const table = (await sandbox.cli('sweep', 'leaderboard', 'first', '--limit', '1')).stdout.split('\n');
    expect(table).toHaveLength(2);
  });

  it('tells all that was decided, also when asked to go on until its end', async () => {
    const decisions = await json<{ seq: number; kind: string }[]>('sweep', 'decisions', 'first');
    expect(decisions.map(({ seq }) => seq)).toEqual(decisions.map((_, i) => i + 1));
    expect(decisions[0]?.kind).toBe('open');
    expect(decisions.at(-1)?.kind).toBe('close');
    expect(decisions.filter(({ kind }) => kind === 'end')).toHaveLength(3);
    const followed = await sandbox.cli('sweep', 'decisions', 'first', '-f');
    expect(followed.exitCode).toBe(0);
    expect(followed.stdout.split('\n')).toHaveLength(decisions.length);
  });

  it('is shown by status, watch and list, its trials only with --all', async () => {
    expect(await json('status', 'first')).toMatchObject({ id: 'first', state: 'done', counts: { done: 3 } });
    const watched = await sandbox.cli('watch', 'first');
    expect(watched.stdout).toContain('Sweep first done');
    expect(watched.exitCode).toBe(0);
    // The list lags a little behind.
    await expect
      .poll(async () => await json('sweep', 'list'), { timeout: MINUTES })
      .toMatchObject([{ id: 'first', kind: 'sweep', state: 'done' }]);
    expect(await json('list')).toMatchObject([{ id: 'first', kind: 'sweep' }]);
    const all = await json<{ id: string; sweep: string | null }[]>('list', '--all');
    expect(all.filter(({ sweep }) => sweep === 'first')).toHaveLength(3);
    expect((await sandbox.cli('context', 'first')).stderr).toContain('first is a sweep, not a trial');
    expect((await sandbox.cli('sweep', 'status', 'first.trial-1')).stderr).toContain(
      'first.trial-1 is a trial, not a sweep',
    );
  });

  it('gives its winner as a recipe and as a config that runs nothing again', async () => {
    const out = join(sandbox.folder, 'best.yaml');
    const [winner] = await leaderboard('first');
    const best = await json<{ trial: number; config: string; runs: string[] }>('sweep', 'best', 'first', '--out', out);
    expect(best).toMatchObject({
      trial: winner!.trial,
      recipe: out,
      config: join(sandbox.folder, 'best.sandbox.yaml'),
      runs: [],
    });
    const recipe = await readFile(out, 'utf8');
    expect(recipe).toContain(`min_len: ${winner!.parameters['text_length_filter.min_len']}`);
    expect(recipe).toContain(`export_path: ${join(sandbox.folder, 'best-data.jsonl')}`);
    const valid = await sandbox.cli('validate', '--config', best.config);
    expect(valid).toMatchObject({ exitCode: 0, stderr: '' });
    const again = await sandbox.cli('run', '--config', best.config, '--id', 'again', '--json');
    const { result } = JSON.parse(again.stdout);
    expect(result).toMatchObject({ state: 'done', jobs: { run: 0, reused: 4 } });
    expect(result.metrics['filter.samples_out']).toBe(winner!.objective);
    const twice = await sandbox.cli('sweep', 'best', 'first', '--out', out);
    expect(twice).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('is there already: --force replaces it'),
    });
    expect((await sandbox.cli('sweep', 'best', 'first', '--out', out, '--force')).exitCode).toBe(0);
  });

  it('takes no more once it has ended, and its id is never used again', async () => {
    for (const [...wish] of [
      ['stop', 'first'],
      ['set-budget', 'first', 'run_cap=9'],
      ['enqueue', 'first', 'before.extra_configs.k=1'],
    ]) {
      const { exitCode, stderr } = await sandbox.cli('sweep', ...wish);
      expect(stderr).toMatch(/^dj-sandbox: sweep first has ended \(completed\): there is nothing to (steer|stop)$/);
      expect(exitCode).toBe(2);
    }
    const same = await sandbox.cli('sweep', 'start', '--config', config, '--id', 'first', '--detach');
    expect(same.stderr).toContain('there is a sweep with id first already (it has ended (completed))');
    expect(same.exitCode).toBe(2);
    const unknown = await sandbox.cli('sweep', 'status', 'frst');
    expect(unknown.stderr).toBe(`dj-sandbox: there is no sweep frst at ${sandbox.address}: did you mean first?`);
    expect(unknown.exitCode).toBe(2);
  });

  it('shares its jobs with whoever needs them: another sweep of the same seed finds every job done', async () => {
    const again = await sandbox.cli(
      ...['sweep', 'start', '--config', config, '--work-dir', workDir, '--id', 'second', '--json'],
    );
    expect(JSON.parse(again.stdout)).toMatchObject({ id: 'second', state: 'done', counts: { done: 3 } });
    for (const { reused } of await leaderboard('second')) expect(reused).toBe(4);
  });
});

describe('a sweep while it runs', () => {
  it('is steered, refuses what makes no sense, and is stopped: exit code 1', async () => {
    await writeFile(sweepFile, SWEEP(500));
    const started = await json<{ id: string }>(
      ...[
        'sweep',
        'start',
        '--config',
        config,
        '--work-dir',
        workDir,
        '--id',
        'long',
        '--seed',
        '9',
        '--concurrency',
        '1',
        '--detach',
      ],
    );
    expect(started.id).toBe('long');
    const taken = await sandbox.cli('sweep', 'start', '--config', config, '--id', 'long', '--detach');
    expect(taken).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('there is a sweep with id long already (it runs)'),
    });
    await expect
      .poll(async () => (await sandbox.cli('sweep', 'status', 'long', '--json')).stdout, { timeout: MINUTES })
      .toContain('"running": 1');
    const wishes: [string[], string | null][] = [
      [['pause', 'long'], null],
      [['set-concurrency', 'long', '2'], null],
      [['set-budget', 'long', 'run_cap=400', 'max_hours=2'], null],
      [['set-budget', 'long', 'run_cap=-3'], 'runCap'],
      [['enqueue', 'long', 'text_length_filter.min_len=77', 'before.extra_configs.k=2'], null],
      [['enqueue', 'long', 'text_len_filter.min_len=77'], 'text_len_filter'],
      [['stop-trial', 'long', '400'], 'there is no trial 400'],
      [['resume', 'long'], null],
    ];
    for (const [wish, refusal] of wishes) {
      const { exitCode, stderr } = await sandbox.cli('sweep', ...wish);
      if (refusal === null) expect(stderr).toBe('');
      else expect(stderr).toContain(refusal);
      expect(exitCode).toBe(refusal === null ? 0 : 2);
    }
    await expect
      .poll(
        async () =>
          (await leaderboard('long')).some(({ parameters }) => parameters['text_length_filter.min_len'] === 77),
        {
          timeout: MINUTES,
        },
      )
      .toBe(true);
    await writeFile(sweepFile, SWEEP(500).replace('max: 400', 'max: 2'));
    expect((await sandbox.cli('sweep', 'set-space', 'long', '--sweep', sweepFile)).stdout).toContain(
      'text_length_filter.min_len',
    );
    expect((await sandbox.cli('stop', 'long')).stdout).toContain('sweep long stops');
    const watched = await sandbox.cli('watch', 'long');
    expect(watched.stdout).toContain('Sweep long stopped: stopped by hand');
    expect(watched.exitCode).toBe(1);
    const kinds = (await json<{ kind: string; steer?: { kind: string } }[]>('sweep', 'decisions', 'long')).flatMap(
      ({ steer }) => steer?.kind ?? [],
    );
    expect(kinds).toEqual(['pause', 'setConcurrency', 'setBudget', 'enqueueTrial', 'resume', 'setSpace', 'stop']);
  });
});

describe('the cache of a sweep', () => {
  it('lists what trials have, keeps it, and lets go of it with their folders', async () => {
    const jobs = await json<{ key: string; state: string; links: string[]; component: string; bytes: number }[]>(
      ...['cache', 'ls', '--work-dir', workDir, '--verify'],
    );
    const process = jobs.find(
      job => job.component === 'process.data-juicer' && job.links.some(link => link.startsWith('first')),
    )!;
    expect(process).toMatchObject({ state: 'done' });
    const kept = await sandbox.cli('cache', 'rm', process.key.slice(0, 10), '--work-dir', workDir);
    expect(kept).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('is linked from trial') });
    const dry = await json<{ removed: { key: string }[] }>('cache', 'gc', '--work-dir', workDir, '--dry-run');
    expect(dry.removed.map(({ key }) => key)).not.toContain(process.key);
    const gone = await sandbox.cli('cache', 'rm', process.key, '--work-dir', workDir, '--force');
    expect(gone.stdout).toMatch(/^removed 1 job, /m);
    expect(existsSync(join(workDir, 'jobs', process.key))).toBe(false);
    const best = join(sandbox.folder, 'best.sandbox.yaml');
    const again = await sandbox.cli('run', '--config', best, '--id', 'made-again', '--json');
    expect(JSON.parse(again.stdout).result).toMatchObject({ state: 'done' });
    const anew = await sandbox.cli('run', '--config', best, '--id', 'anew', '--no-cache', '--json');
    expect(JSON.parse(anew.stdout).result).toMatchObject({ state: 'done', jobs: { run: 4, reused: 0 } });
  });
});
