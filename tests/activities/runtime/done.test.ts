import { expect, it } from 'vitest';
import { doneFrom, namedResults } from '../../../activities/runtime/done.ts';
import type { Manifest } from '../../../plan/manifest.ts';
import type { PlanJob } from '../../../plan/plan.ts';

const job = { id: 'p.1-a', outputs: ['dataset'] } as PlanJob;
const manifest = (more: Partial<Manifest>) =>
  ({ key: 'k', seconds: 1, results: [], metrics: {}, notes: [], ...more }) as unknown as Manifest;

it('results have the names that this plan gives them, further ones res_<i>, and paths are absolute', () => {
  const made = manifest({
    results: [
      { kind: 'path', path: 'epoch-1/out/d.jsonl' },
      { kind: 'value', value: 3 },
    ],
  });
  expect(namedResults(job, '/w/jobs/k', made)).toEqual({ dataset: '/w/jobs/k/epoch-1/out/d.jsonl', res_1: 3 });
});

it('lists of paths move with the work_dir, also those of other jobs; a list of one is that path itself', () => {
  const paths = ['epoch-1/out/a.jsonl', '../other/epoch-2/out/b.jsonl', '/data/c.jsonl'];
  const made = (...listed: string[]) =>
    namedResults(job, '/w/jobs/k', manifest({ results: [{ kind: 'paths', paths: listed }] }));
  expect(made(...paths)).toEqual({
    dataset: ['/w/jobs/k/epoch-1/out/a.jsonl', '/w/jobs/other/epoch-2/out/b.jsonl', '/data/c.jsonl'],
  });
  expect(made(paths[1]!)).toEqual({ dataset: '/w/jobs/other/epoch-2/out/b.jsonl' });
});

it('what the workflow hears is bounded, whatever a component hands back', () => {
  const long = 'x'.repeat(2_000);
  const made = manifest({
    results: [
      { kind: 'value', value: 'y'.repeat(5_000) },
      ...Array.from({ length: 50 }, () => ({ kind: 'value' as const, value: long })),
    ],
    metrics: Object.fromEntries([
      [long, 1],
      ...Array.from({ length: 1_000 }, (_, i) => [`${i}-${'m'.repeat(150)}`, i] as const),
    ]),
    notes: Array.from({ length: 100 }, () => long),
  });
  const done = doneFrom(job, '/w/jobs/k', made, false);
  expect(done.results.dataset).toBe('(long: see /w/jobs/k/manifest.json)');
  expect(Object.keys(done.metrics)).toHaveLength(128);
  expect(done.notes).toHaveLength(16);
  expect(JSON.stringify(done).length).toBeLessThan(64 * 1024);
});
