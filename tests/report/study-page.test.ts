import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { collectReport, renderReport } from '../../report/index.ts';
import type { StudyModel } from '../../report/model/study.ts';
import { studyCost } from '../../report/model/study-cost.ts';
import { makeStudyWorkDir, type StudyToMake } from '../support/study-work-dir.ts';
import { figuresOf, untraced } from '../support/traced-figures.ts';

const folder = () => mkdtempSync(join(tmpdir(), 'dj-study-report-'));

async function read(workDir: string, id = 's', more = {}): Promise<StudyModel> {
  return (await collectReport({ id, workDir, now: Date.UTC(2026, 0, 2), ...more })) as StudyModel;
}

async function modelOf(options: StudyToMake = {}): Promise<StudyModel> {
  const workDir = folder();
  makeStudyWorkDir(workDir, options);
  return await read(workDir, options.id);
}

const pageOf = (model: StudyModel) => renderReport(model, { urlOf: () => null });

test('the page of a study says which pool won and whether that is more than noise; its numbers are in the files that they name', async () => {
  const model = await modelOf();
  const page = pageOf(model);
  expect(page).toContain('a_filter.a.high</bdi> won');
  expect(page).toContain('<strong>more than noise</strong>');
  expect(page).toContain('chart-pyramid');
  const figures = figuresOf(page);
  expect(figures.length).toBeGreaterThan(150);
  expect(untraced(model.workDir, figures)).toEqual([]);
});

test('each trial is told by its point and seed, and has the score that the table has there', async () => {
  const { trials, table } = await modelOf();
  let told = 0;
  for (const { does, work } of trials) {
    if (does.kind !== 'point') continue;
    const { stage, point, seed } = does.at!;
    const score = work.jobs.find(({ metaName }) => metaName === 'judge')!.metrics.score;
    expect(table!.stages[stage]!.points[point]!.scores[seed]).toBe(score);
    told += 1;
  }
  // A pool that is repeated has its scores from the stage before.
  const points = table!.stages.reduce((sum, { kind, points }) => sum + points.length - Number(kind === 'repeated'), 0);
  expect(told).toBe(3 * points);
});

test('GPU time is that of the jobs that held GPUs', async () => {
  const model = await modelOf({ spec: { combine: 0, repeat: [] } });
  const trainings = model.trials.filter(({ does }) => does.kind === 'point').length;
  expect(studyCost(model).gpu.value).toBe(trainings * 3);
});

test('where nothing is above the whole data the page says so, and failed seeds are counted', async () => {
  const model = await modelOf({
    score: ({ id }, seed) => (id === 'whole' ? 1 : id === 'a_filter.a.low' && seed === 1 ? null : 0.1 * seed),
  });
  const page = pageOf(model);
  expect(page).toContain('No pool is better than the whole data');
  expect(page).toContain('1 failed or stopped');
  expect(untraced(model.workDir, figuresOf(page))).toEqual([]);
});

test('a study that runs has the table of its server, and without one says why there is none', async () => {
  const workDir = folder();
  const table = makeStudyWorkDir(workDir, { runs: true });
  const alone = await read(workDir);
  expect(pageOf(alone)).toContain('There is no table yet');
  expect(alone.trials.length).toBe(table.counts.begun);
  const page = pageOf(await read(workDir, 's', { table }));
  expect(page).toContain('a_filter.a.high</bdi> won');
  expect(untraced(workDir, figuresOf(page))).toEqual([]);
});

test('a study.json that is torn and trials whose files are lost are told in their place', async () => {
  const workDir = folder();
  makeStudyWorkDir(workDir);
  rmSync(join(workDir, 'trials', 's.trial-3'), { recursive: true });
  const model = await read(workDir);
  expect(pageOf(model)).toContain('trial 3: trial s.trial-3 has no plan in this work_dir');
  writeFileSync(join(workDir, 'studies', 's', 'study.json'), '{ torn');
  const torn = await read(workDir);
  expect(torn.lacking).toEqual([expect.stringContaining('study.json cannot be read')]);
  expect(pageOf(torn)).toContain('There is no table yet');
});

test('hostile names neither become markup nor lose the trials of a study', async () => {
  const hostile = `<script>alert(1)</script>"'&🙂${'x'.repeat(1_000)}`;
  const model = await modelOf({ id: hostile, project: hostile, spec: { combine: 0, repeat: [], seeds: [1, 2] } });
  expect(model.trials.length).toBeGreaterThan(10);
  expect(pageOf(model)).not.toContain('<script>alert');
});
