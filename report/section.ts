// What pages are made of: sections, charts, tables. Pure functions of the model make them.
import type { JsonObject } from '../plan/plan.ts';
import { type Html, html } from './html.ts';

/** A part of a page with a heading of its own. */
export interface Section {
  /** Of letters, digits and dashes; the same on every page of that kind, so that links to it stay. */
  id: string;
  title: string;
  /** Where charts belong in it `chartHtml` puts their places. */
  html: Html;
  charts: readonly Chart[];
  /** Files of report/browser/ that it needs, beside those that every page has. */
  scripts?: readonly string[];
}

/** What a reader may change about a chart of curves. */
export type Control =
  /** A switch between linear and logarithmic values. */
  | 'log'
  /** A slider that draws a running mean over the points, which stay. */
  | 'smooth';

export interface Chart {
  /** Unique on the page. */
  id: string;
  title: string;
  /**
   * An ECharts option, JSON only. Texts `var(--name)` become that custom property's value (charts.css.ts), texts `@name` the function of that name
   * in browser/formats.js.
   */
  option: JsonObject;
  /** What is seen on it, in a sentence: it stands for the picture where that cannot be seen. */
  label: string;
  /** The same as a table; in a <details> below the chart. */
  table?: Html | null;
  /** Below the title: how to read it, what was left out. */
  note?: Html | string;
  /** In CSS pixels. */
  height?: number;
  controls?: readonly Control[];
}

/** The place of a chart in a section's HTML. The page's script draws it when it comes into view. */
export function chartHtml({ id, title, label, table, note, height = 320, controls = [] }: Chart): Html {
  return html`<figure class="chart" id="chart-${id}">
<figcaption><span class="chart-title">${title}</span>${controls.includes('log') && html`<label class="control"><input type="checkbox" data-control="log" data-of="${id}"> log scale</label>`}${
    controls.includes('smooth') &&
    html`<label class="control">smoothing <input type="range" min="0" max="0.99" step="0.01" value="0" data-control="smooth" data-of="${id}"> <output>0</output></label>`
  }${note && html`<span class="chart-note">${note}</span>`}</figcaption>
<div class="chart-box" role="img" aria-label="${label}" data-chart="${id}" style="height:${height}px"></div>
${table && html`<details class="chart-table"><summary>The same as a table</summary>${table}</details>`}
</figure>`;
}

export interface Column {
  title: Html | string;
  /** Numbers stand right-aligned, on tabular figures. */
  numeric?: boolean;
  /** Sentences, which want room: the table scrolls sideways instead. */
  wide?: boolean;
}

export interface TableOptions {
  /** Says what the table is; seen by screen readers only where `quiet`. */
  caption: string;
  quiet?: boolean;
  columns: readonly Column[];
  /** Cells by row; the first is the row's heading. */
  rows: readonly (readonly (Html | string | null)[])[];
}

/** A table that scrolls sideways by itself where it is too wide for the page. */
export function table({ caption, quiet = false, columns, rows }: TableOptions): Html {
  const kind = (i: number) => (columns[i]?.numeric ? 'numeric' : columns[i]?.wide ? 'wide' : '');
  return html`<div class="table-box" tabindex="0" role="region" aria-label="${caption}"><table>
<caption class="${quiet ? 'unseen' : ''}">${caption}</caption>
<thead><tr>${columns.map(({ title }, i) => html`<th scope="col" class="${kind(i)}">${title}</th>`)}</tr></thead>
<tbody>${rows.map(
    cells =>
      html`<tr>${cells.map((cell, i) => (i === 0 ? html`<th scope="row" class="${kind(i)}">${cell}</th>` : html`<td class="${kind(i)}">${cell}</td>`))}</tr>
`,
  )}</tbody></table></div>`;
}

/** Names and what they are. */
export function facts(entries: readonly (readonly [string, Html | string | null])[]): Html {
  const shown = entries.filter(([, value]) => value !== null);
  return html`<dl class="facts">${shown.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}

/** A remark: what is missing, what was left out, what to know. `problem`: something went wrong. */
export function remark(text: Html | string, kind: 'note' | 'problem' = 'note'): Html {
  return html`<p class="remark ${kind}">${kind === 'problem' && html`<strong>Problem: </strong>`}${text}</p>`;
}
