// The report of a trial in a real browser: what it shows, that every number is in its file, and that everybody can use it.
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { execa } from 'execa';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pythonOf } from '../../activities/runtime/paths.ts';
import { writeReport } from '../../client/report/write-report.ts';
import { trialFiles } from '../report/trial-files.ts';
import { startBrowser } from '../support/browser.ts';
import {
  drawAll,
  figuresOn,
  type Look,
  openFile,
  seriousFindings,
  sidewaysScroll,
  type Watched,
  WIDE,
} from '../support/page-check.ts';
import { untraced } from '../support/traced-figures.ts';

const folder = mkdtempSync(join(tmpdir(), 'dj-report-browser-'));
let browser: Browser;
let workDir: string;
/** By name: of a good trial, of one with names as bad as they may be, of one that failed. */
const pages: Record<string, string> = {};

beforeAll(async () => {
  const clips = join(folder, 'clips');
  await execa(pythonOf('train'), [resolve('tests/fixtures/report/make_clips.py'), clips]);
  const bytes = (name: string) => new Uint8Array(readFileSync(join(clips, name)));
  const videos = {
    'a red car-0.webm': bytes('base.webm'),
    'a blue car-0.webm': bytes('lora.webm'),
    'old-0.mp4': bytes('old.mp4'),
    'torn-0.mp4': bytes('torn.mp4'),
  };
  browser = await startBrowser();
  const good = trialFiles({ videos });
  workDir = good.workDir;
  for (const [name, files] of Object.entries({
    good,
    hostile: trialFiles({ videos, hostile: true }),
    failed: trialFiles({ failed: true }),
  })) {
    await writeReport('t', {
      workDir: files.workDir,
      out: join(folder, name),
      ...(name === 'hostile' && { videos: 'link' as const }),
    });
    pages[name] = pathToFileURL(join(folder, name, 'index.html')).href;
  }
}, 300_000);
afterAll(async () => await browser?.close());

/** Opens a page and brings every chart into view, as a reader who scrolls does. */
async function opened(url: string, look = WIDE): Promise<Watched> {
  const watched = await openFile(browser, url, look);
  await drawAll(watched.page);
  return watched;
}

const VIEWS: [string, Look][] = [
  ['light', WIDE],
  ['dark', { ...WIDE, colours: 'dark' }],
  ['390 px wide', { ...WIDE, width: 390 }],
  ['360 px wide and dark', { colours: 'dark', width: 360 }],
];

describe.each(VIEWS)('%s', (_, view) => {
  test.each(['good', 'hostile', 'failed'])(
    '%s: no errors, nothing from elsewhere, no serious finding of axe, no sideways scrolling',
    async name => {
      const { page, troubles } = await opened(pages[name]!, view);
      // What is folded away is looked at as well.
      await page.evaluate('for (const each of document.querySelectorAll("details")) each.open = true');
      await drawAll(page);
      expect(await seriousFindings(page)).toEqual([]);
      expect(await sidewaysScroll(page)).toBe(0);
      expect(troubles).toEqual([]);
      await page.close();
    },
  );
});

test('every number that the page reads from a file is in that file', async () => {
  const { page } = await opened(pages.good!);
  const figures = await figuresOn(page);
  expect(figures.length).toBeGreaterThan(40);
  expect(untraced(workDir, figures)).toEqual([]);
  await page.close();
});

test('every chart is drawn, described, and has its numbers as a table', async () => {
  const { page } = await opened(pages.good!);
  for (const chart of await page.locator('figure.chart:visible').all()) {
    expect((await chart.locator('[data-chart]').getAttribute('aria-label'))!.length).toBeGreaterThan(20);
    expect(await chart.locator('[data-chart]').getAttribute('role')).toBe('img');
    await chart.locator('summary').first().focus();
    await page.keyboard.press('Enter');
    expect(await chart.locator('table').first().isVisible()).toBe(true);
  }
  for (const image of await page.locator('img').all()) expect(await image.getAttribute('alt')).toMatch(/^A frame of ./);
  await page.close();
});

test('the keyboard reaches a row of videos and plays them together; one that cannot be read says so in its place', async () => {
  const { page } = await opened(pages.good!);
  const row = page.locator('[data-videos]', { hasText: 'a red car' });
  await row.focus();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  expect(await row.locator('[data-play]').textContent()).toBe('Pause');
  const times = () =>
    row
      .locator('video')
      .evaluateAll(videos => videos.map(video => (video as unknown as { currentTime: number }).currentTime));
  await expect.poll(async () => Math.min(...(await times())), { timeout: 30_000 }).toBeGreaterThan(0.1);
  await page.keyboard.press('k');
  await expect
    .poll(
      async () =>
        await row
          .locator('video')
          .evaluateAll(videos => videos.every(video => (video as unknown as { paused: boolean }).paused)),
    )
    .toBe(true);
  const [first, second] = await times();
  expect(Math.abs(first! - second!)).toBeLessThan(0.5);
  expect(await page.locator('[data-videos]', { hasText: 'torn' }).locator('.no-clip').count()).toBe(2);
  const old = page.locator('[data-videos]', { hasText: 'old' }).locator('video').first();
  await expect
    .poll(async () => await old.evaluate(video => (video as unknown as { readyState: number }).readyState), {
      timeout: 30_000,
    })
    .toBeGreaterThan(0);
  expect(await page.locator('#videos').textContent()).toContain('in a codec that browsers do not play');
  await page.close();
});

test('videos that lie beside the page play as well', async () => {
  const { page } = await opened(pages.hostile!);
  const video = page.locator('[data-videos]', { hasText: 'a red car' }).locator('video').first();
  expect(await video.getAttribute('src')).toMatch(/^videos\//);
  await video.scrollIntoViewIfNeeded();
  await expect
    .poll(async () => await video.evaluate(one => (one as unknown as { readyState: number }).readyState), {
      timeout: 30_000,
    })
    .toBeGreaterThan(0);
  await page.close();
});

test('smoothing draws over the points, the log scale changes the axis, and colours change with the switch', async () => {
  const { page } = await opened(pages.good!);
  const option = async () =>
    await page.evaluate(() => {
      const { report } = globalThis as unknown as {
        report: { chartOf: (id: string) => { getOption: () => { series: unknown[]; yAxis: { type: string }[] } } };
      };
      const { series, yAxis } = report.chartOf('curve-0').getOption();
      return { series: series.length, scale: yAxis[0]!.type };
    });
  expect(await option()).toEqual({ series: 2, scale: 'value' });
  await page.locator('[data-control="smooth"][data-of="curve-0"]').fill('0.9');
  await page.locator('[data-control="log"][data-of="curve-0"]').check();
  expect(await option()).toEqual({ series: 4, scale: 'log' });
  const paper = () => page.evaluate('getComputedStyle(document.body).backgroundColor');
  const light = await paper();
  await page.getByRole('button', { name: 'dark' }).click();
  expect(await paper()).not.toBe(light);
  await page.close();
});
