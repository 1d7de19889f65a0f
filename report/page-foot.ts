import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../activities/runtime/paths.ts';
import { type Html, html } from './html.ts';
import type { ReportHead } from './model/report.ts';

/** When a page was made and by which version. */
export function pageFoot({ madeAt }: ReportHead): Html {
  const { version } = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as { version: string };
  const at = new Date(madeAt).toISOString();
  return html`<p>Made <time datetime="${at}">${at.slice(0, 16).replace('T', ' ')} UTC</time> by dj-sandbox ${version}. A number that was read from a file of the work_dir names it in its <code>data-from</code>, one that was computed what it is of in its <code>data-of</code>.</p>`;
}
