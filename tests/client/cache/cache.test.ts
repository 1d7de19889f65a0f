import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runJob } from '../../../activities/runtime/run-job.ts';
import type { CachedJob } from '../../../client/cache/cached-job.ts';
import { checkRemovable, jobsByKey } from '../../../client/cache/choose.ts';
import { type CollectRules, collect, collectable } from '../../../client/cache/collect.ts';
import { mayGoOn } from '../../../client/cache/open-trials.ts';
import { readCache } from '../../../client/cache/read-cache.ts';
import { erase, eraseLeftOvers, putBack, setAside } from '../../../client/cache/remove.ts';
import { locked, newWorkDir, planned, published, writer } from './jobs.ts';

const KEY = { a: 'aaaa0000000000000000', b: 'bbbb0000000000000000', c: 'cccc0000000000000000' };
const dirOf = (workDir: string, key: string) => join(workDir, 'jobs', key);
const fileOf = (workDir: string, key: string) => join(dirOf(workDir, key), 'epoch-1', 'out', 'data.bin');

async function one(workDir: string, key: string, options = {}): Promise<CachedJob> {
  return (await readCache(workDir, options)).jobs.find(job => job.key === key)!;
}

describe('what is kept of a job', () => {
  it('is listed with who made it, its size and which trials link to it', async () => {
    const workDir = await newWorkDir();
    await published(workDir, KEY.a, 'first', 5000);
    await published(workDir, KEY.a, 'second');
    const job = await one(workDir, KEY.a);
    expect(job).toMatchObject({ state: 'done', component: 'test.job', job: 'p.1-a', trial: 'first', note: null });
    expect(job.links).toEqual(['first', 'second']);
    expect(job.bytes).toBeGreaterThan(5000);
    expect(job.bytes).toBeLessThan(10_000);
    expect(job.usedAt).toBeGreaterThanOrEqual(job.madeAt);
  });

  it('is partial, and known by a plan that names it, where it ended half-way', async () => {
    const workDir = await newWorkDir();
    const ref = await planned(workDir, KEY.a, 'first');
    const failing = writer(1, () => Promise.reject(new Error('no')));
    await expect(runJob(failing, ref, locked())).rejects.toThrow('no');
    expect(await one(workDir, KEY.a)).toMatchObject({ state: 'partial', component: 'test.job', trial: 'first' });
  });

  it('is held where its program saved its state and gave its host back', async () => {
    const workDir = await newWorkDir();
    const run = join(dirOf(workDir, KEY.a), 'epoch-1');
    await mkdir(run, { recursive: true });
    await writeFile(join(run, 'exit.json'), JSON.stringify({ why: 'held', checkpoint: 'checkpoint-40' }));
    expect(await one(workDir, KEY.a)).toMatchObject({ state: 'held', note: 'checkpoint-40', component: null });
  });

  it('is damaged where a file is gone, has another size, or its manifest is no JSON', async () => {
    const workDir = await newWorkDir();
    for (const key of Object.values(KEY)) await published(workDir, key, 'first');
    await rm(fileOf(workDir, KEY.a));
    await writeFile(fileOf(workDir, KEY.b), 'short');
    await writeFile(join(dirOf(workDir, KEY.c), 'manifest.json'), '{"version": 1');
    expect(await one(workDir, KEY.a)).toMatchObject({ state: 'damaged', note: 'epoch-1/out/data.bin is gone' });
    expect(await one(workDir, KEY.b)).toMatchObject({
      state: 'damaged',
      note: 'epoch-1/out/data.bin has 5 bytes instead of 1000',
    });
    expect(await one(workDir, KEY.c)).toMatchObject({ state: 'damaged', note: 'its manifest cannot be read' });
  });

  it('is damaged with other contents of the same size, where contents are compared', async () => {
    const workDir = await newWorkDir();
    await published(workDir, KEY.a, 'first');
    await writeFile(fileOf(workDir, KEY.a), 'y'.repeat(1000));
    expect(await one(workDir, KEY.a)).toMatchObject({ state: 'done' });
    expect(await one(workDir, KEY.a, { verify: true })).toMatchObject({
      state: 'damaged',
      note: 'epoch-1/out/data.bin has other contents than were published',
    });
  });

  it('is nothing in a work_dir in which nothing ran', async () => {
    expect((await readCache(await newWorkDir())).jobs).toEqual([]);
  });
});

describe('a job that runs', () => {
  /** Runs a job until the test lets it end. */
  async function running(workDir: string) {
    const ref = await planned(workDir, KEY.a, 'first');
    let begun = () => {};
    let end = () => {};
    const started = new Promise<void>(resolve => {
      begun = resolve;
    });
    const ended = new Promise<void>(resolve => {
      end = resolve;
    });
    const component = writer(1000, () => {
      begun();
      return ended;
    });
    const done = runJob(component, ref, locked());
    await started;
    return { end, done };
  }

  it('survives every removal, and its result is published after it', async () => {
    const workDir = await newWorkDir();
    const { end, done } = await running(workDir);
    const job = await one(workDir, KEY.a);
    expect(job).toMatchObject({ state: 'running', note: 'a worker runs it' });
    expect(collectable([job], { olderThanMs: 1, partial: true, goesOn: () => false, now: Date.now() + 1e12 })).toEqual(
      [],
    );
    expect(await collect(workDir, [{ job, why: '' }])).toMatchObject({
      removed: [],
      kept: [{ why: 'a worker runs it' }],
    });
    expect(() => checkRemovable([job], { force: true, goesOn: () => false })).toThrow('stop that first');
    end();
    expect(await done).toMatchObject({ reused: false });
    expect(await one(workDir, KEY.a, { verify: true })).toMatchObject({ state: 'done', note: null });
  });

  it('is one whose claim is renewed by another host, until that was not heard of for long', async () => {
    const workDir = await newWorkDir();
    const run = join(dirOf(workDir, KEY.a), 'epoch-1');
    await mkdir(run, { recursive: true });
    const claim = join(run, 'claim.json');
    await writeFile(claim, JSON.stringify({ trial: 'far', host: 'elsewhere', hostQueue: 'q', graceMs: 30 * 60_000 }));
    await writeFile(join(run, 'supervisor.json'), JSON.stringify({ pid: 1, boot: 'another', start: 1 }));
    const heardOf = async (minutes: number) => {
      const at = new Date(Date.now() - minutes * 60_000);
      await utimes(claim, at, at);
      return (await one(workDir, KEY.a)).state;
    };
    expect(await heardOf(0)).toBe('running');
    // Its program may go on for the grace time.
    expect(await heardOf(29)).toBe('running');
    expect((await one(workDir, KEY.a)).note).toBe('trial far runs it on elsewhere');
    expect(await heardOf(60)).toBe('partial');
    await writeFile(join(run, 'exit.json'), JSON.stringify({ why: 'exited' }));
    expect(await heardOf(29)).toBe('partial');
  });

  it('leaves a lock behind when its worker is killed, which does not keep the job for ever', async () => {
    const workDir = await newWorkDir();
    const lock = join(dirOf(workDir, KEY.a), 'run.lock');
    await mkdir(lock, { recursive: true });
    const long = new Date(Date.now() - 120_000);
    await utimes(lock, long, long);
    expect(await one(workDir, KEY.a)).toMatchObject({ state: 'partial' });
    expect(await setAside(dirOf(workDir, KEY.a))).toMatchObject({ aside: expect.any(String) });
  });
});

describe('removal', () => {
  it('of a folder for whose lock a job waits only has that job begin in a new one', async () => {
    const workDir = await newWorkDir();
    const dir = dirOf(workDir, KEY.a);
    const ref = await planned(workDir, KEY.a, 'first');
    await mkdir(join(dir, 'run.lock'), { recursive: true });
    const done = runJob(writer(10), ref, locked());
    await rename(dir, join(workDir, 'jobs', '.removed'));
    expect(await done).toMatchObject({ reused: false });
    expect(await one(workDir, KEY.a)).toMatchObject({ state: 'done' });
  });

  it('takes a result away in one step: whoever looks finds all of it or nothing', async () => {
    const workDir = await newWorkDir();
    await published(workDir, KEY.a, 'first');
    const done = await setAside(dirOf(workDir, KEY.a));
    if ('kept' in done) throw new Error(done.kept);
    expect(await readdir(join(workDir, 'jobs'))).toEqual([expect.stringMatching(/^\.removed-aaaa/)]);
    expect((await readCache(workDir)).jobs).toEqual([]);
    expect(existsSync(join(done.aside, 'manifest.json'))).toBe(true);
    await erase(done.aside);
    expect(await readdir(join(workDir, 'jobs'))).toEqual([]);
    // The next trial that needs it makes it again.
    await published(workDir, KEY.a, 'second');
    expect(await one(workDir, KEY.a, { verify: true })).toMatchObject({ state: 'done', trial: 'second' });
  });

  it('does not take what a job that waits for the lock would then miss', async () => {
    const workDir = await newWorkDir();
    const done = await Promise.all(
      Array.from({ length: 8 }, async (_, i) => {
        if (i % 2 === 0) return await published(workDir, KEY.a, `t${i}`);
        const { jobs } = await readCache(workDir);
        return await collect(
          workDir,
          jobs.map(job => ({ job, why: '' })),
        );
      }),
    );
    expect(done).toHaveLength(8);
    await published(workDir, KEY.a, 'last');
    expect(await one(workDir, KEY.a, { verify: true })).toMatchObject({ state: 'done' });
  });

  it('gives a result back to a trial that linked to it just before', async () => {
    const workDir = await newWorkDir();
    await published(workDir, KEY.a, 'first');
    const job = { ...(await one(workDir, KEY.a)), links: [] };
    const collected = await collect(workDir, [{ job, why: '' }]);
    expect(collected).toMatchObject({ removed: [], kept: [{ why: 'trial first has just linked to it' }] });
    expect(await one(workDir, KEY.a, { verify: true })).toMatchObject({ state: 'done' });
    expect(await readdir(dirOf(workDir, KEY.a))).not.toContain('run.lock');
  });

  it('leaves a newer result alone that took the place meanwhile', async () => {
    const workDir = await newWorkDir();
    await published(workDir, KEY.a, 'first');
    const done = await setAside(dirOf(workDir, KEY.a));
    if ('kept' in done) throw new Error(done.kept);
    await published(workDir, KEY.a, 'second');
    expect(await putBack(dirOf(workDir, KEY.a), done.aside)).toBe(false);
    expect(await one(workDir, KEY.a)).toMatchObject({ trial: 'second' });
  });

  it('that was killed half-way is finished by a later one', async () => {
    const workDir = await newWorkDir();
    await published(workDir, KEY.a, 'first');
    await setAside(dirOf(workDir, KEY.a));
    await eraseLeftOvers(workDir);
    expect(await readdir(join(workDir, 'jobs'))).toHaveLength(1);
    await eraseLeftOvers(workDir, Date.now() + 2 * 60 * 60_000);
    expect(await readdir(join(workDir, 'jobs'))).toEqual([]);
  });

  it('of something that is gone already says so', async () => {
    const workDir = await newWorkDir();
    await mkdir(join(workDir, 'jobs'));
    expect(await setAside(dirOf(workDir, KEY.a))).toEqual({ kept: 'it is gone already' });
  });
});

describe('a trial', () => {
  const now = 1e12;
  const minutes = (n: number) => now - n * 60_000;
  it.each([
    ['goes on where the server says so, however long ago it was planned', null, minutes(9000), true],
    ['goes on where it was just planned, and the server does not list it yet', undefined, minutes(1), true],
    ['goes on where only an earlier run of its id has ended', minutes(5), minutes(1), true],
    ['has ended where the server lists its end', minutes(1), minutes(5), false],
    ['has ended where the server no longer knows it', undefined, minutes(60), false],
  ])('%s', (_, closedAt, plannedAt, expected) => {
    expect(mayGoOn(closedAt, plannedAt, now)).toBe(expected);
  });
});

describe('what may go', () => {
  const DAY = 86_400_000;
  const now = 1000 * DAY;
  const rules: CollectRules = { olderThanMs: null, partial: false, goesOn: () => false, now };
  const job = (more: Partial<CachedJob>): CachedJob => ({
    key: 'k',
    dir: '/jobs/k',
    state: 'done',
    component: 'c',
    job: 'j',
    trial: 't',
    madeAt: now - 50 * DAY,
    usedAt: now - 40 * DAY,
    bytes: 1,
    links: ['t'],
    plans: ['t'],
    note: null,
    ...more,
  });
  const goes = (more: Partial<CachedJob>, changed: Partial<CollectRules> = {}) =>
    collectable([job(more)], { ...rules, ...changed })[0]?.why ?? null;

  it('is what no trial links to', () => {
    expect(goes({})).toBeNull();
    expect(goes({ links: [] })).toBe('no trial links to it');
    expect(goes({ links: [], state: 'damaged' })).toBe('no trial links to it');
  });
  it('is what has not been used for long, where that is asked', () => {
    expect(goes({}, { olderThanMs: 30 * DAY })).toBe('not used for 40 days');
    expect(goes({}, { olderThanMs: 45 * DAY })).toBeNull();
  });
  it('is what was not finished only where that is asked', () => {
    expect(goes({ state: 'partial', links: [] })).toBeNull();
    expect(goes({ state: 'held', links: [] }, { partial: true })).toBe('was not finished');
  });
  it('is never what a trial that goes on needs, also later, or holds', () => {
    const goesOn = (trial: string) => trial === 'open';
    const all = { olderThanMs: 1, partial: true, goesOn };
    expect(goes({ links: [], plans: ['old', 'open'] }, all)).toBeNull();
    expect(goes({ state: 'held', links: [], plans: ['open'] }, all)).toBeNull();
    expect(goes({ links: [], plans: ['old'] }, all)).toBe('no trial links to it');
  });

  it('by key: the beginning of one is enough where only one has it', () => {
    const jobs = [job({ key: 'abc1' }), job({ key: 'abd2' })];
    expect(jobsByKey(jobs, ['abc', 'abd2', 'abc1']).map(({ key }) => key)).toEqual(['abc1', 'abd2']);
    expect(() => jobsByKey(jobs, ['ab'])).toThrow('ab is the beginning of 2 keys: give more digits of it');
    expect(() => jobsByKey(jobs, ['abx1'])).toThrow('no job with key abx1 is cached there: did you mean abc1 or abd2?');
  });
  it('by key: not what trials have, unless forced', () => {
    const goesOn = (trial: string) => trial === 'open';
    expect(() => checkRemovable([job({})], { force: false, goesOn })).toThrow(
      'is linked from trial t (--force removes it)',
    );
    expect(() => checkRemovable([job({ plans: ['open'] })], { force: false, goesOn })).toThrow(
      'is in the plan of trial open, which may go on',
    );
    expect(() => checkRemovable([job({})], { force: true, goesOn })).not.toThrow();
    expect(() => checkRemovable([job({ links: [] })], { force: false, goesOn })).not.toThrow();
  });
});

it('a manifest that is read while its result is removed is whole or absent', async () => {
  const workDir = await newWorkDir();
  await published(workDir, KEY.a, 'first', 200_000);
  const manifest = join(dirOf(workDir, KEY.a), 'manifest.json');
  let gone = false;
  const reading = (async () => {
    while (!gone) {
      const text = await readFile(manifest, 'utf8').catch(() => null);
      gone = text === null;
      if (text !== null) expect(JSON.parse(text).key).toBe(KEY.a);
    }
  })();
  const { jobs } = await readCache(workDir);
  await rm(join(workDir, 'trials'), { recursive: true });
  await collect(
    workDir,
    jobs.map(job => ({ job: { ...job, links: [] }, why: '' })),
  );
  await reading;
  expect(existsSync(dirOf(workDir, KEY.a))).toBe(false);
});
