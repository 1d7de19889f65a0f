import { devicesTimeline, type Timed, trialsTimeline } from '../../charts/trials-timeline.ts';
import { html } from '../../html.ts';
import type { SweepModel } from '../../model/sweep.ts';
import { chartHtml, remark, type Section } from '../../section.ts';

/** When trials ran, and on which GPUs. */
export function timesSection({ trials, startedAt, until }: SweepModel): Section {
  const timed = trials.map(
    ({ trial, status, startedAt, finishedAt, work }): Timed => ({
      trial,
      title: `trial ${trial}`,
      status,
      startedAt,
      finishedAt,
      work,
    }),
  );
  const all = trialsTimeline(timed, { began: startedAt, until });
  const gpus = devicesTimeline(timed, { began: startedAt, until });
  const charts = [all, gpus].filter(chart => chart !== null);
  const content =
    charts.length === 0
      ? remark('No trial has begun.')
      : html`${charts.map(chart => chartHtml(chart))}${!gpus && remark('No job of this sweep held a GPU.')}`;
  return { id: 'times', title: 'Timeline', html: content, charts };
}
