// Headless Chromium for what people see in a browser. The binary is that of an npm package, as nothing may need to be installed by hand.
import chromium from '@sparticuz/chromium';
import { type Browser, chromium as driver, type Page } from 'playwright-core';

/** Chromium refuses to run as root in its own sandbox; nothing but pages of this machine is opened. */
const ARGS = ['--no-sandbox', '--disable-gpu'];

/** Starts it; `close` ends it. */
export async function startBrowser(): Promise<Browser> {
  return await driver.launch({ executablePath: await chromium.executablePath(), args: ARGS, headless: true });
}

/** A page, and what went wrong on it: dialogs that scripts opened, and requests to other hosts than the page's own. */
export async function watchedPage(browser: Browser): Promise<{ page: Page; dialogs: string[]; foreign: string[] }> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 1000 } });
  const dialogs: string[] = [];
  const foreign: string[] = [];
  page.on('dialog', dialog => {
    dialogs.push(dialog.message());
    void dialog.dismiss();
  });
  await page.route(
    url => !['127.0.0.1', 'localhost'].includes(url.hostname) && url.protocol !== 'data:',
    route => {
      foreign.push(route.request().url());
      return route.abort();
    },
  );
  return { page, dialogs, foreign };
}
