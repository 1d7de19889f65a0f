import { shortNames, valueText } from '../../../plan/sweep/point-text.ts';
import { computed, type Format, figure, none, origin } from '../../figure.ts';
import { type Html, html, named } from '../../html.ts';
import type { RenderOptions } from '../../model/report.ts';
import type { ReportedTrial, SweepModel } from '../../model/sweep.ts';
import { varied } from '../../model/winner.ts';
import { remark, type Section } from '../../section.ts';
import { badge, counted, objective, pointValue } from '../words.ts';

/** A column: what its head says, and of each trial what is shown and what it is sorted by. */
interface LeaderColumn {
  title: string;
  /** In full, where the title is shortened. */
  full?: string;
  numeric: boolean;
  /** Long texts: the column is wide, and breaks lines. */
  words?: boolean;
  cell: (trial: ReportedTrial) => Html | string;
  /** Null comes last, whichever way it is sorted. */
  by: (trial: ReportedTrial) => number | string | null;
}

/** More rows make the page large: of very many trials the first ones are listed. */
const MOST_ROWS = 1_000;

/** All trials, the best first: to be sorted, filtered, and picked for the charts. */
export function leaderboardSection(model: SweepModel, pageOf: NonNullable<RenderOptions['pageOf']>): Section {
  const { trials } = model;
  const { names, same } = varied(model);
  const columns = columnsOf(model, names);
  const shown = trials.slice(0, MOST_ROWS);
  const states = [...new Set(trials.map(({ status }) => status))];
  const content = html`
<div class="board" data-board>
<div class="board-tools" hidden>
<label>Filter <input type="search" data-board-filter placeholder="trial, state or value" autocomplete="off"></label>
<label>State <select data-board-state><option value="">all</option>${states.map(state => html`<option>${state}</option>`)}</select></label>
<button type="button" data-board-clear disabled>Unpick all</button>
<output data-board-count aria-live="polite">${counted(shown.length, 'trial')}</output>
</div>
<div class="table-box" tabindex="0" role="region" aria-label="Leaderboard"><table>
<caption>The best first. <span data-board-hint hidden>A head sorts by its column; a trial that is picked stands out in the charts.</span></caption>
<thead><tr><th scope="col" class="numeric" data-kind="number">rank</th><th scope="col" data-kind="number">trial</th>${columns.map(
    ({ title, full, numeric }) =>
      html`<th scope="col" class="${numeric ? 'numeric' : ''}" data-kind="${numeric ? 'number' : 'text'}" title="${full}">${title}</th>`,
  )}</tr></thead>
<tbody>${shown.map((trial, i) => row(trial, i, columns, pageOf))}</tbody></table></div>
</div>
${trials.length > shown.length && remark(`${trials.length - shown.length} more trials are not listed here: \`dj-sandbox sweep leaderboard ${model.id}\` lists all.`)}
${same.length > 0 && html`<p class="small">The same in all trials: ${same.slice(0, 20).map(([name, value], i) => html`${i > 0 && ', '}${named(name, 80)} = ${named(value, 60)}`)}.</p>`}`;
  return { id: 'leaderboard', title: 'Leaderboard', html: content, charts: [], scripts: ['leaderboard.js'] };
}

function row(
  trial: ReportedTrial,
  at: number,
  columns: readonly LeaderColumn[],
  pageOf: (id: string) => string | null,
): Html {
  const page = pageOf(trial.id);
  return html`<tr data-state="${trial.status}" data-trial="${trial.trial}"><td class="numeric" data-by="${at + 1}">${at + 1}</td><th scope="row" data-by="${trial.trial}"><span data-pick>trial ${trial.trial}</span>${
    page !== null && html` <a class="own" href="${page}" aria-label="report of trial ${trial.trial}">report</a>`
  }</th>${columns.map(({ numeric, words, cell, by }) => html`<td class="${numeric ? 'numeric' : words ? 'words' : ''}" data-by="${by(trial) ?? ''}">${cell(trial)}</td>`)}</tr>
`;
}

function columnsOf(model: SweepModel, names: readonly string[]): LeaderColumn[] {
  const { spec, trials, rungs, ledger, until } = model;
  const short = shortNames([...spec.metrics.map(({ name }) => name), ...names]);
  const title = (name: string) => shortened(short.get(name) ?? name);
  const hasGpus = trials.some(({ gpuSeconds }) => gpuSeconds > 0);
  const hasWhy = trials.some(({ why }) => why !== null);
  const state: LeaderColumn = {
    title: 'state',
    numeric: false,
    cell: ({ status }) => badge(status),
    by: ({ status }) => status,
  };
  const objectives = spec.metrics.map(
    ({ name, goal }, i): LeaderColumn => ({
      title: `${title(name)} ${goal === 'minimize' ? '↓' : '↑'}`,
      full: `${name}, to be ${goal}d`,
      numeric: true,
      cell: trial => objective(model, trial, i),
      by: ({ objectives }) => finite(objectives[i]),
    }),
  );
  const rung: LeaderColumn = {
    title: 'rung',
    full: rungs ? `the furthest rung that it reached, and ${rungs.metric} there` : '',
    numeric: true,
    cell: trial => rungCell(model, trial),
    by: trial => trial.rungs.at(-1)?.step ?? null,
  };
  const parameters = names.map(
    (name): LeaderColumn => ({
      title: title(name),
      full: name,
      numeric: trials.every(({ point }) => !Object.hasOwn(point, name) || typeof point[name] === 'number'),
      cell: trial => pointValue(model, trial, name),
      by: ({ point }) =>
        Object.hasOwn(point, name)
          ? typeof point[name] === 'number'
            ? finite(point[name])
            : valueText(point[name]).slice(0, 80)
          : null,
    }),
  );
  const steps: LeaderColumn = {
    title: 'steps',
    numeric: true,
    cell: ({ steps, rungs, lines }) =>
      steps !== null && lines.end !== null
        ? figure(steps, origin(ledger.file, lines.end, 'steps'), { format: 'count' })
        : figure(rungs.at(-1)?.step, origin(ledger.file, lines.rungs.at(-1) ?? 0, 'step'), { format: 'count' }),
    by: ({ steps, rungs }) => steps ?? rungs.at(-1)?.step ?? null,
  };
  const time: LeaderColumn = {
    title: 'time',
    full: 'from its beginning to its end, with what it waited',
    numeric: true,
    cell: ({ startedAt, finishedAt, lines }) =>
      computed(
        ((finishedAt ?? until) - startedAt) / 1000,
        [origin(ledger.file, lines.suggest, 't'), ...(lines.end === null ? [] : [origin(ledger.file, lines.end, 't')])],
        { format: 'duration' },
      ),
    by: ({ startedAt, finishedAt }) => (finishedAt ?? until) - startedAt,
  };
  const toldAtEnd = (key: 'gpuSeconds' | 'reused', format: Format): Pick<LeaderColumn, 'numeric' | 'cell' | 'by'> => ({
    numeric: true,
    cell: ({ lines, [key]: value }) =>
      lines.end === null ? none('not ended') : figure(value, origin(ledger.file, lines.end, key), { format }),
    by: ({ lines, [key]: value }) => (lines.end === null ? null : value),
  });
  const gpu: LeaderColumn = {
    title: 'GPU time',
    full: 'how long it held GPUs, times their number',
    ...toldAtEnd('gpuSeconds', 'duration'),
  };
  const reused: LeaderColumn = {
    title: 'reused',
    full: 'jobs whose results were there before',
    ...toldAtEnd('reused', 'count'),
  };
  const why: LeaderColumn = {
    title: 'why',
    numeric: false,
    words: true,
    cell: ({ why }) => (why === null ? '' : named(why, 120)),
    by: ({ why }) => why?.slice(0, 80) ?? null,
  };
  return [
    state,
    ...objectives,
    ...(rungs ? [rung] : []),
    ...parameters,
    steps,
    time,
    ...(hasGpus ? [gpu] : []),
    reused,
    ...(hasWhy ? [why] : []),
  ];
}

const finite = (value: unknown): number | null => (typeof value === 'number' && Number.isFinite(value) ? value : null);

/** Heads stay narrow: the full name is in their titles. */
function shortened(name: string): string {
  const letters = [...name];
  return letters.length > 28 ? `${letters.slice(0, 27).join('')}…` : name;
}

function rungCell({ ledger }: SweepModel, { rungs, lines }: ReportedTrial): Html {
  const last = rungs.at(-1);
  const line = lines.rungs.at(-1);
  if (!last || line === undefined) return none('reached none');
  return html`${figure(last.step, origin(ledger.file, line, 'step'), { format: 'count' })} <small>(${figure(last.value, origin(ledger.file, line, 'value'))})</small>`;
}
