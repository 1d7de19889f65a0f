import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ansis } from 'ansis';
import fc from 'fast-check';
import stringWidth from 'string-width';
import { afterAll, describe, expect, test } from 'vitest';
import { metricsCsv, metricsJson, metricsLines } from '../../../client/metrics/metrics-view.ts';
import { sparkline } from '../../../plan/sparkline.ts';
import type { JobMetrics } from '../../../report/collect/job-metrics.ts';
import { readSeries, type Series } from '../../../report/collect/series.ts';
import type { JobRecord } from '../../../report/collect/trial-record.ts';

const folder = mkdtempSync(join(tmpdir(), 'dj-metrics-'));
afterAll(() => rmSync(folder, { recursive: true }));
const paint = new Ansis(0);

async function seriesOf(...lines: (object | string)[]): Promise<Series> {
  const path = join(folder, 'metrics.jsonl');
  writeFileSync(path, lines.map(line => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join(''));
  return await readSeries(path);
}

const line = (step: number, loss: number | string, more: object = {}) => ({
  t: 100 + step,
  segment: 1,
  offset: 1,
  step,
  loss,
  ...more,
});
const valuesOf = (series: Series, name: string) => series.get(name)?.map(({ step, value }) => [step, value]);

describe('the points of a metric', () => {
  test('are by step, the last line of a step counting; bookkeeping and words are no metrics', async () => {
    const series = await seriesOf(line(2, 0.5), line(1, 0.9), line(2, 0.4, { total: 9, eta: 3, phase: 'training' }));
    expect([...series.keys()]).toEqual(['loss']);
    expect(valuesOf(series, 'loss')).toEqual([
      [1, 0.9],
      [2, 0.4],
    ]);
  });

  test('that a segment goes back behind are void', async () => {
    const series = await seriesOf(line(1, 3), line(2, 2), line(3, 1), line(2, 5, { segment: 2, from: 1 }));
    expect(valuesOf(series, 'loss')).toEqual([
      [1, 3],
      [2, 5],
    ]);
  });

  test('keep NaN and the infinities, pass over lines that are none, and may have no step', async () => {
    const series = await seriesOf(line(1, 'NaN'), 'not JSON', '7', line(2, '-Infinity'), {
      t: 1,
      segment: 1,
      offset: 1,
      loss: 3,
    });
    expect(valuesOf(series, 'loss')).toEqual([
      [1, Number.NaN],
      [2, Number.NEGATIVE_INFINITY],
      [null, 3],
    ]);
  });

  test('of a file that is not there are none', async () => {
    expect(await readSeries(join(folder, 'none'))).toEqual(new Map());
  });
});

describe('a curve', () => {
  test.each([
    [[1, 2, 3, 4, 5, 6, 7, 8], 8, '▁▂▃▄▅▆▇█'],
    [[0, 0, 10, 10], 2, '▁█'],
    [[5, 5, 5], 3, '▅▅▅'],
    [[1, Number.NaN, 3], 3, '▁×█'],
    [[Number.POSITIVE_INFINITY], 5, '×'],
    [[-1.7e308, 1.7e308], 2, '▁█'],
    [[], 5, ''],
  ])('of %j in %i columns is %s', (values, width, curve) => {
    expect(sparkline(values, width)).toBe(curve);
  });

  test('is never wider than asked for, and has a bar or a cross for any numbers', () => {
    fc.assert(
      fc.property(fc.array(fc.double()), fc.integer({ min: 1, max: 80 }), (values, width) => {
        const curve = sparkline(values, width);
        expect(curve).toMatch(/^[▁-█×]*$/);
        expect([...curve]).toHaveLength(Math.min(width, values.length));
      }),
    );
  });
});

const record = (id: string, component = 'train.easyanimate'): JobRecord =>
  ({
    job: { id, component },
    iteration: 1,
    key: 'k',
    dir: '/j',
    manifest: null,
    damaged: null,
  }) as unknown as JobRecord;

async function training(): Promise<JobMetrics> {
  const series = await seriesOf(
    ...Array.from({ length: 50 }, (_, i) => line(i + 1, i === 20 ? 'NaN' : 1 - i / 100, { lr: 2e-5 })),
  );
  return { record: record('anonymous.1-train'), programs: [{ program: '', series }], results: { last_loss: 0.51 } };
}

describe('in a terminal', () => {
  test('the latest value, its step, the extremes and the curve stand in a line a metric, the results below', async () => {
    const lines = metricsLines([await training()], 1, { width: 80, paint });
    expect(lines[0]).toBe('anonymous.1-train (train.easyanimate)');
    expect(lines[1]).toMatch(/^ +LATEST +STEP +LOWEST +HIGHEST$/);
    expect(lines[2]).toMatch(/^ {2}loss +0\.51 +50 +0\.51 +1 {2}█[▁-█]+×[▁-█]+▁$/);
    expect(lines.slice(-2)).toEqual(['  result', '  last_loss  0.51']);
  });

  test.each([20, 40, 80, 200])('no line is wider than %i columns, whatever the names', async width => {
    const hostile = await training();
    const [program] = hostile.programs;
    for (const name of ['损失'.repeat(60), '<script>alert("x")</script>', '🎬'.repeat(1000), 'a\u001b[2J\nb'])
      program!.series.set(name, [{ step: 1, t: 0, value: 1, line: 0 }]);
    hostile.results['值'.repeat(300)] = Number.POSITIVE_INFINITY;
    for (const text of metricsLines([hostile], 1, { width, paint })) {
      expect(stringWidth(text), text).toBeLessThanOrEqual(width);
      expect(text).not.toMatch(/\p{Cc}/u);
    }
  });

  test('in 40 columns the extremes give way to the curve', async () => {
    const text = metricsLines([await training()], 1, { width: 40, paint }).join('\n');
    expect(text).toContain('LATEST');
    expect(text).not.toContain('HIGHEST');
    expect(text).toMatch(/[▁-█]{8}/);
  });
});

test('CSV has all points with their times, and NaN as such; JSON has it as text', async () => {
  const { programs } = await training();
  const short: Series = new Map([['a "b", c', programs[0]!.series.get('loss')!.slice(19, 21)]]);
  const one = { record: record('anonymous.1-train'), programs: [{ program: '', series: short }], results: { x: 1 } };
  expect([...metricsCsv('t', [one])].join('')).toBe(
    [
      'trial,iteration,job,program,metric,step,time,value',
      't,1,anonymous.1-train,,"a ""b"", c",20,1970-01-01T00:02:00.000Z,0.81',
      't,1,anonymous.1-train,,"a ""b"", c",21,1970-01-01T00:02:01.000Z,NaN',
      't,1,anonymous.1-train,result,x,,,1',
      '',
    ].join('\n'),
  );
  const json = JSON.parse(JSON.stringify(metricsJson('t', [one])));
  expect(json.jobs[0].programs[0].metrics['a "b", c']).toEqual({
    latest: 'NaN',
    points: [
      [20, 120, 0.81],
      [21, 121, 'NaN'],
    ],
  });
  expect(json.jobs[0].results).toEqual({ x: 1 });
});
