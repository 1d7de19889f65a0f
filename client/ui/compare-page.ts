// Trials beside each other: what their configs, recipes, data and results differ in, and their curves on one chart a metric.

import type { Json } from '../../plan/plan.ts';
import { chartText } from '../../report/charts/chart-text.ts';
import { type CurveLook, curvesOfTrials } from '../../report/charts/curves-of-trials.ts';
import { CurveReader } from '../../report/collect/curves.ts';
import { type JobRecord, jobRecords, readTrialRecord } from '../../report/collect/trial-record.ts';
import { valueText } from '../../report/diff/flatten.ts';
import { type JobFacts, SECTION_TITLES, SECTIONS, type Section, trialFacts } from '../../report/diff/trial-facts.ts';
import { figure, numberText, origin } from '../../report/figure.ts';
import { type Html, html, named, visible } from '../../report/html.ts';
import type { Curves, CurvesOfMetric } from '../../report/model/curves.ts';
import { page } from '../../report/page.ts';
import { type Chart, chartHtml, type Section as PageSection, remark, table } from '../../report/section.ts';
import { banner, LIVE_SCRIPTS, plainPage, stateBadge } from './layout.ts';
import { nameOf } from './list-query.ts';
import { runPath } from './places.ts';
import type { Look, SeenRun } from './runs.ts';

const MOST_TRIALS = 8;
const MOST_CHARTS = 6;
const MOST_POINTS = 400;

/** A trial as it is compared. */
interface Compared {
  run: SeenRun;
  /** `A`, `B`, …: what it is called on this page. */
  letter: string;
  facts: JobFacts[];
  records: JobRecord[];
}

/** The page of the trials that the address names (`<place>/<id>`); `all`: also what they have in common. */
export async function comparePage(look: Look, names: readonly string[], all: boolean): Promise<string> {
  const wanted = [...new Set(names)];
  const runs = wanted.map(name => look.runs.find(run => nameOf(run) === name));
  const trials = runs.filter((run): run is SeenRun => run?.kind === 'trial' && run.workDir !== null);
  const known = await Promise.all(trials.slice(0, MOST_TRIALS).map(readCompared));
  const compared = known.filter(one => one !== null);
  const left = wanted.filter(name => !compared.some(({ run }) => nameOf(run) === name));
  if (compared.length < 2) return choicePage(look, compared, left);
  const charts = await curveCharts(compared);
  const sections: PageSection[] = [
    { id: 'trials', title: 'Trials', html: trialsHtml(compared, left), charts: [] },
    ...SECTIONS.map(section => ({
      id: section,
      title: SECTION_TITLES[section],
      html: sectionHtml(section, compared, all),
      charts: [],
    })),
    {
      id: 'curves',
      title: 'Curves',
      html: html`${charts.length === 0 ? remark('None of them told anything over steps.') : charts.map(chartHtml)}`,
      charts,
    },
  ];
  return page({
    title: 'Compare',
    tab: 'Compare · dj-sandbox',
    summary: summaryHtml(compared, all, wanted),
    sections,
    banner: banner(look),
    live: true,
    scripts: LIVE_SCRIPTS,
  });
}

async function readCompared(run: SeenRun, at: number): Promise<Compared | null> {
  const record = await readTrialRecord(run.workDir!, run.id);
  if (!record) return null;
  const last = { ...record, plans: record.plans.slice(-1) };
  return {
    run,
    letter: String.fromCharCode(65 + at),
    facts: await trialFacts(record),
    records: await jobRecords(last),
  };
}

function choicePage(look: Look, compared: readonly Compared[], left: readonly string[]): string {
  const [one] = compared;
  return plainPage(look, {
    title: 'Compare',
    tab: 'Compare',
    section: {
      id: 'choose',
      title: 'Choose two trials or more',
      html: html`${leftHtml(left)}${one && html`<p>Compare ${named(one.run.id)} with:</p>${othersHtml(look, one.run)}`}${!one && html`<p>Mark trials in <a href="/">the list of runs</a>, then choose “Compare the chosen trials”.</p>`}`,
    },
  });
}

const MOST_OTHERS = 40;

/** Trials to compare one with: those of its sweep or study, else the newest. */
function othersHtml(look: Look, one: SeenRun): Html {
  const others = look.runs.filter(run => run.kind === 'trial' && run.workDir !== null && run !== one);
  const akin = others.filter(({ place, parent }) => place === one.place && parent === one.parent && parent !== null);
  const shown = (akin.length > 0 ? akin : others).slice(0, MOST_OTHERS);
  if (shown.length === 0) return html`<p class="remark">There is no other trial.</p>`;
  return html`<ul>${shown.map(run => html`<li><a href="${comparePath([one, run].map(nameOf))}">${named(run.id, 80)}</a> ${stateBadge(run.state)}</li>`)}</ul>`;
}

function comparePath(names: readonly string[], all = false): string {
  const search = new URLSearchParams();
  for (const name of names) search.append('run', name);
  if (all) search.set('all', '1');
  return `/compare?${search}`;
}

function leftHtml(left: readonly string[]): Html | null {
  if (left.length === 0) return null;
  return remark(
    html`Left out, as there are no files of such a trial here, or more than ${MOST_TRIALS} were chosen: ${left.map((name, i) => html`${i > 0 && ', '}${named(name.slice(name.indexOf('/') + 1), 80)}`)}`,
    'problem',
  );
}

function summaryHtml(compared: readonly Compared[], all: boolean, wanted: readonly string[]): Html {
  const different = rowsOf('config', compared).filter(({ differs }) => differs).length;
  const words =
    different === 0
      ? 'Their configs are the same'
      : `Their configs differ in ${different} ${different === 1 ? 'value' : 'values'}`;
  return html`<p>${compared.length} trials. ${words}. <a href="${comparePath(wanted, !all)}">${all ? 'Show only what differs' : 'Show also what they have in common'}</a></p>`;
}

function trialsHtml(compared: readonly Compared[], left: readonly string[]): Html {
  const names = compared.map(({ run }) => nameOf(run));
  return html`${leftHtml(left)}${table({
    caption: 'Trials that are compared',
    quiet: true,
    columns: [
      { title: '' },
      { title: 'Trial' },
      { title: 'State' },
      { title: 'Objective', numeric: true },
      { title: '' },
    ],
    rows: compared.map(({ run, letter }) => [
      html`<span class="letter l${letter.toLowerCase()}">${letter}</span>`,
      html`<a href="${runPath(run.place, run.id)}">${named(run.id)}</a>`,
      stateBadge(run.state),
      run.objective && html`<span title="${visible(run.objective.name)}">${numberText(run.objective.value)}</span>`,
      compared.length > 2
        ? html`<a href="${comparePath(names.filter(name => name !== nameOf(run)))}">leave out ${letter}</a>`
        : null,
    ]),
  })}`;
}

interface Row {
  job: string;
  component: string;
  name: string;
  /** By trial; undefined: it has none. */
  values: (Json | undefined)[];
  differs: boolean;
}

function rowsOf(section: Section, compared: readonly Compared[]): Row[] {
  const jobs = new Map<string, string>();
  for (const { facts } of compared)
    for (const { job, component } of facts) if (!jobs.has(job)) jobs.set(job, component);
  return [...jobs].flatMap(([job, component]) => {
    const each = compared.map(({ facts }) => facts.find(one => one.job === job)?.facts[section]);
    const names = new Set(each.flatMap(facts => [...(facts?.keys() ?? [])]));
    return [...names].map(name => {
      const values = each.map(facts => facts?.get(name));
      const texts = new Set(values.map(value => JSON.stringify(value)));
      return { job, component, name, values, differs: texts.size > 1 };
    });
  });
}

function sectionHtml(section: Section, compared: readonly Compared[], all: boolean): Html {
  const rows = rowsOf(section, compared);
  const shown = all ? rows : rows.filter(({ differs }) => differs);
  if (shown.length === 0)
    return remark(
      rows.length === 0
        ? 'None of them has any.'
        : `The same in all (${rows.length} ${rows.length === 1 ? 'value' : 'values'}).`,
    );
  return table({
    caption: `${SECTION_TITLES[section]}: ${all ? 'all values' : 'what differs'}`,
    quiet: true,
    columns: [
      { title: 'Job' },
      { title: section === 'results' ? 'Metric' : 'Key' },
      ...compared.map(({ run, letter }) => ({
        title: html`<span class="letter l${letter.toLowerCase()}">${letter}</span><span class="unseen"> ${visible(run.id)}</span>`,
        numeric: section === 'results' || section === 'data',
      })),
    ],
    rows: shown.map((row, i) => [
      row.job === shown[i - 1]?.job ? html`<span class="unseen">${visible(row.job)}</span>` : named(row.job, 60),
      named(row.name, 80),
      ...row.values.map((value, at) => valueHtml({ section, all, row, value, of: compared[at]! })),
    ]),
  });
}

interface Cell {
  section: Section;
  all: boolean;
  row: Row;
  value: Json | undefined;
  of: Compared;
}

/** Numbers of results name the manifest that they are from. Beside values that are the same, those that differ stand out. */
function valueHtml({ section, all, row: { job, name, differs }, value, of }: Cell): Html {
  if (value === undefined) return html`<span class="none">–</span>`;
  const key = of.facts.find(one => one.job === job)?.key;
  const isMeasured = (section === 'results' || section === 'data') && typeof value === 'number';
  const shown = isMeasured && key ? figure(value, origin(`jobs/${key}/manifest.json`, 'metrics', name)) : textOf(value);
  return all && differs ? html`<strong class="differs">${shown}</strong>` : shown;
}

function textOf(value: Json): Html {
  // The beginning of a hash tells it from another.
  if (typeof value === 'string' && /^[0-9a-f]{64}$/.test(value))
    return html`<code title="${value}">${value.slice(0, 12)}</code>`;
  if (typeof value === 'number') return html`<span title="${String(value)}">${numberText(value)}</span>`;
  return named(valueText(value), 200);
}

async function curveCharts(compared: readonly Compared[]): Promise<Chart[]> {
  const each = await Promise.all(compared.map((one, at) => curvesOf(one, at + 1)));
  const byName = new Map<string, CurvesOfMetric>();
  for (const { metrics } of each)
    for (const metric of metrics) {
      const before = byName.get(metric.name);
      if (before) before.curves.push(...metric.curves);
      else byName.set(metric.name, { ...metric, curves: [...metric.curves], all: compared.length });
    }
  const looks = new Map(compared.map(({ run, letter }, at) => [at + 1, lookOf(run, letter, at)]));
  const names = [...looks.values()].map(({ name }) => name);
  return [...byName.values()]
    .sort((a, b) => b.curves.length - a.curves.length)
    .slice(0, MOST_CHARTS)
    .map((metric, i) =>
      curvesOfTrials(metric, {
        id: `curve-${i + 1}`,
        most: MOST_POINTS,
        looks,
        legend: { names, on: new Set(names) },
        key: 'One colour a trial, as in the tables.',
      }),
    );
}

function lookOf(run: SeenRun, letter: string, at: number): CurveLook {
  // The ends of ids tell trials of one sweep apart.
  const letters = [...run.id];
  const end = letters.length > 32 ? `…${letters.slice(-31).join('')}` : run.id;
  const name = `${letter} ${chartText(end)}`;
  return { trial: at + 1, name, title: name, color: `var(--c${(at % 8) + 1})`, strong: true };
}

async function curvesOf({ run, records }: Compared, number: number): Promise<Curves> {
  const reader = new CurveReader(run.workDir!);
  await reader.read(number, records);
  return reader.curves([], [number]);
}
