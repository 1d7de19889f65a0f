// The report of a sweep of many trials: how long it takes to make, how large it is, what a browser does with it.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser } from 'playwright-core';
import { collectReport, renderReport } from '../../report/index.ts';
import { startBrowser } from '../../tests/support/browser.ts';
import { makeSweepWorkDir } from '../../tests/support/sweep-work-dir.ts';
import type { RunBench } from '../bench.ts';
import { median } from '../median.ts';
import { table } from '../table.ts';

const REPEATS = 5;
const VIEWPORT = { width: 1280, height: 900 };

/** What a browser told of one load, in milliseconds. */
interface Load {
  /** From the navigation to DOMContentLoaded, and to the first paint with content. */
  ready: number;
  paint: number;
  /** Of scripts, and of everything that the main thread did, until then. */
  script: number;
  task: number;
  /** The same once all of the page has been scrolled through, with every chart drawn. */
  allScript: number;
  allTask: number;
}

/** Runs in the page. */
const TIMES = `({
  ready: performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd,
  paint: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0,
})`;

/** `--trials n` (200 where it is absent), of 1,000 steps with rungs at 100 and 300. */
export const run: RunBench = async (args, say) => {
  const trials = Number(args[args.indexOf('--trials') + 1] ?? 0) || 200;
  const folder = mkdtempSync(join(tmpdir(), 'dj-bench-report-'));
  const browser = await startBrowser();
  try {
    const workDir = join(folder, 'work');
    mkdirSync(workDir);
    makeSweepWorkDir(workDir, { trials, concurrency: 16, steps: 1_000, rungs: [100, 300], gpus: 8, failing: [7, 50] });
    const path = join(folder, 'index.html');
    const made: { seconds: number; bytes: number }[] = [];
    for (let repeat = 1; repeat <= REPEATS; repeat += 1) {
      say(`making it, ${repeat} of ${REPEATS}`);
      made.push(await make(workDir, path));
    }
    const loads: Load[] = [];
    for (let repeat = 1; repeat <= REPEATS; repeat += 1) {
      say(`looking at it, ${repeat} of ${REPEATS}`);
      loads.push(await load(browser, pathToFileURL(path).href));
    }
    return report(trials, made, loads);
  } finally {
    await browser.close();
    rmSync(folder, { recursive: true, force: true });
  }
};

async function make(workDir: string, path: string): Promise<{ seconds: number; bytes: number }> {
  const began = performance.now();
  const model = await collectReport({ id: 'sweep', workDir, now: Date.now() });
  const page = renderReport(model!, { urlOf: () => null });
  writeFileSync(path, page);
  return { seconds: (performance.now() - began) / 1000, bytes: Buffer.byteLength(page) };
}

async function load(browser: Browser, url: string): Promise<Load> {
  const page = await browser.newPage({ viewport: VIEWPORT, reducedMotion: 'reduce' });
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable');
  const spent = async () => {
    const { metrics } = await session.send('Performance.getMetrics');
    const of = (name: string) => 1000 * (metrics.find(each => each.name === name)?.value ?? 0);
    return { script: of('ScriptDuration'), task: of('TaskDuration') };
  };
  await page.goto(url, { waitUntil: 'load' });
  // Two frames later what is in view has been drawn.
  await page.evaluate('new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done())))');
  const first = await spent();
  const times = await page.evaluate<Pick<Load, 'ready' | 'paint'>>(TIMES);
  const boxes = await page.locator('[data-chart]:visible').count();
  for (let at = 0; at < boxes; at += 1) {
    const box = page.locator('[data-chart]:visible').nth(at);
    await box.scrollIntoViewIfNeeded();
    await box.locator('canvas').first().waitFor();
  }
  const all = await spent();
  await page.close();
  return { ...times, ...first, allScript: all.script, allTask: all.task };
}

function report(trials: number, made: readonly { seconds: number; bytes: number }[], loads: readonly Load[]) {
  const of = (key: keyof Load) => median(loads.map(each => each[key]));
  const figures = {
    trials,
    seconds: median(made.map(({ seconds }) => seconds)),
    megabytes: made[0]!.bytes / 1e6,
    readyMs: of('ready'),
    paintMs: of('paint'),
    scriptMs: of('script'),
    taskMs: of('task'),
    allScriptMs: of('allScript'),
    allTaskMs: of('allTask'),
  };
  const ms = (value: number) => `${value.toFixed(0)} ms`;
  const rows = [
    ['made in', `${figures.seconds.toFixed(2)} s`],
    ['size', `${figures.megabytes.toFixed(2)} MB`],
    ['browser: DOM is ready', ms(figures.readyMs)],
    ['browser: first paint', ms(figures.paintMs)],
    ['scripts until what is in view is drawn', ms(figures.scriptMs)],
    ['all of the main thread until then', ms(figures.taskMs)],
    ['scripts, every chart drawn', ms(figures.allScriptMs)],
    ['all of the main thread, every chart drawn', ms(figures.allTaskMs)],
  ];
  return { figures, text: table([`report of ${trials} trials`, `median of ${REPEATS}`], rows) };
}
