import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { JsonObject } from '../plan/plan.ts';
import { type Html, html, raw } from './html.ts';
import type { Section } from './section.ts';

export interface PageOptions {
  title: Html | string;
  /** In the browser's tab. */
  tab: string;
  subtitle?: Html | string;
  /** What was found, in words: on top, before everything else. */
  summary?: Html | null;
  sections: readonly Section[];
  /** In the page's foot: when it was made, and by what. */
  foot?: Html | string;
  /** What the page's scripts find in `report.data`. */
  data?: JsonObject;
  /** Files of report/browser/ that run beside those that every page has. */
  scripts?: readonly string[];
  /** Above everything: a server's navigation. */
  banner?: Html | null;
  /** A page of a server may ask that server; a file may ask nobody. */
  live?: boolean;
}

/** In this order: later ones use earlier ones. */
const SCRIPTS = ['formats.js', 'page.js', 'charts.js', 'videos.js'];
const STYLES = ['page.css', 'parts.css'];

/** One HTML text that needs nothing else: styles, scripts, ECharts and data are in it, and its policy forbids everything from elsewhere. */
export function page(options: PageOptions): string {
  const { title, tab, subtitle, summary, sections, foot, data = {}, scripts = [], banner, live = false } = options;
  const charts = sections.flatMap(section => section.charts);
  const own = [...SCRIPTS, ...new Set([...sections.flatMap(section => section.scripts ?? []), ...scripts])];
  const texts = [...(charts.length > 0 ? [echarts()] : []), ...own.map(browserFile)].map(inlineScript);
  const policy = [
    "default-src 'none'",
    `script-src ${texts.map(text => `'sha256-${sha256(text)}'`).join(' ')}`,
    // ECharts writes its tooltips with style attributes.
    "style-src 'unsafe-inline'",
    "img-src 'self' data: blob: file:",
    "media-src 'self' data: blob: file:",
    `connect-src ${live ? "'self'" : "'none'"}`,
    "base-uri 'none'",
    `form-action ${live ? "'self'" : "'none'"}`,
  ].join('; ');
  const json = { data, charts: Object.fromEntries(charts.map(({ id, option }) => [id, option])) };
  return `${html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<meta name="robots" content="noindex">
<title>${tab}</title>
<link rel="icon" href="data:,">
<style>${raw(STYLES.map(browserFile).join('\n'))}</style>
</head>
<body>
<a class="skip" href="#content">Skip to the content</a>
${banner}
<div class="sheet">
<header class="top">
<h1>${title}</h1>
${subtitle && html`<p class="subtitle">${subtitle}</p>`}
<div class="theme" role="group" aria-label="Colours"><button type="button" data-theme-choice="auto" aria-pressed="true">auto</button><button type="button" data-theme-choice="light" aria-pressed="false">light</button><button type="button" data-theme-choice="dark" aria-pressed="false">dark</button></div>
</header>
<nav class="contents" aria-label="Contents"><ol>${sections.map(({ id, title }) => html`<li><a href="#${id}">${title}</a></li>`)}</ol></nav>
<main id="content" tabindex="-1">
${summary && html`<div class="summary">${summary}</div>`}
${sections.map(
  section => html`<section id="${section.id}" aria-labelledby="${section.id}-title">
<h2 id="${section.id}-title">${section.title}</h2>
${section.html}
</section>
`,
)}</main>
<footer class="foot">${foot}</footer>
</div>
<noscript><p class="remark">Charts are drawn by a script, which this browser does not run: open the tables below them.</p></noscript>
<script type="application/json" id="report-data">${raw(jsonInHtml(json))}</script>
${texts.map(
  text => html`<script>${raw(text)}</script>
`,
)}</body>
</html>
`}`;
}

/** JSON that ends no script element and begins no comment, whatever is in it; NaN and the infinities, which JSON has not, as null. */
export function jsonInHtml(value: unknown): string {
  return JSON.stringify(value).replace(/[<>&\u2028\u2029]/g, letter => {
    return `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

const texts = new Map<string, string>();

/** Read once a process. */
function textOf(path: string): string {
  const known = texts.get(path) ?? readFileSync(path, 'utf8');
  texts.set(path, known);
  return known;
}

const browserFile = (name: string) => textOf(fileURLToPath(new URL(`./browser/${name}`, import.meta.url)));
const echarts = () => textOf(createRequire(import.meta.url).resolve('echarts/dist/echarts.min.js'));

/** A script element ends at the first `</script`, wherever that stands, and `<!--` changes where it ends: both are written otherwise, in strings as in regular expressions. */
function inlineScript(text: string): string {
  return text.replace(/<\/(script)/gi, '<\\/$1').replaceAll('<!--', '<\\!--');
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('base64');
