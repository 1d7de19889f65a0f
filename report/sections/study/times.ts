import { devicesTimeline, type Timed, trialsTimeline } from '../../charts/trials-timeline.ts';
import { html } from '../../html.ts';
import type { StudyModel, StudyTrial } from '../../model/study.ts';
import { chartHtml, remark, type Section } from '../../section.ts';

/** When the trials of a study ran, and on which GPUs. */
export function studyTimesSection(model: StudyModel): Section {
  const { trials, table, until } = model;
  const starts = trials.flatMap(({ startedAt }) => startedAt ?? []);
  const began = Math.min(table?.startedAt ?? Number.POSITIVE_INFINITY, ...starts);
  const timed = trials.map((trial): Timed => {
    const { status, startedAt, finishedAt, work } = trial;
    return {
      trial: trial.trial,
      title: titleOf(trial),
      status,
      startedAt,
      finishedAt: finishedAt ?? (table?.finishedAt ? lastOf(trial) : null),
      work,
    };
  });
  const charts = [trialsTimeline(timed, { began, until }), devicesTimeline(timed, { began, until })].filter(
    chart => chart !== null,
  );
  const content =
    charts.length === 0
      ? remark('No trial has begun.')
      : html`${charts.map(chart => chartHtml(chart))}${charts.length === 1 && remark('No job of this study held a GPU.')}`;
  return { id: 'times', title: 'Timeline', html: content, charts };
}

const titleOf = ({ trial, does }: StudyTrial) =>
  `trial ${trial}: ${does.kind === 'data' ? does.step : `${does.point}, ${does.samples} samples`}`;

/** Of a trial that did not come to its end: when its last job did. */
function lastOf({ work, startedAt }: StudyTrial): number | null {
  const ends = work.jobs.flatMap(({ finishedAt, segments }) => [
    ...(finishedAt === null ? [] : [finishedAt]),
    ...segments.flatMap(({ to }) => to ?? []),
  ]);
  return ends.length > 0 ? Math.max(...ends, startedAt ?? 0) : startedAt;
}
