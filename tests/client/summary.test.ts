import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ansis } from 'ansis';
import stringWidth from 'string-width';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readSummary } from '../../client/summary.ts';
import { summaryLines } from '../../client/summary-view.ts';
import { finishedTrial, type JobOnDisk } from './trial-on-disk.ts';

const paint = new Ansis(0);
let workDir: string;
beforeEach(() => {
  workDir = mkdtempSync(join(tmpdir(), 'dj-summary-'));
});
afterEach(() => rmSync(workDir, { recursive: true }));

const analysis = (stage: JobOnDisk['stage'], metaName: string, samples: number, mean: number): JobOnDisk => ({
  stage,
  component: 'probe.analyzer',
  metaName,
  metrics: { samples, 'video_duration.mean': mean, 'video_duration.std': 0.4, 'video_duration.count': samples },
});
const score = (component: string, metaName: string, metrics: Record<string, number>): JobOnDisk => ({
  stage: 'evaluation',
  component,
  metaName,
  metrics,
});
const demo: JobOnDisk[] = [
  analysis('probe', 'analysis_ori_data', 30, 1.98056),
  {
    stage: 'execution',
    component: 'process.data-juicer',
    metaName: 'refined',
    outputs: { dataset: 'epoch-1/out/d.jsonl' },
  },
  {
    stage: 'execution',
    component: 'train.easyanimate',
    metaName: 'train_lora',
    metrics: { steps: 60, first_loss: 0.912, last_loss: 0.3214 },
  },
  analysis('evaluation', 'analysis_processed_data', 21, 1.9),
  score('evaluate.vbench', 'vbench_lora', { mean_score: 0.9712, 'detail.temporal_flickering': 0.9712 }),
  score('evaluate.vbench', 'vbench_base', { mean_score: 0.9534, 'detail.temporal_flickering': 0.9534 }),
  score('evaluate.video-quality', 'quality_lora', { brisque: 41.25 }),
  score('evaluate.video-quality', 'quality_base', { brisque: 52.5 }),
];

async function summaryOf(jobs: JobOnDisk[]) {
  const summary = await readSummary(finishedTrial(workDir, jobs));
  return { summary, text: summaryLines(summary, { width: 100, paint }).join('\n') };
}

test('samples and means stand side by side, before and after', async () => {
  const { text } = await summaryOf(demo);
  expect(text).toMatch(/samples +30 +21/);
  expect(text).toMatch(/video_duration +1\.981 +1\.9\n/);
});

test('first and last loss of every training are told', async () => {
  const { summary, text } = await summaryOf(demo);
  expect(summary.losses).toEqual([{ job: 'train_lora', first: 0.912, last: 0.3214, steps: 60 }]);
  expect(text).toContain('train_lora  0.912 → 0.3214 in 60 steps');
});

test('scores of jobs that measure the same are columns of one table, named by what differs in their names', async () => {
  const { summary, text } = await summaryOf(demo);
  expect(summary.scores).toHaveLength(1);
  expect(text).toMatch(/lora +base\n/);
  expect(text).toMatch(/vbench\.detail\.temporal_flickering +0\.9712 +0\.9534/);
  expect(text).toMatch(/quality\.brisque +41\.25 +52\.5/);
});

test('results are listed with whole paths, at the named path where the job published there', async () => {
  const { summary, text } = await summaryOf(demo);
  const path = join(workDir, 'jobs', '2'.repeat(64), 'epoch-1/out/d.jsonl');
  expect(summary.results).toEqual([{ label: 'refined.dataset', path }]);
  expect(text).toContain(path);
});

test('the head counts what was run and what was done before', async () => {
  const { text } = await summaryOf(demo);
  expect(text).toContain('Trial demo-0611-140000-3f done: 7 jobs run, 1 done before, 2:22');
});

describe('a trial', () => {
  test('with one analysis shows its figures alone', async () => {
    const { text } = await summaryOf([analysis('probe', 'only', 30, 2)]);
    expect(text).toMatch(/Data \(means\)\s+only/);
    expect(text).toMatch(/samples +30$/m);
  });

  test('without analysis, training and evaluation has none of these blocks', async () => {
    const { text } = await summaryOf([{ stage: 'execution', component: 'convert.x', metaName: 'c' }]);
    expect(text).not.toMatch(/Data|Loss|Scores/);
  });

  test('whose disk cannot be seen from here still says how it ended', async () => {
    const trial = finishedTrial(workDir, demo);
    const away = { ...trial, progress: { ...trial.progress!, plan: { path: '/no/such/plan.json', sha256: '' } } };
    const summary = await readSummary(away);
    expect(summary).toMatchObject({ state: 'done', data: null, losses: [], scores: [], results: [] });
  });

  test('with a damaged manifest says which job is left out', async () => {
    const trial = finishedTrial(workDir, demo);
    writeFileSync(join(workDir, 'jobs', '1'.repeat(64), 'manifest.json'), '{');
    const summary = await readSummary(trial);
    expect(summary.notes.join()).toContain('damaged: anonymous.1-analysis_ori_data is not in this summary');
    expect(summary.data?.before).toBe('analysis_processed_data');
  });
});

test.each([40, 80, 200])('tables are never wider than the terminal (%i columns)', async width => {
  const summary = await readSummary(finishedTrial(workDir, demo));
  for (const line of summaryLines({ ...summary, results: [], trialDir: null }, { width, paint }))
    expect(stringWidth(line)).toBeLessThanOrEqual(width);
});
