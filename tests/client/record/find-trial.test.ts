import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { chooseJobs } from '../../../client/record/choose-jobs.ts';
import { findTrial } from '../../../client/record/find-trial.ts';
import { workDirsNear } from '../../../client/record/work-dirs-near.ts';
import { jobRecords } from '../../../report/collect/trial-record.ts';

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'dj-find-')));
const workDir = join(folder, 'outputs', 'one');

function writeTrial(where: string, id: string, iterations = [1]): void {
  mkdirSync(join(where, 'trials', id), { recursive: true });
  for (const iteration of iterations) {
    const jobs = [
      { id: 'anonymous.1-look', metaName: 'look', component: 'probe.analyzer', key: 'shared' },
      { id: 'anonymous.2-train', metaName: 'train', component: 'train.command', key: `key-${iteration}` },
    ];
    const plan = { workDir: '/elsewhere', iteration, pipelines: [{ stages: [{ name: 'execution', jobs }] }] };
    writeFileSync(join(where, 'trials', id, `plan-${iteration}.json`), JSON.stringify(plan));
  }
}

beforeAll(() => {
  writeTrial(workDir, 'my-run', [1, 2]);
  for (const n of [1, 2, 10]) writeTrial(workDir, `my-sweep.trial-${n}`);
  mkdirSync(join(workDir, 'sweeps', 'my-sweep'), { recursive: true });
  mkdirSync(join(workDir, 'jobs', 'key-2'), { recursive: true });
  writeFileSync(join(workDir, 'jobs', 'key-2', 'manifest.json'), '{"half');
  vi.spyOn(process, 'cwd').mockReturnValue(folder);
  for (const name of ['TEMPORAL_PROFILE', 'TEMPORAL_CONFIG_FILE']) vi.stubEnv(name, '');
  // Nothing listens there.
  vi.stubEnv('TEMPORAL_ADDRESS', '127.0.0.1:1');
});
afterAll(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

describe('the files of a trial', () => {
  test('are found in a work_dir two folders down, without a server', async () => {
    expect(await workDirsNear(folder)).toEqual([workDir]);
    const found = await findTrial('my-run');
    expect(found).toMatchObject({ workDir, plans: [{ plan: { iteration: 1 } }, { plan: { iteration: 2 } }] });
  });

  test('are those of the work_dir that is named', async () => {
    expect((await findTrial('my-sweep.trial-2', { workDir })).dir).toBe(join(workDir, 'trials', 'my-sweep.trial-2'));
  });

  test('that are not there name the nearest ids, and the work_dirs that were looked in', async () => {
    await expect(findTrial('my-rum', { workDir })).rejects.toMatchObject({
      exitCode: 2,
      message: 'there is no trial my-rum in outputs/one: did you mean my-run?',
    });
    await expect(findTrial('my-rum')).rejects.toMatchObject({
      exitCode: 1,
      message:
        'there is no trial my-rum in outputs/one; no Temporal server answers at 127.0.0.1:1: did you mean my-run?',
    });
    await expect(findTrial('x', { workDir: '/nowhere' })).rejects.toThrow(
      '--work-dir /nowhere: there is no such folder',
    );
  });

  test('of a sweep are those of its trials', async () => {
    for (const options of [{}, { workDir }])
      await expect(findTrial('my-sweep', options)).rejects.toMatchObject({
        exitCode: 2,
        message: 'my-sweep is a sweep: name one of its trials, my-sweep.trial-1 to my-sweep.trial-10',
      });
  });
});

describe('the jobs of a trial', () => {
  test('are those of all iterations, a job with the same key once, and are in the work_dir where it is now', async () => {
    const jobs = await jobRecords(await findTrial('my-run'));
    expect(jobs.map(({ job, iteration, dir }) => [job.metaName, iteration, dir.slice(workDir.length)])).toEqual([
      ['look', 1, '/jobs/shared'],
      ['train', 1, '/jobs/key-1'],
      ['train', 2, '/jobs/key-2'],
    ]);
    expect(jobs.map(({ damaged }) => damaged !== null)).toEqual([false, false, true]);
  });

  test('are chosen by meta_name, in each iteration; another name gives those that are near', async () => {
    const jobs = await jobRecords(await findTrial('my-run'));
    expect(chooseJobs(jobs, 'train').map(({ iteration }) => iteration)).toEqual([1, 2]);
    expect(chooseJobs(jobs, undefined)).toHaveLength(3);
    expect(() => chooseJobs(jobs, 'trian')).toThrow('--job trian: there is no such job; did you mean train?');
  });
});
