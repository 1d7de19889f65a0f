// Reports of a sweep and of a pool study in a real browser, as files without a server.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { collectReport, renderReport } from '../../report/index.ts';
import { startBrowser } from '../support/browser.ts';
import {
  drawAll,
  figuresOn,
  HOSTILE,
  LOOKS,
  openFile,
  seriousFindings,
  sidewaysScroll,
  WIDE,
  wordlessCharts,
} from '../support/page-check.ts';
import { makeStudyWorkDir } from '../support/study-work-dir.ts';
import { makeSweepWorkDir } from '../support/sweep-work-dir.ts';
import { untraced } from '../support/traced-figures.ts';

const LIMIT_MS = 300_000;

let browser: Browser;
let workDir: string;
beforeAll(async () => {
  workDir = mkdtempSync(join(tmpdir(), 'dj-report-sweep-'));
  makeSweepWorkDir(workDir, {
    project: HOSTILE,
    trials: 30,
    steps: 90,
    rungs: [10, 30],
    gpus: 2,
    failing: [4],
    videos: ['a red car-0.mp4'],
    logged: (trial, step) => (trial === 2 && step === 7 ? 'NaN' : undefined),
    spec: {
      space: [
        { name: 'text_length_filter.min_len', distribution: { kind: 'categorical', values: [10, 20, 40] } },
        { name: 'train.extra_configs.lr', distribution: { kind: 'log_uniform_values', min: 1e-5, max: 1e-1 } },
        {
          name: 'train.extra_configs.note',
          distribution: { kind: 'categorical', values: [HOSTILE, 'plain', '@figure'] },
        },
      ],
    },
  });
  makeStudyWorkDir(workDir, { id: 'study', project: HOSTILE });
  browser = await startBrowser();
}, LIMIT_MS);
afterAll(async () => {
  await browser?.close();
}, LIMIT_MS);

/** Writes a report and returns its address. */
async function reportOf(id: string): Promise<string> {
  const model = await collectReport({ id, workDir, now: Date.UTC(2026, 0, 2) });
  const path = join(workDir, `${id}.html`);
  writeFileSync(
    path,
    renderReport(model!, { urlOf: () => null, pageOf: trial => `../${encodeURIComponent(trial)}/index.html` }),
  );
  return pathToFileURL(path).href;
}

test.each(['sweep', 'study'])(
  'the page of a %s is whole in light, dark and at phone width: no errors, no requests, no serious finding of axe, all numbers in their files',
  async id => {
    const url = await reportOf(id);
    for (const look of LOOKS) {
      const { page, troubles } = await openFile(browser, url, look);
      expect(await drawAll(page)).toBeGreaterThan(5);
      expect(await seriousFindings(page)).toEqual([]);
      expect(await sidewaysScroll(page)).toBe(0);
      expect(await wordlessCharts(page)).toEqual([]);
      const figures = await figuresOn(page);
      expect(figures.length).toBeGreaterThan(100);
      expect(untraced(workDir, figures)).toEqual([]);
      expect(troubles).toEqual([]);
      await page.close();
    }
  },
  LIMIT_MS,
);

test(
  'videos side by side are of one size, also where a phone has room for two in a row',
  async () => {
    const url = await reportOf('sweep');
    for (const look of LOOKS) {
      const { page } = await openFile(browser, url, look);
      const widths = await page.evaluate<number[]>(
        "[...document.querySelectorAll('.video:not([hidden])')].map(each => Math.round(each.getBoundingClientRect().width))",
      );
      expect(widths).toHaveLength(3);
      expect(new Set(widths).size).toBe(1);
      expect(widths[0]).toBeGreaterThan(120);
      await page.close();
    }
  },
  LIMIT_MS,
);

/** Trials of the rows that are seen, in their order. */
const shownTrials = (page: Page) =>
  page.evaluate<number[]>(
    "[...document.querySelectorAll('tr[data-trial]:not([hidden])')].map(row => Number(row.dataset.trial))",
  );

/** Presses the tabulator until the focus is on a button of that text. */
async function tabTo(page: Page, text: string): Promise<void> {
  for (let presses = 0; presses < 400; presses += 1) {
    await page.keyboard.press('Tab');
    if ((await page.evaluate<string>("document.activeElement?.textContent ?? ''")).trim() === text) return;
  }
  throw new Error(`the focus never came to ${text}`);
}

test(
  'the keyboard sorts the leaderboard, filters it, and picks a trial that then stands out in the charts',
  async () => {
    const { page, troubles } = await openFile(browser, await reportOf('sweep'), WIDE);
    const ranked = await shownTrials(page);
    await tabTo(page, 'score ↑');
    await page.keyboard.press('Enter');
    const head = page.locator('[data-board] th', { hasText: 'score' });
    expect(await head.getAttribute('aria-sort')).toBe('ascending');
    const rising = await shownTrials(page);
    await page.keyboard.press('Enter');
    expect(await head.getAttribute('aria-sort')).toBe('descending');
    const falling = await shownTrials(page);
    // The best first is what the leaderboard began with; what has no objective is last both ways.
    const told = await page.locator('tr[data-state="done"]').count();
    expect(falling.slice(0, told)).toEqual(ranked.slice(0, told));
    expect(rising.slice(0, told)).toEqual(ranked.slice(0, told).reverse());

    await page.locator('[data-board-filter]').focus();
    await page.keyboard.type('failed');
    expect(await shownTrials(page)).toEqual([4]);
    expect(await page.locator('[data-board-count]').textContent()).toBe('1 of 30 trials');
    await page.keyboard.press('ControlOrMeta+a');
    await page.keyboard.press('Delete');
    expect(await shownTrials(page)).toHaveLength(30);

    await drawAll(page);
    const best = ranked[0]!;
    await page.locator('[data-board-filter]').focus();
    await tabTo(page, `trial ${best}`);
    await page.keyboard.press('Space');
    const widthOf = (trial: number) =>
      page.evaluate<number>(
        `report.chartOf('curves-0').getOption().series.find(each => each.name === 'trial ${trial}').lineStyle.width`,
      );
    expect(await widthOf(best)).toBe(3);
    expect(await widthOf(ranked[1]!)).toBeLessThan(3);
    expect(await page.locator(`tr[data-trial="${best}"] button`).getAttribute('aria-pressed')).toBe('true');
    await page.locator('[data-board-clear]').press('Enter');
    expect(await page.locator(`tr[data-trial="${best}"] button`).getAttribute('aria-pressed')).toBe('false');
    expect(troubles).toEqual([]);
    await page.close();
  },
  LIMIT_MS,
);

test(
  'another metric takes the place of the curves that are seen',
  async () => {
    const { page, troubles } = await openFile(browser, await reportOf('sweep'), WIDE);
    const select = page.getByLabel('Metric');
    expect(await select.locator('option').allTextContents()).toEqual(['train.loss', 'train.lr']);
    await select.selectOption('train.lr');
    expect(await page.locator('#chart-curves-0').isVisible()).toBe(false);
    await page.locator('#chart-curves-1 [data-chart]').scrollIntoViewIfNeeded();
    await page.locator('#chart-curves-1 canvas').first().waitFor();
    expect(troubles).toEqual([]);
    await page.close();
  },
  LIMIT_MS,
);
