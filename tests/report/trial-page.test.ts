import { appendFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { VBENCH_DIMENSIONS, vbenchTotals } from '../../plan/vbench-totals.ts';
import { collectReport } from '../../report/index.ts';
import { figuresOf, untraced } from '../support/traced-figures.ts';
import { TEXTS, type TrialFiles, trialFiles } from './trial-files.ts';

const ids = (page: string) => [...page.matchAll(/<section id="([^"]+)"/g)].map(([, id]) => id);

test('a trial has a section on its data, recipe, curves, videos, scores, timeline, lineage, cost and jobs', async () => {
  const { page } = trialFiles({ videos: { 'a red car-0.mp4': new Uint8Array(8) } });
  expect(ids(await page())).toEqual([
    'data',
    'recipe',
    'curves',
    'videos',
    'scores',
    'timeline',
    'lineage',
    'cost',
    'jobs',
  ]);
});

test('every figure of the page is in the file that it names', async () => {
  const { page, workDir } = trialFiles();
  const figures = figuresOf(await page());
  expect(figures.length).toBeGreaterThan(40);
  expect(untraced(workDir, figures)).toEqual([]);
});

test('names with markup, quotes, emoji, direction marks and 2,000 characters stay text and do not fill the page', async () => {
  const { page, workDir } = trialFiles({ hostile: true });
  const text = await page();
  expect(text).not.toContain('<script>alert');
  expect(text).not.toContain('\u202e');
  expect(untraced(workDir, figuresOf(text))).toEqual([]);
});

test('of samples it is told which op dropped them, by a stat and a limit', async () => {
  const { collect, page } = trialFiles();
  const [processing] = (await collect()).processing;
  expect(processing!.examples!.counts).toEqual({ kept: 3, dropped: 2 });
  expect(processing!.examples!.dropped.map(({ text, droppedBy }) => [text, droppedBy?.op, droppedBy?.value])).toEqual([
    ['a', 'text_length_filter', 1],
    ['bb', 'text_length_filter', 2],
  ]);
  expect(await page()).toMatch(
    /text_len <data class="figure" value="1" data-from="[^"]+#\/0\/__dj__stats__\/text_len">1<\/data> is below <data class="figure" value="4" data-of="[^"]+\/process"/,
  );
});

test('where the stats do not give the counts that the job told, no op is named', async () => {
  const files = trialFiles();
  const path = join(files.jobs.analyse!.dir, 'epoch-1/out/a.jsonl');
  writeFileSync(path, '{"text": "other", "__dj__stats__": {"text_len": 5}}\n');
  appendFileSync(path, '{"text": "a long text", "__dj__stats__": {"text_len": 1}}\n');
  const { processing } = await files.collect();
  expect(processing[0]!.examples!.dropped).toEqual([]);
  expect(processing[0]!.notes.join()).toContain('changed samples');
});

test('without an analysis before it what went in is compared itself, and an op is named where no other dropped any', async () => {
  const files = trialFiles();
  rmSync(join(files.jobs.analyse!.dir, 'manifest.json'));
  writeFileSync(
    join(files.workDir, 'data.jsonl'),
    TEXTS.map(text => `${JSON.stringify({ text, note: null })}\n`).join(''),
  );
  const [processing] = (await files.collect()).processing;
  expect(processing!.examples!.counts).toEqual({ kept: 3, dropped: 2 });
  expect(processing!.examples!.dropped.map(({ droppedBy }) => droppedBy)).toEqual(
    Array(2).fill({ op: 'text_length_filter', limit: null, value: null }),
  );
  expect(processing!.histograms.map(({ after }) => after)).toEqual([null, null]);
});

test('GPUs have a timeline of their own and hours; those of a job without result are not claimed to be none', async () => {
  const cost = (text: string) => /<section id="cost".*?<\/section>/s.exec(text)![0];
  const good = await trialFiles().page();
  expect(good).toContain('data-chart="devices"');
  expect(cost(good)).toMatch(/GPU hours<\/dt><dd><data class="figure" value="0.0383\d*"/);
  expect(cost(await trialFiles({ failed: true }).page())).toContain('those of jobs without one are not counted');
});

test('a refined recipe tells old, new and why, and its lines are compared', async () => {
  const { collect } = trialFiles();
  const [recipe] = (await collect()).recipes;
  expect(recipe!.changes).toMatchObject([
    { op: 'text_length_filter', arg: 'min_len', from: 1, to: 4, why: 'text_len: mean 5 - 1 x std 1' },
  ]);
  expect(recipe!.diff.filter(({ kind }) => kind !== 'same').map(({ text }) => text.trim())).toEqual([
    'min_len: 1',
    'min_len: 4',
  ]);
});

test('NaN and the infinities in metrics are counted and said, not drawn', async () => {
  const { collect, page } = trialFiles();
  const { curves } = await collect();
  const loss = curves.find(({ metric }) => metric === 'loss')!;
  expect(loss).toMatchObject({ count: 60, odd: 1 });
  // The line breaks there instead of going on as if nothing had been.
  expect(loss.points.filter(([, value]) => value === null)).toEqual([[31, null, 30]]);
  const text = await page();
  expect(text).toContain('1 value is NaN or infinite and cannot be drawn.');
  expect(text).toContain('All 60 values of worse of anonymous.4-train are NaN or infinite');
});

test('numbers that were NaN when a manifest was written are null there: they are dashes, and nothing is computed from them', async () => {
  const files = trialFiles();
  const edit = (name: string, metric: string) => {
    const path = join(files.jobs[name]!.dir, 'manifest.json');
    const manifest = JSON.parse(readFileSync(path, 'utf8'));
    manifest.metrics[metric] = null;
    writeFileSync(path, JSON.stringify(manifest));
  };
  edit('train', 'last_loss');
  edit('vbench_lora', 'detail.motion_smoothness');
  edit('vbench_lora', 'mean_score');
  edit('analyse', 'text_len.mean');
  const text = await files.page();
  expect(text).not.toMatch(/value="NaN"/);
  expect(text).not.toContain('The loss of');
  expect(untraced(files.workDir, figuresOf(text))).toEqual([]);
});

test('official totals of VBench are there where all of its dimensions are', async () => {
  const scores = async (files: TrialFiles) => /<section id="scores".*?<\/section>/s.exec(await files.page())![0];
  expect(await scores(trialFiles())).toMatch(/total<\/th><td class="numeric"><span class="none">/);
  const files = trialFiles();
  const path = join(files.jobs.vbench_lora!.dir, 'manifest.json');
  const manifest = JSON.parse(readFileSync(path, 'utf8'));
  for (const name of VBENCH_DIMENSIONS) manifest.metrics[`detail.${name}`] = 0.8;
  writeFileSync(path, JSON.stringify(manifest));
  const all = Object.fromEntries(VBENCH_DIMENSIONS.map(name => [name, 0.8]));
  expect(await scores(files)).toContain(`value="${vbenchTotals(all).total}"`);
});

test('loss and val_loss are drawn on one chart', async () => {
  const text = await trialFiles().page();
  const json = JSON.parse(/id="report-data">(.*?)<\/script>/s.exec(text)![1]!);
  expect(json.charts['curve-0'].series.map(({ name }: { name: string }) => name)).toEqual([
    '4-train, loss',
    '4-train, val_loss',
  ]);
});

test('a segment that died is told with the steps that had to be done again', async () => {
  const { collect, page } = trialFiles();
  const { lost, spans } = await collect();
  expect(lost).toMatchObject([{ job: 'anonymous.4-train', steps: 10, seconds: 10, why: 'it died' }]);
  expect(spans.filter(({ row }) => row === 'anonymous.4-train').map(({ how }) => how)).toEqual(['failed', 'done']);
  expect(await page()).toContain('Lost work');
});

test('what earlier trials made is told as found done and costs nothing', async () => {
  const { page, collect } = trialFiles();
  expect((await collect()).jobs[1]!.explained.state).toBe('reused');
  const cost = /<section id="cost".*?<\/section>/s.exec(await page())![0];
  expect(cost).toContain('anonymous.4-train');
  expect(cost).not.toContain('anonymous.2-refine');
});

test('a trial that failed says so, with why, and what there is of it', async () => {
  const { page, collect } = trialFiles({ failed: true });
  const model = await collect();
  expect(model.state).toBe('failed');
  const text = await page();
  expect(text).toContain('<span class="badge bad">failed</span>');
  expect(text).toContain('its program ended with SIGKILL');
  expect(ids(text)).toEqual(['data', 'recipe', 'curves', 'timeline', 'lineage', 'cost', 'jobs']);
});

test('a trial that was stopped or runs is called what the server says', async () => {
  const { page } = trialFiles({ failed: true });
  const said = { state: 'stopped', message: 'stopped by <b>hand</b>', startedAt: 0, closedAt: null };
  expect(await page({ said })).toContain('<span class="badge bad">stopped</span>');
  expect(await page({ said })).toContain('stopped by &lt;b&gt;hand');
});

test('files that are gone are named in their places', async () => {
  const files = trialFiles({ videos: { 'a-0.mp4': new Uint8Array(8) } });
  rmSync(join(files.jobs.process!.dir, 'epoch-1/out'), { recursive: true });
  rmSync(join(files.jobs.refine!.dir, 'epoch-1/out'), { recursive: true });
  rmSync(join(files.jobs.quality_lora!.dir, 'manifest.json'));
  writeFileSync(join(files.jobs.vbench_lora!.dir, 'manifest.json'), '{ torn');
  const text = await files.page();
  expect(text).toContain('p.jsonl is gone');
  expect(text).toContain('the refined recipe of anonymous.2-refine');
  expect(text).toMatch(/its manifest in .* cannot be read/);
  expect(untraced(files.workDir, figuresOf(text))).toEqual([]);
});

test('a work_dir without any of the jobs is still a page; a torn plan and an unknown id are not', async () => {
  const files = trialFiles();
  rmSync(join(files.workDir, 'jobs'), { recursive: true });
  expect(ids(await files.page())).toEqual(['lineage', 'jobs']);
  writeFileSync(join(files.workDir, 'trials', 't', 'plan-1.json'), '{ torn');
  expect(await files.collect()).toBeNull();
  expect(await collectReport({ id: 'none', workDir: files.workDir, now: 0 })).toBeNull();
});

test('clips that cannot be read are told in their place; without a Python environment the page comes without pictures', async () => {
  const files = trialFiles({ videos: { 'a-0.mp4': new Uint8Array(8) } });
  const told = { bytes: 8, poster: null, width: null, height: null, seconds: null, codec: null, converted: null };
  const broken = await files.page({
    seeClips: async wishes =>
      Object.fromEntries(wishes.map(({ path }) => [path, { ...told, problem: 'it cannot be read' }])),
  });
  expect(/<section id="videos".*?<\/section>/s.exec(broken)![0]).toContain('<p class="no-clip">it cannot be read</p>');
  expect(await files.page({ seeClips: async () => null })).toContain('clips are shown without pictures');
});
