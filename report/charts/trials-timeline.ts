// When trials ran, and on what: bars over the time since the sweep or study began.
import { duration } from '../../plan/figures.ts';
import type { Json } from '../../plan/plan.ts';
import type { TrialWork } from '../model/trial-work.ts';
import type { Chart } from '../section.ts';
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

/** Trials over time: of few each is a row with its jobs; of many a row is a place where one runs after another. Null: nothing is known. */
export function trialsTimeline(
  trials: readonly Timed[],
  { began, until, id = 'timeline' }: { began: number; until: number; id?: string },
): Chart | null {
  const known = trials.filter(({ startedAt }) => startedAt !== null);
  const isLong = known.length > MOST_ROWS;
  const timed = known.sort((a, b) => (isLong ? a.startedAt! - b.startedAt! : 0) || a.trial - b.trial);
  if (timed.length === 0) return null;
  const second = (at: number) => Math.max(0, Math.round((at - began) / 100) / 10);
  const ends = (each: Timed) => Math.max(each.startedAt!, each.finishedAt ?? until);
  const rows = isLong ? places(timed, ends) : timed.map((_, i) => i);
  const names = isLong
    ? Array.from({ length: Math.max(...rows) + 1 }, (_, i) => `place ${i + 1}`)
    : timed.map(({ trial }) => `trial ${trial}`);
  const rowOf = new Map(timed.map(({ trial }, i) => [trial, rows[i]!]));
  const stretches = stretchesOf(timed, until);
  const jobs = [...new Set(stretches.map(({ job }) => job))];
  const whole = timed.map(
    (each, i): Json => ({
      value: [rows[i]!, second(each.startedAt!), second(ends(each))],
      itemStyle: {
        color: each.status === 'failed' ? 'var(--bad-soft)' : 'var(--line)',
        ...(isLong && { borderColor: 'var(--paper)', borderWidth: 1 }),
      },
      tip: [chartText(each.title, 120), `${each.status}, ${duration((ends(each) - each.startedAt!) / 1000)}`],
    }),
  );
  return {
    id,
    title: isLong ? 'Trials over time, in the places that they took' : 'Trials over time',
    option: {
      grid: { left: 8, right: 24, top: 44, bottom: 28, containLabel: true },
      legend: { type: 'scroll', top: 0, data: jobs.map(job => chartText(job)) },
      tooltip: { trigger: 'item', formatter: '@tipTooltip' },
      xAxis: {
        type: 'value',
        name: 'since the start',
        nameLocation: 'middle',
        nameGap: 26,
        min: 0,
        max: second(Math.max(until, ...timed.map(ends))),
        axisLabel: { formatter: '@duration' },
      },
      yAxis: { type: 'category', inverse: true, data: names, axisTick: { show: false }, axisLine: { show: false } },
      series: [
        { type: 'custom', name: 'trial', renderItem: '@timelineBar', encode: { x: [1, 2], y: 0 }, z: 2, data: whole },
        ...jobs.map((job, i) => ({
          type: 'custom',
          name: chartText(job),
          renderItem: '@timelineBar',
          encode: { x: [1, 2], y: 0 },
          z: 3,
          itemStyle: { color: colorOf(i) },
          data: stretches
            .filter(each => each.job === job)
            .map(({ trial, component, from, to, host, devices, why }) => ({
              value: [rowOf.get(trial)!, second(from), second(to)],
              tip: [
                `trial ${trial}: ${chartText(job)}`,
                component,
                duration((to - from) / 1000),
                ...(host ? [`on ${chartText([host, ...devices].join(' '), 60)}`] : []),
                ...(why ? [`ended: ${why}`] : []),
              ],
            })),
        })),
      ],
    },
    label: `${timed.length} trials over ${duration((until - began) / 1000)}${isLong ? `, at most ${names.length} at once` : ''}; bars are the jobs that they ran.`,
    note: `Pale: the trial is open: it waits for a host, or at a rung. Jobs whose results were there before take no time and have no bar.`,
    height: 84 + (isLong ? 26 : 22) * names.length,
  };
}

const colorOf = (index: number) => `var(--c${(index % 8) + 1})`;

/** For each, in the order of their starts, the first place that is free. */
function places(timed: readonly Timed[], ends: (each: Timed) => number): number[] {
  const free: number[] = [];
  return timed.map(each => {
    const found = free.findIndex(until => until <= each.startedAt!);
    const place = found < 0 ? free.length : found;
    free[place] = ends(each);
    return place;
  });
}

/** Which trial had which GPU when; null: no job held one. */
export function devicesTimeline(
  trials: readonly Timed[],
  { began, until, id = 'devices' }: { began: number; until: number; id?: string },
): Chart | null {
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
      grid: { left: 8, right: 24, top: 44, bottom: 28, containLabel: true },
      legend: { type: 'scroll', top: 0, data: jobs.map(job => chartText(job)) },
      tooltip: { trigger: 'item', formatter: '@tipTooltip' },
      xAxis: {
        type: 'value',
        name: 'since the start',
        nameLocation: 'middle',
        nameGap: 26,
        min: 0,
        max: second(until),
        axisLabel: { formatter: '@duration' },
      },
      yAxis: { type: 'category', inverse: true, data: shown, axisTick: { show: false }, axisLine: { show: false } },
      series: jobs.map((job, i) => ({
        type: 'custom',
        name: chartText(job),
        renderItem: '@timelineBar',
        encode: { x: [1, 2], y: 0 },
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
