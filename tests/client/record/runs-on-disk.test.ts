import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { RunRow } from '../../../client/record/runs/run-row.ts';
import { nothingSeen, runsOnDisk } from '../../../client/record/runs/runs-on-disk.ts';
import { newWorkDir, put, putSweep, putTrial, START } from '../../support/work-dir.ts';

let workDir: string;
let remove: () => void;
beforeEach(() => {
  ({ workDir, remove } = newWorkDir());
});
afterEach(() => remove());

const ONE = { jobs: [{ metaName: 'look' }] };
const inJob = (key: string, ...path: string[]) => join(workDir, 'jobs', key, ...path);
const exit = (record: object) =>
  JSON.stringify({ segment: 1, epoch: 1, code: 0, signal: null, why: 'exited', ...record });

/** The only row, or the one of that id. */
async function row(id?: string): Promise<RunRow | undefined> {
  const rows = await runsOnDisk([workDir]);
  return id === undefined ? rows[0] : rows.find(each => each.id === id);
}

describe('a trial from its files', () => {
  test('that ended has its end from its context, and the objective that its first target is about', async () => {
    const iterTargets = [
      { key: 'anonymous.score.res_0', ref: { job: '', output: '', nested: [] }, op: '>=', value: 1 },
    ];
    putTrial(workDir, 'my-run', {
      jobs: [{ metaName: 'train' }, { metaName: 'score', stage: 'evaluation' }],
      context: { anonymous: { score: { res_0: 0.75 } } },
      plan: { iterTargets },
    });
    expect(await row()).toEqual({
      id: 'my-run',
      kind: 'trial',
      parent: null,
      state: 'done',
      project: 'clips',
      experiment: 'try',
      stage: '',
      job: '',
      progress: { done: 2, total: 2 },
      objective: { name: 'anonymous.score.res_0', value: 0.75, goal: 'maximize' },
      startedAt: START,
      closedAt: START + 90_000,
      workDir,
    });
  });

  test('that was started again is not done because the first one was', async () => {
    putTrial(workDir, 'my-run', { ...ONE, context: {} });
    putTrial(workDir, 'my-run', { jobs: [{ metaName: 'other', metrics: null }], at: START + 100_000 });
    expect(await row()).toMatchObject({ state: 'unfinished', progress: { done: 0, total: 1 } });
  });

  test('runs while a claim of one of its jobs is renewed, and is unfinished once nobody renews it', async () => {
    putTrial(workDir, 'my-run', { jobs: [{ metaName: 'look' }, { metaName: 'train', key: 'k', metrics: null }] });
    put(inJob('k', 'epoch-1', 'claim.json'), '{}');
    expect(await row()).toMatchObject({
      state: 'running',
      stage: 'execution',
      job: 'train',
      progress: { done: 1, total: 2 },
      closedAt: null,
    });
    put(inJob('k', 'epoch-1', 'claim.json'), '{}', START);
    expect(await row()).toMatchObject({ state: 'unfinished', job: 'train' });
  });

  test.each([
    ['failed', { code: 1 }],
    ['failed', { code: null, signal: 'SIGKILL', why: 'died' }],
    ['waiting', { why: 'held' }],
    ['stopped', { code: null, signal: 'SIGTERM', why: 'stopped' }],
    ['unfinished', { why: 'deadline', code: null, signal: 'SIGTERM' }],
  ])('is %s as the program of its job ended: %o', async (state, record) => {
    putTrial(workDir, 'my-run', { jobs: [{ metaName: 'train', key: 'k', metrics: null }] });
    put(inJob('k', 'epoch-1', 'exit.json'), exit(record), START + 5_000);
    expect(await row()).toMatchObject({ state, job: 'train' });
  });

  test('that has no plan that can be read is left out, and so is a work_dir that is not there', async () => {
    put(join(workDir, 'trials', 'torn', 'plan-1.json'), '{"half');
    put(join(workDir, 'trials', 'odd', 'plan-1.json'), '[]');
    mkdirSync(join(workDir, 'trials', 'empty'));
    expect(await runsOnDisk([workDir, join(workDir, 'nowhere')])).toEqual([]);
  });
});

describe('a sweep from its ledger', () => {
  test('has its best trial as objective, and its trials below it, whether their files are there or not', async () => {
    putSweep(workDir, 's', [0.5, 0.9, null]);
    putTrial(workDir, 's.trial-1', { ...ONE, project: 'clips', experiment: 'sweep' });
    expect(await row('s')).toMatchObject({
      kind: 'sweep',
      state: 'done',
      project: 'clips',
      experiment: 'sweep',
      progress: { done: 3, total: 3 },
      objective: { name: 'score.quality', value: 0.9, goal: 'maximize' },
    });
    const trials = (await runsOnDisk([workDir])).filter(({ parent }) => parent === 's');
    expect(trials.map(({ id, state }) => [id, state]).sort()).toEqual([
      ['s.trial-1', 'done'],
      ['s.trial-2', 'done'],
      ['s.trial-3', 'failed'],
    ]);
  });

  test('that goes on has of its trials what their own files tell', async () => {
    putSweep(workDir, 's', [0.5, undefined], null);
    putTrial(workDir, 's.trial-2', { jobs: [{ metaName: 'train', key: 'k', metrics: null }] });
    put(inJob('k', 'epoch-1', 'claim.json'), '{}');
    expect(await row('s')).toMatchObject({ state: 'running', closedAt: null });
    expect(await row('s.trial-2')).toMatchObject({ state: 'running', job: 'train', parent: 's' });
  });

  test('whose ledger cannot be read is left out; its trials are listed by themselves', async () => {
    put(join(workDir, 'sweeps', 's', 'decisions.jsonl'), 'no JSON\n');
    putTrial(workDir, 's.trial-1', { ...ONE, context: {} });
    expect(await runsOnDisk([workDir])).toMatchObject([{ id: 's.trial-1', kind: 'trial' }]);
  });
});

test('a study that goes on is known by its trials, one that ended by its table', async () => {
  mkdirSync(join(workDir, 'studies', 'p'), { recursive: true });
  putTrial(workDir, 'p.trial-1', { ...ONE, experiment: 'pools pools', context: {} });
  putTrial(workDir, 'p.trial-2', { ...ONE, experiment: 'pools', context: {}, at: START + 5_000 });
  expect(await row('p')).toMatchObject({
    kind: 'study',
    state: 'unfinished',
    experiment: 'pools',
    progress: { done: 2 },
  });
  const point = (mean: number | null) => ({ mean });
  put(
    join(workDir, 'studies', 'p', 'study.json'),
    JSON.stringify({
      state: 'done',
      project: 'clips',
      experiment: 'pools',
      spec: { metric: { name: 'score.quality', goal: 'minimize' } },
      counts: { begun: 4, running: 0, waiting: 0, done: 3, failed: 1, stopped: 0 },
      stages: [{ points: [point(3), point(null)] }, { points: [point(2)] }],
      startedAt: START,
      finishedAt: START + 1000,
    }),
  );
  expect(await row('p')).toMatchObject({
    state: 'done',
    progress: { done: 4, total: 4 },
    objective: { name: 'score.quality', value: 2, goal: 'minimize' },
  });
});

test('the files of a trial that has ended are read once where what was seen is handed in again', async () => {
  for (let n = 1; n <= 40; n += 1)
    putTrial(workDir, `run-${n}`, { jobs: [{ metaName: 'x', key: 'k' }], context: {}, at: START + n });
  const seen = nothingSeen();
  const first = await runsOnDisk([workDir], seen);
  // Were a plan read again, the trial would no longer be there.
  for (let n = 1; n <= 40; n += 1) put(join(workDir, 'trials', `run-${n}`, 'plan-1.json'), 'no JSON');
  expect(await runsOnDisk([workDir], seen)).toEqual(first);
  expect(first.map(({ id }) => id).slice(0, 2)).toEqual(['run-40', 'run-39']);
  rmSync(join(workDir, 'trials', 'run-40'), { recursive: true });
  expect(await runsOnDisk([workDir], seen)).toHaveLength(39);
});
