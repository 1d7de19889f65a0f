import { createHash } from 'node:crypto';
import type { JsonObject } from '../plan/plan.ts';
import { assetText, CHARTING } from './assets.ts';
import { type Html, html, raw, visible } from './html.ts';
import type { Banner } from './model/report.ts';
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
  banner?: Banner | null;
  /** A page of a server gets scripts and styles from there and may ask that server; a file may ask nobody. */
  live?: boolean;
}

/** In this order: later ones use earlier ones. */
const SCRIPTS = ['formats.js', 'page.js', 'charts.js', 'videos.js'];
/** What only a server's pages have. */
const LIVE_STYLES = ['served.css'];
const STYLES = ['page.css', 'parts.css', 'many.css'];

/**
 * One HTML text that needs nothing else: styles, scripts, ECharts and data are in it, and its policy forbids everything from elsewhere. A page
 * that is `live` has no script in it at all: its server gives them, and sends `LIVE_POLICY` with it.
 */
export function page(options: PageOptions): string {
  const { title, tab, subtitle, summary, sections, foot, data = {}, scripts = [], banner, live = false } = options;
  const charts = [...(banner?.charts ?? []), ...sections.flatMap(section => section.charts)];
  const own = [...SCRIPTS, ...new Set([...sections.flatMap(section => section.scripts ?? []), ...scripts])];
  const names = [...(charts.length > 0 ? [CHARTING] : []), ...own];
  const texts = live ? [] : names.map(name => inlineScript(text(name)));
  const policy = live ? LIVE_POLICY : policyOf(texts);
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
${
  live
    ? [...STYLES, ...LIVE_STYLES].map(
        name => html`<link rel="stylesheet" href="/assets/${name}">
`,
      )
    : html`<style>${raw(STYLES.map(text).join('\n'))}</style>`
}
</head>
<body>
<a class="skip" href="#content">Skip to the content</a>
${banner?.html}
<div class="${sections.length > 1 ? 'sheet' : 'sheet alone'}">
<header class="top">
<h1>${title}</h1>
${subtitle && html`<p class="subtitle">${subtitle}</p>`}
<div class="theme" role="group" aria-label="Colours"><button type="button" data-theme-choice="auto" aria-pressed="true">auto</button><button type="button" data-theme-choice="light" aria-pressed="false">light</button><button type="button" data-theme-choice="dark" aria-pressed="false">dark</button></div>
</header>
${sections.length > 1 && contents(sections)}
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
${
  live
    ? names.map(
        name => html`<script src="/assets/${name}"></script>
`,
      )
    : texts.map(
        text => html`<script>${raw(text)}</script>
`,
      )
}</body>
</html>
`}`;
}

const contents = (sections: readonly Section[]) =>
  html`<nav class="contents" aria-label="Contents"><ol>${sections.map(({ id, title }) => html`<li><a href="#${id}">${title}</a></li>`)}</ol></nav>`;

/** ECharts writes its tooltips with style attributes. */
const STYLE_POLICY = "style-src 'self' 'unsafe-inline'";

/** What a page may do that is a file. */
function policyOf(scripts: readonly string[]): string {
  return [
    "default-src 'none'",
    `script-src ${scripts.map(script => `'sha256-${sha256(script)}'`).join(' ')}`,
    STYLE_POLICY,
    "img-src 'self' data: blob: file:",
    "media-src 'self' data: blob: file:",
    "connect-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}

/** What a page of a server may do: ask that server. No script that stands in a page runs, so that a name that were not escaped could do nothing. */
export const LIVE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  STYLE_POLICY,
  "img-src 'self' data: blob:",
  "media-src 'self' data: blob:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
].join('; ');

/**
 * JSON that ends no script element and begins no comment, whatever is in it, and whose texts turn no direction of writing; NaN and the infinities,
 * which JSON has not, as null.
 */
export function jsonInHtml(value: unknown): string {
  const json = JSON.stringify(value, (_, each) => (typeof each === 'string' ? visible(each) : each));
  return json.replace(/[<>&\u2028\u2029]/g, letter => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** A style or script that is part of the package. */
function text(name: string): string {
  const found = assetText(name);
  if (found === null) throw new Error(`report/browser has no ${name}`);
  return found;
}

/** A script element ends at the first `</script`, wherever that stands, and `<!--` changes where it ends: both are written otherwise, in strings as in regular expressions. */
function inlineScript(text: string): string {
  return text.replace(/<\/(script)/gi, '<\\/$1').replaceAll('<!--', '<\\!--');
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('base64');
