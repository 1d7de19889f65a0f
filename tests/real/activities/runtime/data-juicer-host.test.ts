import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DataJuicerHost, type DataJuicerRequest } from '../../../../activities/runtime/data-juicer-host.ts';
import { JobFailure } from '../../../../activities/runtime/failure.ts';
import { pythonFile, pythonOf, sandboxHome } from '../../../../activities/runtime/paths.ts';
import type { Progress } from '../../../../activities/runtime/progress.ts';
import type { JsonObject } from '../../../../plan/plan.ts';
import { makeTexts, TEXT_FILTERS, writeDataset } from '../../../support/text-dataset.ts';

const CLIP = join(sandboxHome(), 'clips', 'cyclist.mp4');

let folder: string;
let texts: string;
let host: DataJuicerHost;
let made = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'data juicer '));
  texts = join(folder, 'texts.jsonl');
  await makeTexts(texts, 120);
  host = new DataJuicerHost();
});

afterAll(async () => {
  await host.stop();
  await rm(folder, { recursive: true, force: true });
});

/** A job with a folder of its own. */
async function request(recipe: JsonObject, more: Partial<DataJuicerRequest> = {}): Promise<DataJuicerRequest> {
  made += 1;
  const dir = join(folder, `job ${made}`);
  await mkdir(dir);
  return {
    action: 'process',
    recipe: { dataset_path: texts, export_path: join(dir, 'out.jsonl'), np: 2, ...recipe },
    log: join(dir, 'log.txt'),
    scratch: join(dir, 'data-juicer'),
    signal: new AbortController().signal,
    ...more,
  };
}

async function reasonFor(recipe: JsonObject, more: Partial<DataJuicerRequest> = {}): Promise<string> {
  const error = await host.run(await request(recipe, more)).then(
    () => null,
    (reason: Error) => reason,
  );
  expect(error).toBeInstanceOf(JobFailure);
  return error!.message;
}

/** The lambda runs inside the job, in the process that the job says. */
const lambda = (code: string): JsonObject => ({ python_lambda_mapper: { lambda_str: `lambda sample: ${code}` } });

async function alive(pid: number): Promise<boolean> {
  const state = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return state !== '' && !/\) Z /.test(state);
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise(resolve => setTimeout(resolve, 20));
}

describe('results', () => {
  it("are the bytes that Data-Juicer's own commands write, without their plots", async () => {
    // The commands do not take the space in the other folder's name.
    const own = await mkdtemp(join(tmpdir(), 'data-juicer-'));
    const recipe = { dataset_path: join(own, 'texts.jsonl'), np: 2, process: TEXT_FILTERS };
    const paths = { export_path: join(own, 'out', 'texts.jsonl'), work_dir: join(own, 'work'), job_id: 'work' };
    await copyFile(texts, recipe.dataset_path);
    await writeFile(join(own, 'recipe.json'), JSON.stringify({ ...recipe, ...paths }));
    const command = join(pythonOf('data-juicer'), '..');
    const env = { UV_OFFLINE: '1', PIP_NO_INDEX: '1' };
    await execa(join(command, 'dj-process'), ['--config', 'recipe.json'], { cwd: own, env });
    const processed = await readFile(join(own, 'out', 'texts.jsonl'), 'utf8');
    await execa(join(command, 'dj-analyze'), ['--config', 'recipe.json'], { cwd: own, env });

    const process = await request(recipe);
    const after = await host.run(process);
    expect(await readFile(after.exportPath, 'utf8')).toBe(processed);
    const analyze = await request(recipe, { action: 'analyze' });
    const { analysis, exportPath } = await host.run(analyze);
    expect(await readFile(join(analysis, 'overall.csv'), 'utf8')).toBe(
      await readFile(join(own, 'work', 'analysis', 'overall.csv'), 'utf8'),
    );
    expect(await readFile(exportPath.replace('.jsonl', '_stats.jsonl'), 'utf8')).toBe(
      await readFile(join(own, 'out', 'texts_stats.jsonl'), 'utf8'),
    );
    expect((await readdir(analysis)).sort()).toEqual(['overall.csv', 'overall.md']);
    await rm(own, { recursive: true });
  }, 600_000);

  it('count samples in, out and after each op, and progress names the op at work', async () => {
    const seen: Omit<Progress, 'job'>[] = [];
    const job = await request({ process: TEXT_FILTERS }, { onProgress: progress => seen.push(progress) });
    const result = await host.run(job);
    expect(result.samplesIn).toBe(120);
    expect(result.kept.map(({ op }) => op)).toEqual([
      'text_length_filter',
      'special_characters_filter',
      'word_repetition_filter',
    ]);
    expect(result.kept.at(-1)?.kept).toBe(result.samplesOut);
    expect(result.samplesOut).toBeLessThan(120);
    expect(result.versions['py-data-juicer']).toBe('1.6.1');
    expect(seen.map(({ phase }) => phase)).toEqual(
      expect.arrayContaining(['loading', 'special_characters_filter', 'exporting']),
    );
    expect(await readFile(job.log, 'utf8')).toContain('word_repetition_filter');
    expect(await readdir(job.scratch)).not.toContain('cache');
  });

  it.each(['json', 'parquet'])('can be exported as %s', async type => {
    const job = await request({ process: TEXT_FILTERS });
    job.recipe.export_path = String(job.recipe.export_path).replace('.jsonl', `.${type}`);
    const { exportPath } = await host.run(job);
    expect((await readFile(exportPath)).length).toBeGreaterThan(1000);
  });

  it('have plots when they are asked for', async () => {
    const { analysis } = await host.run(
      await request({ process: TEXT_FILTERS.slice(0, 1) }, { action: 'analyze', options: { plots: true } }),
    );
    expect(await readdir(analysis)).toContain('text_len-hist.png');
  });

  it('come from several jobs at once', async () => {
    const jobs = await Promise.all([1, 2, 3].map(() => request({ process: TEXT_FILTERS })));
    const results = await Promise.all(jobs.map(job => host.run(job)));
    expect(new Set(results.map(({ samplesOut }) => samplesOut)).size).toBe(1);
  });
});

describe('a job that cannot give a result says why', () => {
  it.each<[string, JsonObject, RegExp]>([
    ['a missing dataset', { dataset_path: '/nowhere/d.jsonl' }, /the dataset \/nowhere\/d\.jsonl is not there/],
    ['a name on a hub', { dataset_path: 'org/data' }, /org\/data is not there.*not fetched while jobs run/],
    ['an unknown op', { process: [{ text_lenth_filter: {} }] }, /text_lenth_filter.*did you mean: text_length_filter/],
    [
      'an argument of the wrong type',
      { process: [{ text_length_filter: { min_len: 1.5 } }] },
      /min_len.*expects type 'int'/,
    ],
    ['an unknown key', { bogus: 1 }, /refused the recipe: .*bogus/],
    [
      'an op that Ray cannot run',
      { executor_type: 'ray', process: [{ document_deduplicator: {} }] },
      /op document_deduplicator does not run with executor_type ray: .*executor_type: default/,
    ],
    [
      'a cluster of Ray that nobody has started',
      { executor_type: 'ray_partitioned', ray_address: '127.0.0.1:1', process: TEXT_FILTERS },
      /Ray cannot be reached at ray_address 127\.0\.0\.1:1 \(.*refused\): start a cluster there/,
    ],
    ['no text in the dataset', { text_keys: 'content' }, /no key \[content\] in dataset/],
    [
      'a package that is missing',
      { process: [{ fix_unicode_mapper: {} }] },
      /op fix_unicode_mapper needs the Python package ftfy in the Data-Juicer environment: install it there/,
    ],
    [
      'a package and its model that are missing',
      { process: [{ language_id_score_filter: { lang: 'en' } }] },
      /needs the Python package fasttext-predict .*; and the model lid\.176\.bin, .*: fetch https:\S+lid\.176\.bin and put it at \/\S+lid\.176\.bin/,
    ],
    [
      'an op that drops everything',
      { process: [{ text_length_filter: { min_len: 1e9 } }] },
      /no sample is left of 120: op text_length_filter dropped the last.*allow_empty/,
    ],
    [
      'an op that fails everywhere',
      { process: [lambda('1 / 0')] },
      /op python_lambda_mapper failed on \d+ or more samples \(sample 1: ZeroDivisionError: division by zero;/,
    ],
    [
      'an op that ends its process',
      { np: 1, process: [lambda('__import__("os").kill(__import__("os").getpid(), 11)')] },
      /ended by SIGSEGV during python_lambda_mapper/,
    ],
    [
      'an op that exits',
      { np: 1, process: [lambda('__import__("os")._exit(7)')] },
      /exited with code 7 during python_lambda_mapper/,
    ],
  ])('%s', async (_, recipe, reason) => {
    expect(await reasonFor({ process: [], ...recipe })).toMatch(reason);
  });

  it.each<[string, string, RegExp]>([
    ['empty', '', /is empty: it has no sample/],
    ['an empty list', '[]', /is empty: it has no sample/],
    ['broken JSON', '{"text": "a"}\n{"text": \n', /bad \d+\.json cannot be read: .*JSON parse error/],
  ])('a dataset that is %s', async (_, content, reason) => {
    const path = join(folder, `bad ${++made}.json`);
    await writeFile(path, content);
    expect(await reasonFor({ dataset_path: path, process: TEXT_FILTERS })).toMatch(reason);
  });

  it('Ray where the environment has none', async () => {
    const code = `import sys; sys.modules['ray'] = None
from dj_host.on_ray.connection import ray_for
with ray_for({'executor_type': 'ray'}, {}): pass`;
    const cwd = join(pythonFile('data-juicer-host', 'host.py'), '..');
    const { stderr } = await execa(pythonOf('data-juicer'), ['-c', code], { cwd, reject: false });
    expect(stderr).toMatch(/JobError: executor_type ray needs the Python package ray in the Data-Juicer environment/);
  });

  it('no filter to analyse by', async () => {
    const recipe = { process: [{ whitespace_normalization_mapper: {} }] };
    expect(await reasonFor(recipe, { action: 'analyze' })).toMatch(/no op of the recipe computes stats/);
  });

  it('a log is quoted', async () => {
    const error = await host.run(await request({ process: [lambda('1 / 0')] })).catch((reason: JobFailure) => reason);
    expect(error).toMatchObject({ logTail: expect.arrayContaining([expect.stringContaining('JobError')]) });
  });
});

describe('samples on which an op fails', () => {
  const process: JsonObject[] = [
    { video_duration_filter: { min_duration: 0.1 } },
    { video_motion_score_filter: { min_score: 0 } },
  ];

  async function videos(): Promise<string> {
    const dir = join(folder, `videos ${++made}`);
    await mkdir(dir);
    await copyFile(CLIP, join(dir, 'good.mp4'));
    await copyFile(CLIP, join(dir, 'cut.mp4'));
    await truncate(join(dir, 'cut.mp4'), 5000);
    await writeFile(join(dir, 'text.mp4'), 'This is no video.\n'.repeat(200));
    const names = ['good.mp4', 'gone.mp4', 'cut.mp4', 'good.mp4', 'text.mp4'];
    return await writeDataset(
      join(dir, 'videos.jsonl'),
      names.map((name, i) => ({ id: `clip-${i}`, text: '<__dj__video> a clip', videos: [name] })),
    );
  }

  it('fail the job: a file that is missing, truncated or no video is named with its sample', async () => {
    const reason = await reasonFor({ dataset_path: await videos(), process: process.slice(1) });
    expect(reason).toMatch(/op video_motion_score_filter failed on 3 samples/);
    expect(reason).toMatch(/sample 2: video file .*gone\.mp4 is not there/);
    expect(reason).toMatch(/sample 3: .*cut\.mp4 is truncated/);
    expect(reason).toMatch(/sample 5: .*text\.mp4 is not a readable video/);
  });

  it('are left out and counted where that is allowed', async () => {
    const job = await request({ dataset_path: await videos(), process }, { options: { allowFailedSamples: true } });
    const result = await host.run(job);
    expect(result).toMatchObject({ samplesIn: 5, samplesOut: 2, failed: 3 });
    expect(result.notes.join()).toMatch(/failed on 3 samples .*left out/);
  });

  it('do not take the rest of their batch with them', async () => {
    const lines = [{ text: 'a fine text' }, { text: 'boom' }, { text: 'another fine text' }];
    const dataset = await writeDataset(join(folder, `batch ${++made}.jsonl`), lines);
    const op = {
      python_lambda_mapper: {
        batched: true,
        lambda_str: 'lambda batch: batch if "boom" not in batch["text"] else 1 / 0',
      },
    };
    const allowed = await request(
      { dataset_path: dataset, np: 1, process: [op] },
      { options: { allowFailedSamples: true } },
    );
    expect(await host.run(allowed)).toMatchObject({ samplesOut: 2, failed: 1 });
    const strict = await reasonFor({ dataset_path: dataset, np: 1, process: [op] });
    expect(strict).toMatch(/failed on 1 sample \(sample 2: ZeroDivisionError/);
  });

  it('and an empty output may be allowed', async () => {
    const job = await request(
      { process: [{ text_length_filter: { min_len: 1e9 } }] },
      { options: { allowEmpty: true } },
    );
    expect(await host.run(job)).toMatchObject({ samplesOut: 0 });
    expect(await readFile(String(job.recipe.export_path), 'utf8')).toBe('');
  });
});

describe('ends', () => {
  /** A job that sleeps in processes of its own; resolves when it does, with their ids. */
  async function sleeper(on: DataJuicerHost, signal: AbortSignal) {
    const ids = join(folder, `ids ${++made}`);
    const code = `(open(${JSON.stringify(ids)}, "a").write(str(__import__("os").getpid()) + "\\n"), __import__("time").sleep(600))`;
    const job = await request({ np: 2, process: [lambda(code)] }, { signal });
    const running = on.run(job);
    running.catch(() => {});
    const pids = async () =>
      (await readFile(ids, 'utf8').catch(() => '')).trim().split('\n').filter(Boolean).map(Number);
    await until(async () => (await pids()).length >= 2);
    return { running, pids: await pids() };
  }

  it('a cancelled job and every process of it', async () => {
    const controller = new AbortController();
    const { running, pids } = await sleeper(host, controller.signal);
    controller.abort(new Error('not wanted any more'));
    await expect(running).rejects.toThrow('not wanted any more');
    await until(async () => !(await Promise.all(pids.map(alive))).includes(true));
  });

  it('jobs with a killed host, as an error that is worth a retry; the next job starts a new host', async () => {
    const other = new DataJuicerHost();
    const { running, pids } = await sleeper(other, new AbortController().signal);
    process.kill(other.pid!, 'SIGKILL');
    const error = await running.catch((reason: Error) => reason);
    expect(error).toMatchObject({ message: expect.stringMatching(/Data-Juicer process was ended by SIGKILL/) });
    expect(error).not.toBeInstanceOf(JobFailure);
    await until(async () => !(await Promise.all(pids.map(alive))).includes(true));
    expect(await other.run(await request({ process: TEXT_FILTERS }))).toMatchObject({ samplesIn: 120 });
    await other.stop();
  });

  it('the host and its jobs with the end of its input, as when a worker dies', async () => {
    const other = new DataJuicerHost();
    const { running, pids } = await sleeper(other, new AbortController().signal);
    const pid = other.pid!;
    await other.stop();
    await expect(running).rejects.toThrow('Data-Juicer process');
    expect(await alive(pid)).toBe(false);
    await until(async () => !(await Promise.all(pids.map(alive))).includes(true));
  });

  it('before it starts where the environment is missing', async () => {
    const none = new DataJuicerHost(join(folder, 'no-python'));
    await expect(none.run(await request({ process: [] }))).rejects.toThrow(/Data-Juicer environment cannot be started/);
  });
});
