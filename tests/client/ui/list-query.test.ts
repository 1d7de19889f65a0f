import { describe, expect, test } from 'vitest';
import { listing, listPath, ROWS_A_PAGE, readListQuery } from '../../../client/ui/list-query.ts';
import type { SeenRun } from '../../../client/ui/runs.ts';
import { START } from '../../support/work-dir.ts';

function run(id: string, more: Partial<SeenRun> = {}): SeenRun {
  return {
    id,
    kind: 'trial',
    parent: null,
    state: 'done',
    project: 'clips',
    experiment: 'try',
    stage: '',
    job: '',
    progress: null,
    objective: null,
    startedAt: START,
    closedAt: START + 1_000,
    workDir: '/w',
    place: 'p',
    onServer: false,
    ...more,
  };
}

const query = (text = '') => readListQuery(new URLSearchParams(text));
const objective = (value: number) => ({ name: 'score', value, goal: 'maximize' as const });
const SWEEP = [
  run('s', { kind: 'sweep', state: 'running', closedAt: null }),
  run('s.trial-1', { parent: 's', objective: objective(0.2) }),
  run('s.trial-10', { parent: 's', objective: objective(0.9) }),
  run('s.trial-2', { parent: 's', state: 'failed', objective: objective(Number.NaN) }),
];
const RUNS = [
  run('alone', { startedAt: START + 5, project: 'texts' }),
  ...SWEEP,
  run('orphan.trial-1', { parent: 'gone' }),
];
const ids = (text: string) => listing(RUNS, query(text)).rows.map(row => row.run.id);

describe('a list', () => {
  test('has the trials of a sweep below it, and those whose sweep is gone by themselves', () => {
    const { rows } = listing(RUNS, query('open=p/s'));
    expect(rows.map(row => row.run.id)).toEqual(['alone', 's', 'orphan.trial-1']);
    expect(rows[1]!.trials).toMatchObject({
      count: 3,
      shown: [{ id: 's.trial-1' }, { id: 's.trial-2' }, { id: 's.trial-10' }],
    });
    expect(Object.fromEntries(rows[1]!.trials!.states)).toEqual({ done: 2, failed: 1 });
    expect(listing(RUNS, query()).rows[1]!.trials!.shown).toEqual([]);
  });

  test.each([
    ['q=trial-1', ['s.trial-1', 's.trial-10', 'orphan.trial-1']],
    ['q=TRIAL+s.+10', ['s.trial-10']],
    ['q=nothing', []],
    ['state=failed', []],
    ['state=failed&kind=trial', ['s.trial-2']],
    ['kind=sweep', ['s']],
    ['project=texts', ['alone']],
    ['of=p/s&sort=objective', ['s.trial-1', 's.trial-10', 's.trial-2']],
    ['of=p/s&sort=objective&order=desc', ['s.trial-10', 's.trial-1', 's.trial-2']],
    ['of=p/s&sort=run', ['s.trial-1', 's.trial-2', 's.trial-10']],
    ['sort=took', ['s', 'orphan.trial-1', 'alone']],
  ])('%s shows %o', (text, expected) => {
    expect(ids(text)).toEqual(expected);
  });

  test('of 10,000 runs shows a page at a time, each run once, and the last page where one beyond it is asked for', () => {
    const many = Array.from({ length: 10_000 }, (_, n) => run(`run-${n}`, { startedAt: START + n }));
    const began = performance.now();
    const first = listing(many, query());
    console.log(`a page of 10,000 runs: ${(performance.now() - began).toFixed(0)} ms`);
    expect(first).toMatchObject({ count: 10_000, page: 1, pages: 200 });
    expect(first.rows).toHaveLength(ROWS_A_PAGE);
    expect(first.rows[0]!.run.id).toBe('run-9999');
    const last = listing(many, query('page=999999'));
    expect(last.page).toBe(200);
    expect(last.rows.at(-1)!.run.id).toBe('run-0');
    const seen = new Set([1, 2, 200].flatMap(page => listing(many, query(`page=${page}`)).rows.map(row => row.run.id)));
    expect(seen.size).toBe(3 * ROWS_A_PAGE);
  });

  test('of a sweep with thousands of trials shows the first of them, and counts all', () => {
    const trials = Array.from({ length: 5_000 }, (_, n) => run(`s.trial-${n + 1}`, { parent: 's' }));
    const [row] = listing([run('s', { kind: 'sweep' }), ...trials], query('open=p/s')).rows;
    expect(row!.trials!.count).toBe(5_000);
    expect(row!.trials!.shown).toHaveLength(25);
  });
});

describe('the address of a list', () => {
  test('that makes no sense is as if it were not there', () => {
    expect(query('sort=__proto__&order=up&page=-3&kind=x&page=1e9')).toEqual(query());
    expect(query(`q=${'x'.repeat(10_000)}`).text).toHaveLength(200);
  });

  test('says what is not so by itself, and reads as it was written', () => {
    expect(listPath(query())).toBe('/');
    const text = '/?q=a+%26+%22b%22&state=done&kind=trial&sort=objective&order=desc&open=p%2Fs&page=3';
    expect(listPath(readListQuery(new URL(text, 'http://x').searchParams))).toBe(text);
  });
});
