// `dj-sandbox ui` in a real browser: list, filter, compare, follow a run that goes on, and another site's page that calls it.

import { appendFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createAdaptorServer } from '@hono/node-server';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { uiApp } from '../../client/ui/app.ts';
import { placeOf } from '../../client/ui/places.ts';
import { Runs } from '../../client/ui/runs.ts';
import { startBrowser } from '../support/browser.ts';
import {
  drawAll,
  HOSTILE,
  LOOKS,
  openFile,
  seriousFindings,
  sidewaysScroll,
  WIDE,
  wordlessCharts,
} from '../support/page-check.ts';
import { makeSweepWorkDir } from '../support/sweep-work-dir.ts';
import { newWorkDir, put, putTrial, START } from '../support/work-dir.ts';

const LIMIT_MS = 300_000;
/** A folder for the pictures of the docs; none are taken without it. */
const PICTURES = process.env.DJ_SANDBOX_PICTURES;

let browser: Browser;
let workDir: string;
let remove: () => void;
let server: Server;
let url: string;
let place: string;
beforeAll(async () => {
  ({ workDir, remove } = newWorkDir());
  makeSweepWorkDir(workDir, { trials: 30, steps: 60, rungs: [10, 30], failing: [4] });
  putTrial(workDir, 'hostile', { jobs: [{ metaName: 'look' }], project: HOSTILE, experiment: HOSTILE, context: {} });
  for (let n = 1; n <= 70; n += 1)
    putTrial(workDir, `run-${n}`, { jobs: [{ metaName: 'look', key: 'k' }], context: {}, at: START + n * 60_000 });
  put(job('train', 'epoch-1', 'log-1.txt'), 'it begins\n');
  putTrial(workDir, 'night-run', {
    jobs: [
      { metaName: 'process', component: 'process.data-juicer' },
      { metaName: 'train', component: 'train.easyanimate', key: 'train', metrics: null },
    ],
    project: 'text-to-video',
    experiment: 'night',
    at: Date.now(),
  });
  tell(1, 420);
  place = placeOf(workDir).key;
  const runs = new Runs({ workDirs: async () => [workDir], server: null });
  const app = uiApp({ runs, host: '127.0.0.1', say: async () => null });
  server = createAdaptorServer({ fetch: app.fetch }) as Server;
  url = `http://127.0.0.1:${await listening(server)}`;
  browser = await startBrowser();
}, LIMIT_MS);
afterAll(async () => {
  await browser?.close();
  server?.closeAllConnections();
  server?.close();
  remove?.();
}, LIMIT_MS);

const job = (key: string, ...path: string[]) => join(workDir, 'jobs', key, ...path);

async function listening(at: Server): Promise<number> {
  await new Promise<void>(done => at.listen(0, '127.0.0.1', done));
  return (at.address() as AddressInfo).port;
}

/** The training of night-run logs steps, and its claim is renewed. */
function tell(from: number, to: number): void {
  put(job('train', 'epoch-1', 'claim.json'), '{}');
  for (let step = from; step <= to; step += 1) {
    const loss = Number((0.3 + 1.2 * Math.exp(-step / 150) + 0.05 * Math.sin(step)).toFixed(4));
    const line = { t: Date.now() / 1000, segment: 1, step, total: 900, eta: (900 - step) * 2, speed: 0.5, loss };
    appendFileSync(job('train', 'epoch-1', 'metrics.jsonl'), `${JSON.stringify(line)}\n`);
  }
}

async function picture(page: Page, name: string): Promise<void> {
  if (PICTURES) await page.screenshot({ path: join(PICTURES, `${name}.png`) });
}

const rowNames = (page: Page) => page.locator('table.runs th[scope="row"] a:not(.toggle)').allTextContents();

test(
  'all pages are whole in light, dark and at phone width: no errors, no foreign requests, no serious finding of axe, no sideways scroll',
  async () => {
    const trials = [1, 2].map(n => `run=${place}/sweep.trial-${n}`).join('&');
    const paths = [
      '/',
      `/?open=${place}/sweep`,
      `/?of=${place}/sweep&sort=objective`,
      '/?q=nothing+is+so+called',
      `/runs/${place}/night-run`,
      `/runs/${place}/night-run/logs`,
      `/runs/${place}/sweep`,
      `/runs/${place}/hostile`,
      `/compare?${trials}`,
      `/compare?${trials}&all=1`,
      '/compare',
    ];
    for (const path of paths)
      for (const look of LOOKS) {
        const { page, troubles } = await openFile(browser, url + path, look);
        const where = `${path} ${look.colours} ${look.width}`;
        await drawAll(page);
        expect([where, await seriousFindings(page)]).toEqual([where, []]);
        expect([where, await sidewaysScroll(page)]).toEqual([where, 0]);
        expect([where, await wordlessCharts(page)]).toEqual([where, []]);
        expect([where, troubles]).toEqual([where, []]);
        await page.close();
      }
  },
  LIMIT_MS,
);

/** Presses the tabulator until the focus is on what `selector` names. */
async function tabTo(page: Page, selector: string): Promise<void> {
  for (let presses = 0; presses < 300; presses += 1) {
    await page.keyboard.press('Tab');
    if (await page.evaluate<boolean>(`document.activeElement?.matches(${JSON.stringify(selector)}) ?? false`)) return;
  }
  throw new Error(`the focus never came to ${selector}`);
}

test(
  'the keyboard filters and sorts the list, pages through it, shows the trials of a sweep where it stands, and chooses two to compare',
  async () => {
    const { page, troubles } = await openFile(browser, url, WIDE);
    expect(await page.locator('.count').textContent()).toBe('1 to 50 of 73 runs');
    await tabTo(page, '.pager a[rel="next"]');
    await page.keyboard.press('Enter');
    await page.waitForURL(/page=2/);
    expect(await rowNames(page)).toContain('run-1');

    await tabTo(page, '.filter input[type="search"]');
    await page.keyboard.type('run-7');
    await page.keyboard.press('Enter');
    await page.waitForURL(/q=run-7/);
    expect(await rowNames(page)).toEqual(['run-70', 'run-7']);
    await tabTo(page, 'table.runs thead a');
    await page.keyboard.press('Enter');
    await page.waitForURL(/sort=run/);
    expect(await rowNames(page)).toEqual(['run-7', 'run-70']);
    expect(await page.locator('th[aria-sort="ascending"]').textContent()).toContain('Run');

    await page.goto(`${url}/?kind=sweep`);
    await page.evaluate('window.sameDocument = true');
    await tabTo(page, '.toggle');
    await page.keyboard.press('Enter');
    await page.locator('tr.below').first().waitFor();
    expect(await page.evaluate('window.sameDocument')).toBe(true);
    expect(await page.evaluate("document.activeElement.getAttribute('aria-expanded')")).toBe('true');
    await picture(page, 'ui-list');
    for (const n of [1, 2]) {
      await tabTo(page, `input[aria-label="Compare sweep.trial-${n}"]`);
      await page.keyboard.press('Space');
    }
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/compare\?run=.*run=/);
    expect(await page.locator('.summary').textContent()).toContain('2 trials.');
    await drawAll(page);
    const series = await page.evaluate<string[]>("report.chartOf('curve-1').getOption().series.map(each => each.name)");
    expect(series).toEqual(['A sweep.trial-1', 'B sweep.trial-2']);
    expect(troubles).toEqual([]);
    await page.close();
  },
  LIMIT_MS,
);

test(
  'a page follows a run that goes on without being loaded again, keeps the focus, says so when nobody answers, and stops when it has ended',
  async () => {
    const { page, troubles } = await openFile(browser, `${url}/runs/${place}/night-run`, WIDE);
    await page.evaluate('window.sameDocument = true');
    const panel = page.locator('.now');
    await panel.getByText('420 of 900').waitFor();
    await drawAll(page);
    await picture(page, 'ui-now');
    await page.locator('[data-theme-choice="dark"]').focus();
    tell(421, 500);
    await panel.getByText('500 of 900').waitFor();
    const points = () => page.evaluate<number>("report.chartOf('now-curve').getOption().series[0].data.at(-1)[0]");
    await expect.poll(points).toBe(500);
    expect(await panel.locator('[role="status"]').textContent()).toBe('anonymous.2-train is 50 % done');
    expect(await page.evaluate('document.activeElement.dataset.themeChoice')).toBe('dark');

    await page.route('**/now', route => route.abort());
    await page.getByText('What is seen here is no longer new').waitFor();
    await page.unroute('**/now');
    tell(501, 510);
    await panel.getByText('510 of 900').waitFor();
    await page.getByText('What is seen here is no longer new').waitFor({ state: 'detached' });

    const ended = page.evaluate("new Promise(done => addEventListener('ended', () => done('ended')))");
    putTrial(workDir, 'night-run', {
      jobs: [{ metaName: 'process' }, { metaName: 'train', component: 'train.easyanimate', key: 'train' }],
      at: Date.now(),
      context: { anonymous: {} },
    });
    expect(await ended).toBe('ended');
    await panel.getByText('It has ended.').waitFor();
    expect(await page.evaluate('window.sameDocument')).toBe(true);
    // The aborted request is told in the console; nothing else is.
    expect(troubles.filter(text => !/ERR_FAILED/.test(text))).toEqual([]);
    await page.getByRole('link', { name: 'show it as it is now' }).click();
    await page.locator('h1', { hasText: 'night-run' }).waitFor();
    expect(await page.locator('.now').count()).toBe(0);
    await page.close();
  },
  LIMIT_MS,
);

test(
  "another site's page that calls the local server gets nothing: no answer, no picture, no script, no frame",
  async () => {
    const evil = createServer((_, answer) => {
      answer.setHeader('Content-Type', 'text/html');
      answer.end(`<!doctype html><title>evil</title><iframe id="frame" src="${url}/"></iframe>`);
    });
    const port = await listening(evil);
    try {
      const page = await browser.newPage();
      // Another name: a site of its own.
      await page.goto(`http://localhost:${port}/`);
      const tried = await page.evaluate<Record<string, string>>(`(async () => {
        const tell = promise => promise.then(found => String(found), error => 'refused: ' + error.name);
        const load = (tag, at) => new Promise((done, fail) => {
          const element = document.createElement(tag);
          element.onload = () => done('loaded');
          element.onerror = () => fail(new Error('x'));
          element.src = at;
          document.body.append(element);
        });
        return {
          cors: await tell(fetch('${url}/list').then(answer => answer.text())),
          opaque: await tell(fetch('${url}/list', { mode: 'no-cors' }).then(answer => answer.type + ' ' + answer.status)),
          script: await tell(load('script', '${url}/assets/page.js')),
          post: await tell(fetch('${url}/', { method: 'POST', body: 'a=1' }).then(answer => answer.text())),
          frame: await tell(Promise.resolve().then(() => document.getElementById('frame').contentDocument.title)),
        };
      })()`);
      expect(tried.cors).toBe('refused: TypeError');
      // The browser refuses what CORP keeps for the same origin.
      expect(tried.opaque).toMatch(/^refused|^opaque 0$/);
      expect(tried.script).toMatch(/^refused/);
      expect(tried.post).toBe('refused: TypeError');
      expect(tried.frame).not.toContain('Runs');
      const frame = page.frames().find(each => each !== page.mainFrame());
      expect((await frame?.content()) ?? '').not.toContain('night-run');
      await page.close();
    } finally {
      evil.closeAllConnections();
      evil.close();
    }
  },
  LIMIT_MS,
);
