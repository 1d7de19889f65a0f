// Which runs a list shows, as its address says it.
import type { Kind } from '../trials.ts';
import type { SeenRun } from './runs.ts';

export const SORTS = ['started', 'run', 'state', 'progress', 'objective', 'project', 'took'] as const;
export type Sort = (typeof SORTS)[number];

export interface ListQuery {
  /** Words that all must be in a run's id, project, experiment, state or job. */
  text: string;
  state: string;
  kind: Kind | '';
  project: string;
  /** `<place>/<id>` of a sweep or study: its trials alone. */
  of: string;
  sort: Sort;
  order: 'asc' | 'desc';
  /** From 1. */
  page: number;
  /** `<place>/<id>` of sweeps and studies whose trials are shown below them. */
  open: readonly string[];
}

const MOST_TEXT = 200;
const MOST_OPEN = 20;
const KINDS: readonly string[] = ['trial', 'sweep', 'study'];
/** What is sorted from the smallest at first; times and progress from the largest. */
const ASCENDING: readonly Sort[] = ['run', 'state', 'objective', 'project'];

/** Reads an address; what makes no sense in it counts as not there. */
export function readListQuery(search: URLSearchParams): ListQuery {
  const text = (name: string) => (search.get(name) ?? '').slice(0, MOST_TEXT).trim();
  const sort = SORTS.find(one => one === search.get('sort')) ?? 'started';
  const order = search.get('order');
  const page = Number(search.get('page'));
  return {
    text: text('q'),
    state: text('state'),
    kind: (KINDS.includes(text('kind')) ? text('kind') : '') as ListQuery['kind'],
    project: text('project'),
    of: (search.get('of') ?? '').slice(0, 400),
    sort,
    order: order === 'asc' || order === 'desc' ? order : firstOrder(sort),
    page: Number.isSafeInteger(page) && page > 0 ? page : 1,
    open: search.getAll('open').slice(0, MOST_OPEN),
  };
}

export const firstOrder = (sort: Sort): ListQuery['order'] => (ASCENDING.includes(sort) ? 'asc' : 'desc');

/** The address of a list, from its root on; what is as it is by itself is left out. */
export function listPath(query: ListQuery, changes: Partial<ListQuery> = {}): string {
  const { text, state, kind, project, of, sort, order, page, open } = { ...query, ...changes };
  const search = new URLSearchParams();
  const parts = { q: text, state, kind, project, of, sort: sort === 'started' ? '' : sort };
  for (const [name, value] of Object.entries(parts)) if (value !== '') search.set(name, value);
  if (order !== firstOrder(sort)) search.set('order', order);
  for (const one of open) search.append('open', one);
  if (page > 1) search.set('page', String(page));
  return search.size === 0 ? '/' : `/?${search}`;
}

/** `<place>/<id>`. */
export const nameOf = ({ place, id }: Pick<SeenRun, 'place' | 'id'>): string => `${place}/${id}`;

export interface Listing {
  /** Of this page, each with the trials that are shown below it. */
  rows: { run: SeenRun; trials: Trials | null }[];
  /** On all pages. */
  count: number;
  page: number;
  pages: number;
  /** What can be chosen from. */
  states: string[];
  projects: string[];
}

/** The trials of a sweep or study: how many, by state, and those that are shown. */
export interface Trials {
  count: number;
  states: ReadonlyMap<string, number>;
  shown: SeenRun[];
}

export const ROWS_A_PAGE = 50;
const MOST_SHOWN_BELOW = 25;

/** What a list shows. Trials of sweeps and studies are below them, and stand by themselves where text, kind or `of` asks for trials. */
export function listing(runs: readonly SeenRun[], query: ListQuery): Listing {
  const children = new Map<string, SeenRun[]>();
  const names = new Set(runs.map(nameOf));
  const isChild = (run: SeenRun) => run.parent !== null && names.has(`${run.place}/${run.parent}`);
  for (const run of runs) {
    if (!isChild(run)) continue;
    const parent = `${run.place}/${run.parent}`;
    const known = children.get(parent);
    if (known) known.push(run);
    else children.set(parent, [run]);
  }
  const isFlat = query.text !== '' || query.kind === 'trial' || query.of !== '';
  const words = query.text.toLowerCase().split(/\s+/).filter(Boolean);
  const fits = (run: SeenRun) =>
    (isFlat || !isChild(run)) &&
    (query.of === '' || `${run.place}/${run.parent}` === query.of) &&
    (query.state === '' || run.state === query.state) &&
    (query.kind === '' || run.kind === query.kind) &&
    (query.project === '' || run.project === query.project) &&
    hasAll(run, words);
  const fitting = inOrder(runs.filter(fits), query);
  const pages = Math.max(1, Math.ceil(fitting.length / ROWS_A_PAGE));
  const page = Math.min(query.page, pages);
  return {
    rows: fitting.slice((page - 1) * ROWS_A_PAGE, page * ROWS_A_PAGE).map(run => ({
      run,
      trials: trialsBelow(run, children.get(nameOf(run)) ?? [], query),
    })),
    count: fitting.length,
    page,
    pages,
    states: [...new Set(runs.map(({ state }) => state))].sort(),
    projects: [...new Set(runs.map(({ project }) => project))].filter(Boolean).sort(),
  };
}

function hasAll({ id, project, experiment, state, job }: SeenRun, words: readonly string[]): boolean {
  if (words.length === 0) return true;
  const text = `${id} ${project} ${experiment} ${state} ${job}`.toLowerCase();
  return words.every(word => text.includes(word));
}

function trialsBelow(run: SeenRun, trials: readonly SeenRun[], query: ListQuery): Trials | null {
  if (run.kind === 'trial') return null;
  const states = new Map<string, number>();
  for (const { state } of trials) states.set(state, (states.get(state) ?? 0) + 1);
  const isOpen = query.open.includes(nameOf(run));
  const sorted = isOpen ? [...trials].sort((a, b) => numberOf(a.id) - numberOf(b.id)) : [];
  return { count: trials.length, states, shown: sorted.slice(0, MOST_SHOWN_BELOW) };
}

const numberOf = (id: string) => Number(/(\d+)$/.exec(id)?.[1] ?? 0);

/** Sorted; what has no value for it stands last, whichever way round. */
function inOrder(runs: readonly SeenRun[], { sort, order }: ListQuery): SeenRun[] {
  const now = Date.now();
  const values = new Map(runs.map(run => [run, VALUES[sort](run, now)]));
  const sign = order === 'asc' ? 1 : -1;
  return [...runs].sort((a, b) => {
    const [x, y] = [values.get(a)!, values.get(b)!];
    if (x === null || y === null) return Number(x === null) - Number(y === null) || b.startedAt - a.startedAt;
    const by = typeof x === 'string' ? compareText(x, String(y)) : x - Number(y);
    return sign * by || b.startedAt - a.startedAt;
  });
}

/** `trial-10` after `trial-9`. */
const compareText = new Intl.Collator('en', { numeric: true }).compare;

const VALUES: Record<Sort, (run: SeenRun, now: number) => string | number | null> = {
  started: run => run.startedAt,
  run: run => run.id,
  state: run => run.state,
  progress: ({ progress }) => (progress && progress.total > 0 ? progress.done / progress.total : null),
  objective: ({ objective }) => (objective && Number.isFinite(objective.value) ? objective.value : null),
  project: ({ project, experiment }) => `${project} ${experiment}`,
  took: (run, now) => tookOf(run, now),
};

/** How long a run took or takes, in milliseconds; null: not known. */
export function tookOf({ startedAt, closedAt, state }: SeenRun, now: number): number | null {
  if (closedAt !== null) return closedAt - startedAt;
  return isOver(state) || state === 'unfinished' ? null : now - startedAt;
}

/** Nothing changes by itself any more. */
export const isOver = (state: string): boolean => state === 'done' || state === 'failed' || state === 'stopped';
