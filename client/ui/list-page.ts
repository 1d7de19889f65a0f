// The list of all runs: filtered, sorted, page by page.
import { createHash } from 'node:crypto';
import { duration, figure } from '../../plan/figures.ts';
import { type Html, html, named, visible } from '../../report/html.ts';
import { lasted, live, moment, plainPage, stateBadge } from './layout.ts';
import {
  firstOrder,
  isOver,
  type Listing,
  type ListQuery,
  listing,
  listPath,
  nameOf,
  ROWS_A_PAGE,
  type Sort,
  type Trials,
  tookOf,
} from './list-query.ts';
import { runPath } from './places.ts';
import type { Look, SeenRun } from './runs.ts';

const EVERY_MS = 4_000;

/** The whole page. */
export function listPage(look: Look, query: ListQuery, now: number): string {
  const found = listing(look.runs, query);
  const parent = query.of === '' ? null : look.runs.find(run => nameOf(run) === query.of);
  const title = parent ? html`Trials of ${named(parent.id)}` : 'Runs';
  return plainPage(look, {
    title,
    tab: 'Runs',
    section: {
      id: 'runs',
      title: 'Trials, sweeps and studies',
      html: html`${filterForm(found, query)}
${live('list', `/list${listPath(query).slice(1)}`, EVERY_MS, listBody(look, found, query, now))}`,
    },
  });
}

/** What of the page changes. */
export function listFragment(look: Look, query: ListQuery, now: number): string {
  return String(listBody(look, listing(look.runs, query), query, now));
}

function filterForm({ states, projects }: Listing, query: ListQuery): Html {
  const options = (values: readonly string[], chosen: string, all: string) =>
    html`<option value="">${all}</option>${[...new Set([...values, ...(chosen === '' ? [] : [chosen])])].map(
      value => html`<option value="${value}" ${value === chosen && 'selected'}>${visible(value).slice(0, 60)}</option>`,
    )}`;
  return html`<form class="filter" action="/" method="get" role="search" aria-label="Filter runs">
<label>Text <input type="search" name="q" value="${query.text}" placeholder="id, project, state, job …"></label>
<label>State <select name="state">${options(states, query.state, 'any')}</select></label>
<label>Kind <select name="kind">${options(['trial', 'sweep', 'study'], query.kind, 'any')}</select></label>
<label>Project <select name="project">${options(projects, query.project, 'any')}</select></label>
${query.of !== '' && html`<input type="hidden" name="of" value="${query.of}">`}
${query.sort !== 'started' && html`<input type="hidden" name="sort" value="${query.sort}">`}
${query.order !== firstOrder(query.sort) && html`<input type="hidden" name="order" value="${query.order}">`}
<button type="submit">Filter</button> ${isFiltered(query) && html`<a href="/">all runs</a>`}
</form>`;
}

const isFiltered = ({ text, state, kind, project, of }: ListQuery) => [text, state, kind, project, of].some(Boolean);

function listBody(look: Look, found: Listing, query: ListQuery, now: number): Html {
  if (found.count === 0) return emptyText(look, query);
  return html`<p class="count" role="status">${countText(found)}</p>
<form action="/compare" method="get" aria-label="Runs">
<div class="table-box" tabindex="0" role="region" aria-label="Runs"><table class="runs">
<caption class="unseen">Runs, ${query.sort} first</caption>
<thead><tr><th scope="col"><span class="unseen">Compare</span></th>${COLUMNS.map(column => heading(column, query))}</tr></thead>
<tbody>${found.rows.map(({ run, trials }) => html`${runRow(run, trials, query, now)}${trials?.shown.map(trial => runRow(trial, null, query, now, run))}${moreRow(run, trials)}`)}</tbody>
</table></div>
<p class="compare"><button type="submit">Compare the chosen trials</button> <span class="hint">two to eight of them: configs, recipes, data, results and curves</span></p>
</form>
${pager(found, query)}`;
}

function emptyText({ runs, places }: Look, query: ListQuery): Html {
  if (isFiltered(query))
    return html`<p class="remark" role="status">None of ${runs.length} runs is like that. <a href="/">All runs</a></p>`;
  const where = places.length === 0 ? 'There is no work_dir below this folder' : 'There are no runs yet';
  return html`<p class="remark" role="status">${where}: start one with <code>dj-sandbox run --config FILE</code>, or name a work_dir with <code>dj-sandbox ui --work-dir FOLDER</code>.</p>`;
}

function countText({ count, page, pages }: Listing): string {
  if (pages === 1) return `${count} ${count === 1 ? 'run' : 'runs'}`;
  const first = (page - 1) * ROWS_A_PAGE + 1;
  return `${first} to ${Math.min(count, first + ROWS_A_PAGE - 1)} of ${count.toLocaleString('en-US')} runs`;
}

interface ColumnHead {
  sort: Sort;
  title: string;
  numeric?: boolean;
  /** Left out where there is little room. */
  roomy?: boolean;
}

const COLUMNS: readonly ColumnHead[] = [
  { sort: 'run', title: 'Run' },
  { sort: 'state', title: 'State' },
  { sort: 'progress', title: 'Progress', roomy: true },
  { sort: 'objective', title: 'Objective', numeric: true },
  { sort: 'project', title: 'Project', roomy: true },
  { sort: 'started', title: 'Started (UTC)', roomy: true },
  { sort: 'took', title: 'Took', numeric: true, roomy: true },
];

const classOf = ({ numeric, roomy }: ColumnHead) => [numeric && 'numeric', roomy && 'roomy'].filter(Boolean).join(' ');

function heading(column: ColumnHead, query: ListQuery): Html {
  const { sort, title } = column;
  const isSorted = query.sort === sort;
  const order = isSorted ? (query.order === 'asc' ? 'desc' : 'asc') : firstOrder(sort);
  const sorted = isSorted ? (query.order === 'asc' ? 'ascending' : 'descending') : 'none';
  const mark = isSorted && html`<span aria-hidden="true">${query.order === 'asc' ? ' ▲' : ' ▼'}</span>`;
  return html`<th scope="col" class="${classOf(column)}" aria-sort="${sorted}"><a href="${listPath(query, { sort, order, page: 1 })}">${title}${mark}</a></th>`;
}

function runRow(
  run: SeenRun,
  trials: Trials | null,
  query: ListQuery,
  now: number,
  parent: SeenRun | null = null,
): Html {
  const name = nameOf(run);
  const cells = [
    html`<div class="run">${trials && toggle(run, trials, query)}<a href="${runPath(run.place, run.id)}">${parent ? shortName(run, parent) : named(run.id, 60)}</a>${run.kind !== 'trial' && html` <span class="kind">${run.kind}</span>`}</div>`,
    stateBadge(run.state),
    progressCell(run, trials),
    objectiveCell(run),
    parent
      ? null
      : html`${named(run.project, 40)}${run.experiment && html` <span class="quiet">${named(run.experiment, 40)}</span>`}`,
    moment(run.startedAt),
    lasted(run.startedAt, tookOf(run, now), run.closedAt === null && !isOver(run.state), duration),
  ];
  return html`<tr id="${rowId(name)}" class="${parent ? 'below' : ''}"><td>${run.kind === 'trial' && run.workDir !== null && html`<input type="checkbox" name="run" value="${name}" aria-label="Compare ${visible(run.id)}">`}</td>${cells.map(
    (cell, i) =>
      i === 0 ? html`<th scope="row">${cell}</th>` : html`<td class="${classOf(COLUMNS[i]!)}">${cell}</td>`,
  )}</tr>
`;
}

/** Ids of elements may have no spaces, ids of runs may have anything. */
const rowId = (name: string) => `row-${createHash('sha256').update(name).digest('hex').slice(0, 8)}`;

/** `trial-7` below its sweep. */
function shortName({ id }: SeenRun, parent: SeenRun): Html {
  return named(id.startsWith(`${parent.id}.`) ? id.slice(parent.id.length + 1) : id, 60);
}

/** Opens and closes a sweep's or study's trials, also without a script. */
function toggle(run: SeenRun, { count }: Trials, query: ListQuery): Html | null {
  if (count === 0) return null;
  const name = nameOf(run);
  const isOpen = query.open.includes(name);
  const open = isOpen ? query.open.filter(one => one !== name) : [...query.open, name];
  const label = `${isOpen ? 'Fold' : 'Show'} the ${count} trials of ${visible(run.id)}`;
  return html`<a class="toggle" href="${listPath(query, { open })}#${rowId(name)}" aria-expanded="${String(isOpen)}" aria-label="${label}">${isOpen ? '▾' : '▸'}</a>`;
}

function moreRow(run: SeenRun, trials: Trials | null): Html | null {
  if (!trials || trials.shown.length === 0) return null;
  const more = trials.count - trials.shown.length;
  const words =
    more > 0
      ? `${more} more: all ${trials.count} trials, sorted and filtered`
      : `its ${trials.count} trials alone, sorted and filtered`;
  return html`<tr class="below rest"><td></td><td colspan="${COLUMNS.length}"><a href="/?of=${encodeURIComponent(nameOf(run))}&amp;sort=objective">${words}</a></td></tr>`;
}

function progressCell(run: SeenRun, trials: Trials | null): Html {
  const counts = trials && trials.count > 0 ? stateCounts(trials) : null;
  const where = [run.stage, run.job].filter(Boolean).join(' · ');
  const { progress } = run;
  if (isOver(run.state)) {
    if (counts) return html`<span class="quiet">${counts}</span>`;
    return progress
      ? html`<span class="quiet">${progress.done} of ${progress.total} jobs</span>`
      : html`<span class="none">–</span>`;
  }
  const unit = run.kind === 'trial' ? 'jobs' : 'trials';
  const bar =
    progress &&
    html`<progress value="${progress.done}" max="${Math.max(progress.total, progress.done, 1)}" aria-label="${progress.done} of ${progress.total} ${unit}"></progress> <span class="figure">${progress.done}/${progress.total}</span>`;
  return html`${bar}${where !== '' && html` <span class="quiet">${named(where, 60)}</span>`}${counts && html` <span class="quiet">${counts}</span>`}${!bar && where === '' && !counts && html`<span class="none">–</span>`}`;
}

const stateCounts = ({ states }: Trials) => [...states].map(([state, count]) => `${count} ${state}`).join(', ');

function objectiveCell({ objective }: SeenRun): Html {
  if (!objective) return html`<span class="none">–</span>`;
  const { name, value, goal } = objective;
  const arrow = goal === null ? '' : goal === 'minimize' ? '↓' : '↑';
  const meaning = goal === null ? '' : `, ${goal === 'minimize' ? 'smaller' : 'larger'} is better`;
  return html`<span title="${visible(name)}${meaning}"><span class="figure">${figure(value)}</span>${arrow && html`<span class="quiet" aria-hidden="true"> ${arrow}</span>`}</span>`;
}

function pager({ page, pages }: Listing, query: ListQuery): Html | null {
  if (pages === 1) return null;
  const near = [1, page - 1, page, page + 1, pages].filter((n, i, all) => n >= 1 && n <= pages && all.indexOf(n) === i);
  const link = (n: number) =>
    n === page
      ? html`<a href="${listPath(query, { page: n })}" aria-current="page">${n}</a>`
      : html`<a href="${listPath(query, { page: n })}">${n}</a>`;
  return html`<nav class="pager" aria-label="Pages of the list">${page > 1 && html`<a href="${listPath(query, { page: page - 1 })}" rel="prev">previous</a>`}${near.map((n, i) => html`${i > 0 && n - near[i - 1]! > 1 && html`<span aria-hidden="true">…</span>`}${link(n)}`)}${page < pages && html`<a href="${listPath(query, { page: page + 1 })}" rel="next">next</a>`}</nav>`;
}
