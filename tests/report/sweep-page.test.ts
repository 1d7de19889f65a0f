import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { appendFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { collectSweep } from '../../report/collect/collect-sweep.ts';
import { renderReport } from '../../report/index.ts';
import type { SweepModel } from '../../report/model/sweep.ts';
import { sweepCost } from '../../report/model/sweep-cost.ts';
import { winningOf } from '../../report/model/winner.ts';
import { makeSweepWorkDir, type SweepToMake } from '../support/sweep-work-dir.ts';
import { figuresOf, untraced } from '../support/traced-figures.ts';

const folder = () => mkdtempSync(join(tmpdir(), 'dj-sweep-report-'));

async function modelOf(options: SweepToMake, workDir = folder()): Promise<SweepModel> {
  makeSweepWorkDir(workDir, options);
  return (await collectSweep({ id: options.id ?? 'sweep', workDir, now: 0 }))!;
}

const pageOf = (model: SweepModel) => renderReport(model, { urlOf: () => null });

test('the page of a sweep says who won and by how much, and each of its numbers is in the file that it names', async () => {
  const model = await modelOf({ trials: 9, failing: [2] });
  const winning = winningOf(model)!;
  const page = pageOf(model);
  expect(page).toContain(`<strong>Trial ${winning.best.trial} won</strong>`);
  expect(winning.second!.behind).toBeGreaterThanOrEqual(0);
  expect(model.trials[0]!.trial).toBe(winning.best.trial);
  const figures = figuresOf(page);
  expect(figures.length).toBeGreaterThan(60);
  expect(untraced(model.workDir, figures)).toEqual([]);
});

test('what was stopped at a rung counts as steps not trained, and what another trial had run as reused', async () => {
  const model = await modelOf({ steps: 60, rungs: [20], trials: 9 });
  const cost = sweepCost(model);
  const stopped = model.trials.filter(({ status }) => status === 'stopped');
  expect(cost.early).toMatchObject({ trials: stopped.length, full: 60, steps: { value: stopped.length * 40 } });
  // Data of one minimum length is processed once.
  const lengths = new Set(model.trials.map(({ point }) => point['text_length_filter.min_len']));
  expect(cost.reused).toMatchObject({ jobs: 9 - lengths.size, ofSweep: 9 - lengths.size });
  expect(cost.continued!.steps.value).toBe(cost.continued!.trials * 20);
  expect(cost.gpu.value).toBeGreaterThan(0);
  expect(cost.lost.value).toBe(0);
});

test('NaN and Infinity in a log break the curve and are counted', async () => {
  const model = await modelOf({
    trials: 3,
    rungs: [],
    logged: (trial, step) => (trial === 1 && step > 30 ? 'NaN' : trial === 2 && step === 5 ? 'Infinity' : undefined),
  });
  const [loss] = model.curves.metrics.filter(({ name }) => name === 'train.loss');
  const of = (trial: number) => loss!.curves.find(curve => curve.trial === trial)!;
  expect(of(1).bad).toBe(30);
  expect(of(1).last!.step).toBe(30);
  expect(of(2).bad).toBe(1);
  expect(of(2).points.filter(([, value]) => value === null)).toHaveLength(1);
  expect(pageOf(model)).toContain('2 curves have NaN or infinite values');
});

test('a sweep that runs still, whose ledger is torn and whose trials have lost their files, has a page that says so', async () => {
  const workDir = folder();
  await modelOf({ trials: 9 }, workDir);
  const path = join(workDir, 'sweeps', 'sweep', 'decisions.jsonl');
  const lines = readFileSync(path, 'utf8').split('\n').slice(0, 14);
  writeFileSync(path, `${lines.join('\n')}\n{ torn\n`);
  await appendFile(path, '{"seq":99');
  rmSync(join(workDir, 'trials', 'sweep.trial-1'), { recursive: true });
  rmSync(join(workDir, 'jobs'), { recursive: true });
  const model = (await collectSweep({ id: 'sweep', workDir, now: Date.UTC(2026, 0, 2) }))!;
  expect(model.state).toBe('running');
  expect(model.lacking).toEqual([expect.stringContaining('lines that cannot be read: 15')]);
  const page = pageOf(model);
  expect(page).toContain('The sweep goes on');
  expect(page).toContain('trial sweep.trial-1 has no plan in this work_dir');
  expect(untraced(workDir, figuresOf(page))).toEqual([]);
});

test('names of 2,000 characters with markup in them neither become markup nor fill the page', async () => {
  const hostile = `<script>alert(1)</script>"'&{{🙂 ${'x'.repeat(2_000)}`;
  const model = await modelOf({
    project: hostile,
    trials: 4,
    rungs: [],
    spec: {
      space: [
        { name: 'op.argument', distribution: { kind: 'categorical', values: [hostile, '@figure', 'var(--ink)', ''] } },
        { name: `train.${'y'.repeat(300)}`, distribution: { kind: 'uniform', min: 0, max: 1 } },
      ],
    },
  });
  const page = pageOf(model);
  expect(page).not.toContain('<script>alert');
  // An option's text of that form would be taken for a function or a property.
  expect(page).not.toMatch(/"(@figure|var\(--ink\))"[,\]]\s*"?op/);
  expect(page.length).toBeLessThan(2_500_000);
});

test('with several objectives nobody wins alone: the Pareto front is shown', async () => {
  const metrics = [
    { name: 'quality.score', goal: 'maximize' as const, target: null, impute: null },
    { name: 'size.parameters', goal: 'minimize' as const, target: null, impute: null },
  ];
  const model = await modelOf({
    rungs: [],
    trials: 8,
    spec: { metrics, sampler: 'random' },
    metrics: point => ({ 'size.parameters': Number(point['train.extra_configs.width']) }),
  });
  const page = pageOf(model);
  expect(page).toContain('on the Pareto front');
  expect(page).toContain('chart-pareto-0-1');
  expect(untraced(model.workDir, figuresOf(page))).toEqual([]);
});

test('trials that differ by their seed only tell how large the noise is', async () => {
  const model = await modelOf({
    trials: 6,
    rungs: [],
    spec: {
      sampler: 'grid',
      space: [
        { name: 'train.seed', distribution: { kind: 'categorical', values: [1, 2, 3] } },
        { name: 'train.extra_configs.lr', distribution: { kind: 'categorical', values: [0.001, 0.01] } },
      ],
    },
  });
  expect(winningOf(model)!.noise).toMatchObject({ parameter: 'train.seed', points: 2, trials: 6, deviation: 0 });
});

test('of few trials nobody says which parameters mattered', async () => {
  const model = await modelOf({ trials: 5, rungs: [] });
  expect(model.importances).toEqual([
    expect.objectContaining({
      trials: 5,
      shares: [],
      lacking: expect.stringContaining('too few to judge by, it takes 10'),
    }),
  ]);
});

test('videos of the best trials stand beside those of the model as it was, which are there once', async () => {
  const model = await modelOf({ trials: 4, rungs: [], videos: ['a red car-0.mp4', 'a cat-0.mp4'] });
  const { columns, rows } = model.videos!;
  const [best, second] = model.trials;
  expect(columns.map(({ label }) => label)).toEqual([
    'not trained: base',
    `trial ${best!.trial}, the best`,
    `trial ${second!.trial}, the second`,
    `trial ${model.trials[2]!.trial}`,
    `trial ${model.trials[3]!.trial}`,
  ]);
  expect(rows.map(({ prompt }) => prompt)).toEqual(['a cat', 'a red car']);
  expect(rows[0]!.files[1]).toBe(`jobs/infer-${best!.trial}/epoch-1/out/a cat-0.mp4`);
  const page = renderReport(model, { urlOf: file => `videos/${encodeURIComponent(file)}` });
  expect(page.match(/<video /g)).toHaveLength(10);
  // A file that cannot be placed says so where it would be.
  expect(pageOf(model)).toContain('not in this report');
});

test('a sweep whose server says that it was stopped is not said to go on', async () => {
  const workDir = folder();
  makeSweepWorkDir(workDir, { trials: 4, rungs: [] });
  const path = join(workDir, 'sweeps', 'sweep', 'decisions.jsonl');
  writeFileSync(path, `${readFileSync(path, 'utf8').split('\n').slice(0, 4).join('\n')}\n`);
  const said = { state: 'stopped', message: null, startedAt: 0, closedAt: 1 };
  const model = (await collectSweep({ id: 'sweep', workDir, now: 2, said }))!;
  expect(pageOf(model)).toContain('The sweep is stopped, as the server says.');
});

test('a sweep without trials, and an id without a ledger', async () => {
  const model = await modelOf({ trials: 1, failing: [1] });
  expect(pageOf(model)).toContain('Nobody has won');
  expect(await collectSweep({ id: 'none', workDir: model.workDir, now: 0 })).toBeNull();
});
