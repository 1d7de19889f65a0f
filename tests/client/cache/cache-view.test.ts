import { Ansis } from 'ansis';
import { describe, expect, it } from 'vitest';
import { cacheJson, cacheLines, collectedLines } from '../../../client/cache/cache-view.ts';
import type { CachedJob } from '../../../client/cache/cached-job.ts';
import { columns } from '../../../client/text.ts';

const NOW = Date.UTC(2025, 5, 11, 14);
const plain = { width: 160, paint: new Ansis(0) };

function job(key: string, more: Partial<CachedJob> = {}): CachedJob {
  return {
    key: key.repeat(20),
    dir: `/w/jobs/${key}`,
    state: 'done',
    component: 'process.data-juicer',
    job: 'anonymous.3-filter',
    trial: 'demo-1',
    madeAt: NOW - 5 * 3_600_000,
    usedAt: NOW - 60_000,
    bytes: 3_500_000,
    links: ['demo-1'],
    plans: ['demo-1'],
    note: null,
    ...more,
  };
}

const JOBS = [
  job('a'),
  job('b', { links: ['demo-1', 'demo-2', 'demo-3', 'demo-4'] }),
  job('c', { state: 'damaged', note: 'epoch-1/out/d.jsonl is gone', bytes: 12 }),
  job('d', { state: 'partial', component: null, job: null, trial: null, links: [], note: 'up to checkpoint-20' }),
];

describe('the cache as a table', () => {
  it('has a line a job: key, state, size, age, what it is, who made it and who links to it', () => {
    const lines = cacheLines(JOBS, NOW, plain);
    expect(lines[0]).toMatch(/^KEY +STATE +SIZE +AGE +COMPONENT +JOB +BY TRIAL +LINKED FROM$/);
    expect(lines[1]).toMatch(/^a{20} +done +3\.3 MiB +5 h +process\.data-juicer +anonymous\.3-filter +demo-1 +demo-1$/);
    expect(lines[2]).toMatch(/demo-1, demo-2 and 2 more$/);
    expect(lines[3]).toMatch(/damaged +12 B .* epoch-1\/out\/d\.jsonl is gone$/);
    expect(lines[4]).toMatch(/partial .* \? +\? +\? +up to checkpoint-20$/);
    expect(lines.at(-1)).toBe('4 jobs, 10 MiB: 2 done, 1 damaged, 1 partial');
  });
  it.each([40, 80])('keeps to %i columns', width => {
    for (const line of cacheLines(JOBS, NOW, { ...plain, width })) expect(columns(line)).toBeLessThanOrEqual(width);
  });
  it('says so where nothing is', () => {
    expect(cacheLines([], NOW, plain)).toEqual(['nothing is cached there']);
  });
  it('has times as ISO 8601 in JSON', () => {
    expect(cacheJson(JOBS[0]!)).toMatchObject({
      key: 'a'.repeat(20),
      madeAt: '2025-06-11T09:00:00.000Z',
      links: ['demo-1'],
    });
  });
});

describe('a removal', () => {
  it('says what went, what stayed and what that freed', () => {
    const done = {
      removed: [{ job: JOBS[0]!, why: 'no trial links to it' }],
      kept: [{ job: JOBS[1]!, why: 'a worker runs it' }],
    };
    expect(collectedLines(done, { width: 200, dryRun: false })).toEqual([
      `removed ${'a'.repeat(20)} (process.data-juicer, 3.3 MiB): no trial links to it`,
      `kept ${'b'.repeat(20)} (process.data-juicer, 3.3 MiB): a worker runs it`,
      'removed 1 job, 3.3 MiB',
    ]);
    expect(collectedLines({ ...done, kept: [] }, { width: 200, dryRun: true }).at(-1)).toBe(
      'would remove 1 job, 3.3 MiB',
    );
  });
});
