// Styles and scripts of pages: in the page itself, or asked from the server that serves it.
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const ECHARTS = 'echarts.min.js';
const texts = new Map<string, string>();

/** A script or style of pages by its name, `charts.js` or `page.css`; null where there is none of that name. Read once a process. */
export function assetText(name: string): string | null {
  const known = texts.get(name);
  if (known !== undefined) return known;
  if (!/^[a-z][a-z.-]*\.(js|css)$/.test(name)) return null;
  const path = name === ECHARTS ? createRequire(import.meta.url).resolve(`echarts/dist/${ECHARTS}`) : ownPath(name);
  if (!existsSync(path)) return null;
  const text = readFileSync(path, 'utf8');
  texts.set(name, text);
  return text;
}

const ownPath = (name: string) => fileURLToPath(new URL(`./browser/${name}`, import.meta.url));

/** What a page with charts needs before its own scripts. */
export const CHARTING = ECHARTS;
