// When trials ran, and on what: bars over the time since the sweep or study began.
import { duration } from '../../plan/figures.ts';
import type { Json, JsonObject } from '../../plan/plan.ts';
import { named } from '../html.ts';
import type { TrialWork } from '../model/trial-work.ts';
import { type Chart, table } from '../section.ts';
import { chartText } from './chart-text.ts';

/** A trial with its time, in milliseconds since the epoch. */
export interface Timed {
  trial: number;
  /** In the bar's tooltip. */
  title: string;
  status: string;
  startedAt: number | null;
  finishedAt: number | null;
  work: TrialWork;
}

/** A stretch of a job's program, or a job without one. */
export interface Stretch {
  trial: number;
  /** meta_name of the job. */
  job: string;
  component: string;
  from: number;
  to: number;
  host: string | null;
  devices: readonly string[];
  /** Why a program ended, unless it ended by itself. */
  why: string | null;
}

/** With more trials than these a row is a place that trials took one after another. */
const MOST_ROWS = 48;

/** What trials ran themselves, as stretches of time; what is reused was no work of theirs. `until` ends what runs still. */
export function stretchesOf(trials: readonly Timed[], until: number): Stretch[] {
  return trials.flatMap(({ trial, work }) =>
    work.jobs.flatMap(({ metaName, component, state, startedAt, finishedAt, host, devices, segments }): Stretch[] => {
      const base = { trial, job: metaName, component, host, devices };
      if (segments.length > 0)
        return segments.map(({ from, to, why }) => ({
          ...base,
          from,
          to: to ?? until,
          why: why === 'exited' ? null : why,
        }));
      if (state !== 'ran' || startedAt === null || finishedAt === null) return [];
      return [{ ...base, from: startedAt, to: finishedAt, why: null }];
    }),
  );
}

interface Span {
  began: number;
  until: number;
  id?: string;
}

/** Trials over time: of few each is a row with its jobs; of many a row is a place where one stretch of work follows another. Null: nothing is known. */
export function trialsTimeline(trials: readonly Timed[], { began, until, id = 'timeline' }: Span): Chart | null {
  const timed = trials.filter(({ startedAt }) => startedAt !== null).sort((a, b) => a.trial - b.trial);
  if (timed.length === 0) return null;
  const stretches = stretchesOf(timed, until).sort((a, b) => a.from - b.from || a.trial - b.trial);
  const isLong = timed.length > MOST_ROWS;
  const ends = (each: Timed) => Math.max(each.startedAt!, each.finishedAt ?? until);
  const placed = isLong
    ? places(stretches)
    : stretches.map(({ trial }) => timed.findIndex(each => each.trial === trial));
  const names = isLong
    ? Array.from({ length: Math.max(0, ...placed) + 1 }, (_, i) => `place ${i + 1}`)
    : timed.map(({ trial }) => `trial ${trial}`);
  const second = secondsSince(began);
  const whole = timed.map(
    (each, i): Json => ({
      value: [i, second(each.startedAt!), second(ends(each))],
      itemStyle: { color: each.status === 'failed' ? 'var(--bad-soft)' : 'var(--line)' },
      tip: [chartText(each.title, 120), `${each.status}, ${duration((ends(each) - each.startedAt!) / 1000)}`],
    }),
  );
  const jobs = [...new Set(stretches.map(({ job }) => job))];
  const last = second(Math.max(until, ...timed.map(ends)));
  return {
    id,
    title: isLong ? 'What ran over time, in the places that it took' : 'Trials over time',
    option: {
      ...frameOf(names, jobs, last),
      series: [
        ...(isLong ? [] : [{ ...BARS, name: 'trial', z: 2, data: whole }]),
        ...jobs.map((job, i) => ({
          ...BARS,
          name: chartText(job),
          z: 3,
          itemStyle: { color: colorOf(i) },
          data: stretches.flatMap((each, at) =>
            each.job === job
              ? [{ value: [placed[at]!, second(each.from), second(each.to)], tip: stretchTip(each) }]
              : [],
          ),
        })),
      ],
    },
    label: `${timed.length} trials over ${duration((until - began) / 1000)}${isLong ? `, at most ${names.length} stretches of work at once` : ''}; bars are the jobs that they ran.`,
    note: isLong
      ? 'A bar is a job, or a stretch of it between two rungs; each stands in the first place that was free. Jobs whose results were there before take no time and have no bar.'
      : 'Pale: the trial is open: it waits for a host, or at a rung. Jobs whose results were there before take no time and have no bar.',
    height: 96 + Math.max(8, Math.min(22, Math.floor(900 / names.length))) * names.length,
    table: jobsTable(jobs, stretches),
  };
}

const BARS = { type: 'custom', renderItem: '@timelineBar', encode: { x: [1, 2], y: 0 } };
/** Tenths of seconds are enough to draw by. */
const secondsSince = (began: number) => (at: number) => Math.max(0, Math.round((at - began) / 100) / 10);

/** Everything of a timeline but its bars. */
function frameOf(rows: readonly string[], jobs: readonly string[], last: number): JsonObject {
  return {
    grid: { left: 8, right: 24, top: 44, bottom: 28, containLabel: true },
    legend: { type: 'scroll', top: 0, data: jobs.map(job => chartText(job)) },
    tooltip: { trigger: 'item', formatter: '@tipTooltip' },
    xAxis: {
      type: 'value',
      name: 'since the start',
      nameLocation: 'middle',
      nameGap: 26,
      min: 0,
      max: Math.max(last, 0.1),
      axisLabel: { formatter: '@duration', hideOverlap: true },
    },
    yAxis: { type: 'category', inverse: true, data: [...rows], axisTick: { show: false }, axisLine: { show: false } },
  };
}

function stretchTip({ trial, job, component, from, to, host, devices, why }: Stretch): string[] {
  return [
    `trial ${trial}: ${chartText(job)}`,
    chartText(component, 60),
    duration((to - from) / 1000),
    ...(host === null ? [] : [`on ${chartText([host, ...devices].join(' '), 60)}`]),
    ...(why === null ? [] : [`ended: ${why}`]),
  ];
}

function jobsTable(jobs: readonly string[], stretches: readonly Stretch[]) {
  return table({
    caption: 'Time by job',
    quiet: true,
    columns: [{ title: 'job' }, { title: 'stretches', numeric: true }, { title: 'time', numeric: true }],
    rows: jobs.map(job => {
      const own = stretches.filter(each => each.job === job);
      const seconds = own.reduce((sum, { from, to }) => sum + (to - from) / 1000, 0);
      return [named(job, 80), String(own.length), duration(seconds)];
    }),
  });
}

const colorOf = (index: number) => `var(--c${(index % 8) + 1})`;

/** For each, in the order of their starts, the first place that is free. */
function places(stretches: readonly Stretch[]): number[] {
  const free: number[] = [];
  return stretches.map(({ from, to }) => {
    const found = free.findIndex(until => until <= from);
    const place = found < 0 ? free.length : found;
    free[place] = to;
    return place;
  });
}

/** Which trial had which GPU when; null: no job held one. */
export function devicesTimeline(trials: readonly Timed[], { began, until, id = 'devices' }: Span): Chart | null {
  const held = stretchesOf(trials, until).filter(({ devices }) => devices.length > 0);
  if (held.length === 0) return null;
  const second = (at: number) => Math.max(0, Math.round((at - began) / 100) / 10);
  const names = [
    ...new Set(held.flatMap(({ host, devices }) => devices.map(device => deviceName(host, device)))),
  ].sort();
  const shown = names.map(name => chartText(name));
  const jobs = [...new Set(held.map(({ job }) => job))];
  const busy = held.reduce((sum, { from, to, devices }) => sum + (to - from) * devices.length, 0);
  const share = busy / (Math.max(1, until - began) * names.length);
  return {
    id,
    title: 'GPUs over time',
    option: {
      ...frameOf(shown, jobs, second(until)),
      series: jobs.map((job, i) => ({
        ...BARS,
        name: chartText(job),
        itemStyle: { color: colorOf(i), borderColor: 'var(--paper)', borderWidth: 1 },
        data: held
          .filter(each => each.job === job)
          .flatMap(({ trial, from, to, host, devices }) =>
            devices.map(device => ({
              value: [names.indexOf(deviceName(host, device)), second(from), second(to)],
              tip: [
                `trial ${trial}: ${chartText(job)}`,
                chartText(deviceName(host, device), 60),
                duration((to - from) / 1000),
              ],
            })),
          ),
      })),
    },
    label: `${names.length} GPUs; programs ran on them for ${Math.round(share * 100)} % of the time.`,
    height: 84 + 26 * names.length,
  };
}

const deviceName = (host: string | null, device: string) => (host === null ? device : `${host} ${device}`);
