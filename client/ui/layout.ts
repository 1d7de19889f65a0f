// What all pages of `dj-sandbox ui` have around them.
import { createHash } from 'node:crypto';
import { type Html, html, visible } from '../../report/html.ts';
import type { Banner } from '../../report/model/report.ts';
import { page } from '../../report/page.ts';
import type { Chart } from '../../report/section.ts';
import type { Look, ServerState } from './runs.ts';

/** Files of report/browser/ that pages of the server have beside those of reports. */
export const LIVE_SCRIPTS = ['live.js'];

/** Navigation, where what is seen comes from, and what changes while one looks (`below`). */
export function banner(
  look: Pick<Look, 'server' | 'places'>,
  below: Html | null = null,
  charts: readonly Chart[] = [],
): Banner {
  return {
    html: html`<header class="bar"><a class="brand" href="/">dj-sandbox</a><nav aria-label="Pages"><a href="/">Runs</a></nav><p class="source">${sourceText(look)}</p></header>
${below}`,
    charts,
  };
}

function sourceText({ server, places }: Pick<Look, 'server' | 'places'>): Html {
  const folders =
    places.length === 1 ? html`<code>${visible(places[0]!.name)}</code>` : html`${places.length} work_dirs`;
  return html`${places.length === 0 ? 'no work_dir here' : folders}${serverText(server)}`;
}

function serverText(server: ServerState): Html {
  if (server.state === 'off') return html`; no server is asked`;
  if (server.state === 'answers') return html` and the server at <code>${server.address}</code>`;
  return html`; <strong class="away">no server answers at <code>${server.address}</code></strong>: this is what is on disk`;
}

/** A page that is no report. */
export function plainPage(
  look: Pick<Look, 'server' | 'places'>,
  {
    title,
    tab,
    section,
    summary = null,
    charts = [],
    below = null,
    foot = '',
  }: {
    title: Html | string;
    tab: string;
    section: { id: string; title: string; html: Html };
    summary?: Html | null;
    /** Of the section, and of what is below the navigation. */
    charts?: readonly Chart[];
    below?: Html | null;
    foot?: Html | string;
  },
): string {
  return page({
    title,
    tab: `${visible(tab)} · dj-sandbox`,
    summary,
    sections: [{ ...section, charts }],
    banner: banner(look, below),
    foot,
    live: true,
    scripts: LIVE_SCRIPTS,
  });
}

/** Of a text, for a browser that asks whether it has changed. */
export const etagOf = (text: string): string =>
  `"${createHash('sha256').update(text).digest('base64url').slice(0, 22)}"`;

/** What is to be read again from `path` while the page is open; `every`: in milliseconds; null: it does not change any more. */
export function live(id: string, path: string, every: number | null, content: Html): Html {
  return every === null
    ? html`<div id="${id}">${content}</div>`
    : html`<div id="${id}" data-live="${path}" data-every="${every}">${content}</div>`;
}

const BADGES: Record<string, string> = {
  done: 'good',
  failed: 'bad',
  running: 'busy',
  waiting: 'busy',
  paused: 'busy',
};

/** A state in a word, coloured where that helps. */
export const stateBadge = (state: string): Html =>
  html`<span class="badge ${BADGES[state] ?? ''}">${visible(state)}</span>`;

/** A moment: shown in UTC, in the reader's own time in its title (`live.js`). */
export function moment(ms: number): Html {
  const iso = new Date(ms).toISOString();
  return html`<time datetime="${iso}">${iso.slice(0, 16).replace('T', ' ')}</time>`;
}

/** How long something took; where it goes on, since when, and the page's script counts on. */
export function lasted(
  startedAt: number,
  tookMs: number | null,
  goesOn: boolean,
  text: (seconds: number) => string,
): Html {
  if (tookMs === null) return html`<span class="none">–</span>`;
  return goesOn
    ? html`<time data-since="${Math.trunc(startedAt)}"></time>`
    : html`<span class="figure">${text(tookMs / 1000)}</span>`;
}
