import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { MockActivityEnvironment } from '@temporalio/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { addComponent } from '../../../activities/components.ts';
import { controlActivities } from '../../../activities/control/index.ts';
import type { JsonObject } from '../../../plan/plan.ts';
import type { SweepInput, SweepOpened } from '../../../plan/protocol.ts';
import { testComponent } from '../../support/job-on-disk.ts';

const control = controlActivities({} as Client);
/** The file that Data-Juicer publishes for its own HPO tool. */
const PUBLISHED = `
sweep_name: hpo_for_data-juicer
sweep_max_count: 3
method: bayes
metric: {name: clean.quality_score, goal: maximize}
parameters:
  character_repetition_filter.rep_len:
      values: [2, 4, 8, 16]
  character_repetition_filter.max_ratio:
    values: [0.3, 0.5, 0.7]
  text_length_filter.min_len:
      distribution: q_log_uniform_values
      min: 256
      max: 8192
`;
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sweep-'));
  await writeFile(join(folder, 'data.jsonl'), '{"text": "a"}\n');
  await writeFile(join(folder, 'sweep.yaml'), PUBLISHED);
});

const config = (more: JsonObject = {}): JsonObject => ({
  work_dir: 'w',
  project_name: 'p',
  hpo_config: 'sweep.yaml',
  execution_job_configs: [
    {
      hook: 'ProcessDataHook',
      meta_name: 'clean',
      dj_configs: {
        dataset_path: 'data.jsonl',
        export_path: 'out/clean.jsonl',
        process: [{ character_repetition_filter: {} }, { text_length_filter: { min_len: 1 } }],
      },
    },
  ],
  ...more,
});

async function opened(input: Partial<SweepInput> = {}): Promise<SweepOpened> {
  const args = { input: { config: config(), baseDir: folder, ...input }, sweep: { id: 'my-sweep', runId: 'r' } };
  return await new MockActivityEnvironment().run(control.openSweep, args);
}

describe('openSweep', () => {
  it('reads the file that Data-Juicer publishes and finds where the sweep is kept', async () => {
    expect(await opened({ seed: 3, concurrency: 2 })).toMatchObject({
      spec: {
        name: 'hpo_for_data-juicer',
        sampler: 'tpe',
        budget: { runCap: 3 },
        seed: 3,
        concurrency: 2,
        metrics: [{ name: 'clean.quality_score', goal: 'maximize' }],
      },
      project: 'p',
      workDir: join(folder, 'w'),
      dir: join(folder, 'w', 'sweeps', 'my-sweep'),
      rungs: null,
    });
  });

  it('fails with every error of both files, so that nobody tries it again', async () => {
    const sweep = {
      method: 'grid',
      metric: { name: 'a', goal: 'minimize' },
      parameters: { 'text_length_filter.min_len': { distribution: 'normal' } },
    };
    await expect(opened({ sweep, config: config({ max_iter: 3 }) })).rejects.toMatchObject({
      type: 'ConfigError',
      nonRetryable: true,
      message: expect.stringMatching(
        /^sweep parameters\.text_length_filter\.min_len: grid tries.*\n(.*\n)*config max_iter: unknown key/,
      ),
    });
  });

  it.each<[string, unknown, string]>([
    ['a key that it does not know', { concurency: 3 }, 'unknown input key "concurency"; known: config, sweep, '],
    [
      'a sweep that is a list',
      { sweep: [] },
      'input "sweep": expected the path of a sweep file, or what is in one, got []',
    ],
    ['no config', { config: undefined }, 'input "config": expected the path of a sandbox config'],
    ['a concurrency of none', { concurrency: 0 }, 'input concurrency: expected a whole number from 1 to 500, got 0'],
    ['a seed in words', { seed: 'seven' }, 'input seed: expected a whole number from 0 to 4294967295, got "seven"'],
  ])('refuses an input typed by hand with %s', async (_title, input, message) => {
    await expect(opened(input as Partial<SweepInput>)).rejects.toMatchObject({
      type: 'ConfigError',
      message: expect.stringContaining(message),
    });
  });

  it('refuses a space that is too large for a workflow to carry', async () => {
    const values = Array.from({ length: 4_000 }, (_, i) => `value ${i} of many`);
    const parameters = { 'language_id_score_filter.lang': { values } };
    const sweep = { method: 'random', metric: { name: 'a.b', goal: 'minimize' }, run_cap: 3, parameters };
    const process = [{ language_id_score_filter: {} }];
    const job = { hook: 'ProcessDataHook', meta_name: 'clean', dj_configs: { dataset_path: 'data.jsonl', process } };
    await expect(opened({ sweep, config: { execution_job_configs: [job] } })).rejects.toMatchObject({
      type: 'ConfigError',
      message: expect.stringMatching(/^the parameters take \d+ KiB, a sweep can have 48: /),
    });
  });

  it('refuses what compiles and cannot run', async () => {
    addComponent(testComponent({ name: 'test.later', hook: 'LaterHook', notRunnable: 'it comes later' }));
    const job = { hook: 'LaterHook', meta_name: 'x' };
    const jobs = config().execution_job_configs as JsonObject[];
    const failure = await opened({ config: config({ execution_job_configs: [...jobs, job] }) }).catch(
      (error: Error) => error,
    );
    expect(failure).toMatchObject({ type: 'ConfigError', message: expect.stringContaining('cannot run yet') });
  });
});

describe('checkSteering', () => {
  const check = (asked: JsonObject) =>
    new MockActivityEnvironment().run(control.checkSteering, {
      input: { config: config(), baseDir: folder },
      ...asked,
    });

  it('answers with the space of a file, and with a new one', async () => {
    expect(await check({})).toMatchObject({ space: [{}, {}, { name: 'text_length_filter.min_len' }] });
    const parameters = { 'text_length_filter.min_len': { values: [1, 2] } };
    expect(await check({ parameters })).toEqual({
      space: [{ name: 'text_length_filter.min_len', distribution: { kind: 'categorical', values: [1, 2] } }],
    });
  });

  it('fails with all that is wrong', async () => {
    await expect(check({ points: [{ 'text_length_filter.min_len': 1 }] })).rejects.toMatchObject({
      type: 'ConfigError',
      message: expect.stringMatching(
        /missing: character_repetition_filter\.rep_len, .*\n.*expected a number from 256 to 8192, got 1/,
      ),
    });
  });
});
