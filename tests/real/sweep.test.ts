import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { WorkflowNotFoundError } from '@temporalio/client';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sandboxHome } from '../../activities/runtime/paths.ts';
import type { JsonObject } from '../../plan/plan.ts';
import type { Leaderboard, SweepResult } from '../../plan/protocol.ts';
import { replay } from '../../plan/sweep/replay.ts';
import type { Decision } from '../../plan/sweep/types.ts';
import { type RealSandbox, startRealSandbox } from '../support/real-sandbox.ts';
import { makeTexts, TEXT_FILTERS } from '../support/text-dataset.ts';

let sandbox: RealSandbox;
beforeAll(async () => {
  sandbox = await startRealSandbox();
  await makeTexts(join(sandbox.folder, 'texts.jsonl'), 60);
});
afterAll(() => sandbox?.stop());

/** One job that filters texts; what is left of them is the objective. */
const config = (name: string): JsonObject => ({
  project_name: 'sweeps',
  experiment_name: name,
  work_dir: join(sandbox.folder, name),
  execution_job_configs: [
    {
      hook: 'ProcessDataHook',
      meta_name: 'filter',
      dj_configs: {
        dataset_path: join(sandbox.folder, 'texts.jsonl'),
        export_path: join(sandbox.folder, name, 'named', 'left.jsonl'),
        process: TEXT_FILTERS,
      },
    },
  ],
});

const sweep = (more: JsonObject = {}): JsonObject => ({
  method: 'random',
  metric: { name: 'filter.samples_out', goal: 'maximize' },
  parameters: { 'text_length_filter.min_len': { values: [20, 100, 400] } },
  run_cap: 4,
  concurrency: 2,
  ...more,
});

async function start(id: string, file: JsonObject, more: JsonObject = {}): Promise<void> {
  const input = JSON.stringify({ config: config(id), sweep: file, baseDir: sandbox.folder, ...more });
  await execa(join(sandboxHome(), 'bin', 'temporal'), [
    ...['workflow', 'start', '--address', sandbox.address, '--task-queue', 'sandbox', '--type', 'sandboxSweep'],
    ...['--workflow-id', id, '--input', input],
  ]);
}

const resultOf = async (id: string) => (await sandbox.client.workflow.getHandle(id).result()) as SweepResult;
const leaderboardOf = (id: string) => sandbox.client.workflow.getHandle(id).query<Leaderboard>('leaderboard');

async function ledgerOf({ ledger }: SweepResult): Promise<Decision[]> {
  const text = await readFile(ledger.path, 'utf8');
  expect(Buffer.byteLength(text)).toBe(ledger.bytes);
  return text
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line) as Decision);
}

/** Waits until a sweep is where a test wants it. */
async function until(id: string, wanted: (leaderboard: Leaderboard) => boolean): Promise<Leaderboard> {
  for (;;) {
    const leaderboard = await leaderboardOf(id).catch(() => null);
    if (leaderboard && wanted(leaderboard)) return leaderboard;
    await new Promise(resolve => setTimeout(resolve, 100));
  }
}

/** Terminates the trial that runs, and returns its number; one that has ended meanwhile is let go for the next. */
async function terminateOne(id: string): Promise<number> {
  for (;;) {
    const { trials } = await until(id, ({ counts }) => counts.running > 0);
    const { trial } = trials.find(({ status }) => status === 'running')!;
    try {
      await sandbox.client.workflow.getHandle(`${id}.trial-${trial}`).terminate();
      return trial;
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw error;
    }
  }
}

describe('a sweep on the real server and the real Data-Juicer', () => {
  it('runs a grid from a plain `temporal workflow start`; its ledger, replayed, decides the same', async () => {
    await start('grid', sweep({ method: 'grid', run_cap: null }));
    const result = await resultOf('grid');
    expect(result).toMatchObject({ state: 'done', reason: 'all 3 points of the space were tried' });
    expect(result.best).toMatchObject({ trial: 1, point: { 'text_length_filter.min_len': 20 }, status: 'done' });
    const left = (await leaderboardOf('grid')).trials.map(({ objectives }) => objectives[0]!);
    expect(left).toEqual([...left].sort((a, b) => b - a));
    expect(new Set(left).size).toBeGreaterThan(1);
    const ledger = await ledgerOf(result);
    expect(replay(ledger)).toEqual(ledger);
  });

  it("does no trial's work twice, and overwrites nothing at the paths that the config names", async () => {
    await start('twice', sweep({ parameters: { 'text_length_filter.min_len': { values: [20] } }, concurrency: 4 }));
    const result = await resultOf('twice');
    const { trials } = await leaderboardOf('twice');
    expect(trials.map(({ reused }) => reused).sort()).toEqual([0, 1, 1, 1]);
    expect(result.counts.done).toBe(4);
    expect(await readdir(join(sandbox.folder, 'twice', 'jobs'))).toHaveLength(1);
    expect(existsSync(join(sandbox.folder, 'twice', 'named'))).toBe(false);
  });

  it('asks Optuna for points that the trials before have taught it', async () => {
    const parameters = { 'text_length_filter.min_len': { distribution: 'int_uniform', min: 20, max: 400 } };
    await start('bayes', sweep({ method: 'bayes', parameters }), { seed: 3 });
    const result = await resultOf('bayes');
    expect(result.counts.done).toBe(4);
    const ledger = await ledgerOf(result);
    const suggested = ledger.filter(decision => decision.kind === 'suggest');
    expect(suggested.map(({ by, seed }) => [by, seed])).toEqual(Array(4).fill(['tpe', 3]));
    expect(replay(ledger)).toEqual(ledger);
  });

  it('goes on where it was when its control worker is killed; a trial that somebody terminates counts as stopped', async () => {
    await start('killed', sweep({ run_cap: 6, concurrency: 1 }), { cache: false });
    await until('killed', ({ counts }) => counts.done >= 1);
    for (const pid of await sandbox.workers('--control')) process.kill(pid, 'SIGKILL');
    await until('killed', ({ counts }) => counts.done >= 2);
    const terminated = await terminateOne('killed');
    const result = await resultOf('killed');
    expect(result.counts).toEqual({ begun: 6, running: 0, waiting: 0, done: 5, failed: 0, stopped: 1 });
    const ledger = await ledgerOf(result);
    expect(ledger.filter(({ kind }) => kind === 'suggest')).toHaveLength(6);
    expect(ledger).toContainEqual(
      expect.objectContaining({ kind: 'end', trial: terminated, status: 'stopped', why: 'terminated by hand' }),
    );
    expect(replay(ledger)).toEqual(ledger);
  });

  it('says what is wrong with its file, all of it, and starts nothing', async () => {
    const parameters = { 'text_length_filter.min_lenn': { values: [1] }, 'filter.dj_configs.np': { min: 9, max: 1 } };
    await start('wrong', sweep({ parameters }));
    const error = (await resultOf('wrong').catch((thrown: unknown) => thrown)) as Error & { cause: Error };
    expect(String(error.cause.cause ?? error.cause)).toMatch(/min_lenn.*did you mean "min_len"/s);
    expect(String(error.cause.cause ?? error.cause)).toMatch(/min.*9.*max.*1/s);
  });

  it('ends as failed after the first trial where nobody reports its metric', async () => {
    await mkdir(join(sandbox.folder, 'nobody'), { recursive: true });
    await start('nobody', sweep({ metric: { name: 'filter.samples', goal: 'maximize' }, concurrency: 1 }));
    const error = (await resultOf('nobody').catch((thrown: unknown) => thrown)) as Error & { cause: Error };
    expect(error.cause.message).toContain('trial 1 is done, but it told no metric "filter.samples"; did you mean');
  });
});
