// Two trials of one work_dir as workers leave them: the second takes what the first made, and has jobs of its own.
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Ansis } from 'ansis';
import stringWidth from 'string-width';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { explainLines } from '../../../client/explain/explain-view.ts';
import { type Asked, attemptsIn } from '../../../client/explain/history.ts';
import { readTrialRecord } from '../../../report/collect/trial-record.ts';
import { explainTrial, type JobExplained } from '../../../report/explain/explain-trial.ts';
import { job as jobStatus, progress, snapshot } from '../snapshots.ts';

const workDir = mkdtempSync(join(tmpdir(), 'dj-explain-'));
const FIRST = Date.UTC(2025, 5, 11, 14, 0, 0);
const SECOND = FIRST + 3_600_000;

function write(path: string, value: unknown): void {
  const file = join(workDir, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify(value));
}

const planJob = (n: number, name: string, key: string, more: object = {}) => ({
  id: `p.${n}-${name}`,
  metaName: name,
  component: `test.${name}`,
  componentVersion: 1,
  key,
  cache: true,
  config: { dj_configs: null, extra_configs: { lr: 1 } },
  inputs: [],
  edges: [],
  needs: [],
  reads: [],
  writes: [],
  ...more,
});

function plan(trial: string, at: number, jobs: object[]): void {
  const path = `trials/${trial}/plan-1.json`;
  write(path, { workDir, iteration: 1, pipelines: [{ name: 'p', stages: [{ name: 'execution', jobs }] }] });
  utimesSync(join(workDir, path), at / 1000, at / 1000);
}

function manifest(key: string, trial: string, at: number, more: object = {}): void {
  const finishedAt = new Date(at).toISOString();
  write(`jobs/${key}/manifest.json`, {
    key,
    trial,
    host: 'host-1',
    seconds: 42,
    finishedAt,
    devices: [],
    metrics: {},
    ...more,
  });
}

const read = (sha256: string) => [
  { at: 'dj_configs.dataset_path', path: '/data/a.jsonl', kind: 'dataset', fingerprint: sha256 },
];
const from = (job: string) => [{ into: 'extra_configs.data', from: 'x', ref: { job, output: 'res_0', nested: [] } }];

beforeAll(() => {
  plan('first', FIRST, [
    planJob(1, 'look', 'look', { reads: read('aa') }),
    planJob(2, 'filter', 'filter-1', { reads: read('aa') }),
    planJob(3, 'train', 'train-1', { inputs: from('p.2-filter') }),
  ]);
  manifest('look', 'first', FIRST + 60_000);
  plan('second', SECOND, [
    planJob(1, 'look', 'look', { reads: read('aa') }),
    planJob(2, 'filter', 'filter-2', { reads: read('bb'), config: { dj_configs: null, extra_configs: { lr: 2 } } }),
    planJob(3, 'train', 'train-2', { inputs: from('p.2-filter') }),
    planJob(4, 'score', 'score'),
    planJob(5, 'again', 'again', { cache: false }),
    planJob(6, 'later', 'later'),
  ]);
  manifest('filter-2', 'second', SECOND + 60_000);
  manifest('train-2', 'second', SECOND + 120_000, { devices: ['0', '1'] });
  manifest('again', 'second', SECOND + 180_000);
  const ended = { code: null, signal: 'SIGKILL', furthest: 50, total: 100, t: 30 };
  write('jobs/train-2/epoch-2/segments.json', [
    { segment: 1, epoch: 1, from: null, step: 0, t: 0, restart: false, skipped: [], ended: { why: 'died', ...ended } },
    {
      segment: 2,
      epoch: 2,
      from: 'checkpoint-40',
      step: 40,
      t: 31,
      restart: true,
      skipped: ['checkpoint-50 is torn'],
      ended: { why: 'exited', code: 0, signal: null, furthest: 100, total: 100, t: 91 },
    },
  ]);
  write('jobs/score/epoch-1/exit.json.told-1', {
    segment: 1,
    epoch: 1,
    code: 3,
    signal: null,
    why: 'exited',
    detail: null,
    final: true,
  });
});
afterAll(() => rmSync(workDir, { recursive: true }));

async function explained(asked: Asked | null = null): Promise<Map<string, JobExplained>> {
  const jobs = await explainTrial((await readTrialRecord(workDir, 'second'))!, asked);
  return new Map(jobs.map(job => [job.job.replace(/^p\.\d-/, ''), job]));
}

describe('from the files alone', () => {
  test('a job that was found done names the trial that made it, when and where', async () => {
    const { state, because, madeBy } = (await explained()).get('look')!;
    expect({ state, madeBy }).toEqual({ state: 'reused', madeBy: 'first' });
    expect(because).toEqual([
      'found done: trial first made it 59 min before (2025-06-11 14:01:00 UTC), in 42s on host-1',
    ]);
  });

  test('a job that ran says in what it is another than that of the newest trial before', async () => {
    const jobs = await explained();
    expect(jobs.get('filter')!.because).toEqual([
      'ran 42s: it is not the one of trial first: extra_configs.lr is 2, not 1; other content of /data/a.jsonl',
    ]);
    expect(jobs.get('train')!.because[0]).toBe(
      'ran 42s: it is not the one of trial first: another result of p.2-filter',
    );
    expect(jobs.get('again')!.because[0]).toBe('ran 42s: its results are not kept for others (cache: false)');
  });

  test('a training that was started again says from which checkpoint, and why', async () => {
    const { because, devices, host, runs } = (await explained()).get('train')!;
    expect({ devices, host, runs }).toEqual({ devices: ['0', '1'], host: 'host-1', runs: 2 });
    expect(because.slice(1)).toEqual([
      'segment 1 (run 1) from the beginning: it died (SIGKILL) at step 50 of 100 after 30s',
      'checkpoint-50 is torn',
      'segment 2 (run 2) from checkpoint-40, started again as the one before came to grief: it ended at step 100 of 100 after 1:00',
    ]);
  });

  test('a job that failed says how its program ended; one that was not reached, that it has not begun', async () => {
    const jobs = await explained();
    expect(jobs.get('score')).toMatchObject({
      state: 'failed',
      because: ['failed: its program ended with exit code 3'],
    });
    expect(jobs.get('later')).toMatchObject({ state: 'pending', because: ['has not begun'] });
  });

  test.each([20, 40, 80, 200])('no line is wider than %i columns', async width => {
    const record = (await readTrialRecord(workDir, 'second'))!;
    const jobs = await explainTrial(record, null);
    const said = { state: 'failed', why: `${'因为🎬'.repeat(100)} <script> \u001b[2J` };
    for (const line of explainLines(record, jobs, { width, paint: new Ansis(0), said })) {
      expect(stringWidth(line), line).toBeLessThanOrEqual(width);
      expect(line).not.toMatch(/\p{Cc}/u);
    }
  });
});

test('with a server the attempts and their failures are told, and the state that the workflow knows', async () => {
  const status = { ...jobStatus(4, 'test.score', 'score', 'failed'), id: 'p.4-score' };
  const error = { job: 'p.4-score', why: 'the disk is full', logTail: [], log: '/w/log.txt' };
  const seen = snapshot(progress([{ ...status, error }]), { id: 'second', status: 'FAILED' });
  const attempted = [
    {
      job: 'p.4-score',
      activity: 'test.score',
      part: 'motion',
      attempt: 3,
      ended: 'failed' as const,
      why: 'no space left',
    },
    { job: 'p.2-filter', activity: 'test.filter', part: null, attempt: 2, ended: 'done' as const, why: 'worker gone' },
    { job: 'p.1-look', activity: 'test.look', part: null, attempt: 1, ended: 'done' as const, why: null },
  ];
  const jobs = await explained({ snapshot: seen, attempted });
  expect(jobs.get('score')!.because).toEqual([
    'failed: the disk is full',
    'log: /w/log.txt',
    'test.score (motion), attempt 3: failed; no space left',
  ]);
  expect(jobs.get('filter')!.because.at(-1)).toBe('test.filter, attempt 2: done; the attempt before: worker gone');
  expect(jobs.get('look')!.because).toHaveLength(1);
});

test('a history tells of activities that worked on jobs: which attempt ended how', () => {
  const payload = (value: unknown) => ({
    metadata: { encoding: Buffer.from('json/plain') },
    data: Buffer.from(JSON.stringify(value)),
  });
  const scheduled = (id: number, name: string, input: unknown) => ({
    eventId: id,
    activityTaskScheduledEventAttributes: { activityType: { name }, input: { payloads: [payload(input)] } },
  });
  const events = [
    scheduled(5, 'compileTrial', { input: {} }),
    scheduled(6, 'claimJob', { job: 'p.1-x' }),
    {
      eventId: 7,
      activityTaskStartedEventAttributes: { scheduledEventId: 6, attempt: 4, lastFailure: { message: 'busy' } },
    },
    { eventId: 8, activityTaskCompletedEventAttributes: { scheduledEventId: 6 } },
    scheduled(9, 'train.x', { job: 'p.1-x', part: 'a' }),
    { eventId: 10, activityTaskStartedEventAttributes: { scheduledEventId: 9, attempt: 1 } },
    {
      eventId: 11,
      activityTaskTimedOutEventAttributes: {
        scheduledEventId: 9,
        failure: { message: 'timeout', cause: { message: 'no heartbeat' } },
      },
    },
  ];
  expect(attemptsIn({ events } as never)).toEqual([
    { job: 'p.1-x', activity: 'claimJob', part: null, attempt: 4, ended: 'done', why: 'busy' },
    { job: 'p.1-x', activity: 'train.x', part: 'a', attempt: 1, ended: 'timed out', why: 'no heartbeat' },
  ]);
});
