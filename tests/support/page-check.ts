// What holds for every page of a report, looked at in a real browser.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser, Page } from 'playwright-core';
import type { TracedFigure } from './traced-figures.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export interface Look {
  colours: 'light' | 'dark';
  width: number;
}

export const WIDE: Look = { colours: 'light', width: 1280 };
/** Light, dark and a phone. */
export const LOOKS: readonly Look[] = [WIDE, { ...WIDE, colours: 'dark' }, { ...WIDE, width: 390 }];

/** A name as bad as it may be. */
export const HOSTILE = `<script>alert(1)</script> "quoted" 'single' 🚀 ${'x'.repeat(2_000)}`;

/** What went wrong on a page: errors and warnings of its console, dialogs, and requests to anywhere but itself. */
export interface Watched {
  page: Page;
  troubles: string[];
}

/** Opens a page in a file or of a server, with an eye on what goes wrong. */
export async function openFile(browser: Browser, url: string, { colours, width }: Look): Promise<Watched> {
  const page = await browser.newPage({
    viewport: { width, height: 900 },
    colorScheme: colours,
    reducedMotion: 'reduce',
  });
  const troubles: string[] = [];
  page.on('console', message => {
    if (['error', 'warning'].includes(message.type())) troubles.push(`console: ${message.text()}`);
  });
  page.on('pageerror', error => troubles.push(`error: ${error.message}`));
  page.on('dialog', dialog => {
    troubles.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('request', request => {
    const isOwn = request.url().startsWith(`${new URL(url).origin}/`);
    if (!isOwn && !/^(file|data|blob):/.test(request.url())) troubles.push(`request: ${request.url()}`);
  });
  await page.goto(url);
  return { page, troubles };
}

/** Scrolls through the page until each chart that can be seen is drawn; returns how many there are. */
export async function drawAll(page: Page): Promise<number> {
  const boxes = page.locator('[data-chart]:visible');
  const count = await boxes.count();
  for (let at = 0; at < count; at += 1) {
    await boxes.nth(at).scrollIntoViewIfNeeded();
    await boxes.nth(at).locator('canvas').first().waitFor();
  }
  return count;
}

interface AxeResults {
  violations: { id: string; impact: string | null; help: string; nodes: { html: string }[] }[];
}

/** Serious and critical findings of axe, each with the first element that has it. */
export async function seriousFindings(page: Page): Promise<string[]> {
  // A page's policy lets no script of ours in by an element: the debugger may.
  await page.evaluate(AXE);
  const { violations } = await page.evaluate<AxeResults>("axe.run(document, { resultTypes: ['violations'] })");
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, help, nodes }) => `${id}: ${help} (${nodes.length} times): ${nodes[0]?.html.slice(0, 200)}`);
}

/** Numbers of the page as it stands, with where they are said to be from. */
export async function figuresOn(page: Page): Promise<TracedFigure[]> {
  return await page.evaluate<TracedFigure[]>(
    "[...document.querySelectorAll('[data-from]')].map(each => ({ from: each.dataset.from, value: each.getAttribute('value') }))",
  );
}

/** How far the page can be scrolled sideways, in CSS pixels. */
export async function sidewaysScroll(page: Page): Promise<number> {
  return await page.evaluate<number>('document.documentElement.scrollWidth - document.documentElement.clientWidth');
}

/** Charts without words for those who do not see them. */
export async function wordlessCharts(page: Page): Promise<string[]> {
  return await page.evaluate<string[]>(
    "[...document.querySelectorAll('[data-chart]')].filter(each => (each.getAttribute('aria-label') ?? '').length < 20).map(each => each.dataset.chart)",
  );
}
