import { timelineChart } from '../charts/timeline.ts';
import { computed, figure, origin } from '../figure.ts';
import { type Html, html, named } from '../html.ts';
import type { Span, TrialModel } from '../model/trial.ts';
import { type Chart, chartHtml, type Section, table } from '../section.ts';

/** Who worked when, on what; what was found done; what had to be done again. Null where nothing has begun. */
export function timelineSection(model: TrialModel): Section | null {
  const { spans, jobs, begunAt } = model;
  if (spans.length === 0) return null;
  const begun = Math.min(...spans.map(({ from }) => from), begunAt ?? Number.POSITIVE_INFINITY);
  const rows = [...new Set(jobs.map(({ job }) => job.id))].filter(id => spans.some(({ row }) => row === id));
  const charts: Chart[] = [
    timelineChart(spans, {
      id: 'timeline',
      title: 'Jobs',
      rows,
      begun,
      names: Object.fromEntries(rows.map(id => [id, id.replace(/^anonymous\./, '')])),
    }),
  ];
  const byDevice = spans.flatMap(span =>
    span.devices.map(device => ({
      ...span,
      row: `${span.host ?? ''} ${device}`.trim(),
      told: [span.row, ...span.told],
    })),
  );
  if (byDevice.length > 0)
    charts.push(
      timelineChart(byDevice, {
        id: 'devices',
        title: 'GPUs',
        rows: [...new Set(byDevice.map(({ row }) => row))].sort(),
        begun,
      }),
    );
  return {
    id: 'timeline',
    title: 'Timeline',
    html: html`${charts.map(chartHtml)}
${again(spans, model)}
${reusedHtml(model)}
${lostHtml(model)}`,
    charts,
  };
}

function again(spans: readonly Span[], { jobs }: TrialModel): Html | null {
  const several = jobs.flatMap(({ job, explained }) => {
    const own = spans.filter(({ row }) => row === job.id);
    return own.some(({ how }) => how !== 'done') || explained.runs > 1 ? [{ job, explained }] : [];
  });
  if (several.length === 0) return html`<p>Every job that was run ended in its first attempt.</p>`;
  return html`<h3>More than one attempt</h3><ul>${several.map(
    ({ job, explained }) =>
      html`<li>${named(job.id, 80)}<ul>${explained.because.slice(0, 12).map(line => html`<li>${named(line, 400)}</li>`)}</ul></li>`,
  )}</ul>`;
}

function reusedHtml({ jobs }: TrialModel): Html | null {
  const reused = jobs.filter(({ explained, manifest }) => explained.state === 'reused' && manifest);
  if (reused.length === 0) return null;
  const rows = reused.map(({ job, manifest, manifestFile }) => [
    named(job.id, 80),
    named(manifest!.trial, 80),
    figure(manifest!.seconds, origin(manifestFile, 'seconds'), { format: 'duration' }),
  ]);
  const of = reused.map(({ manifestFile }) => origin(manifestFile, 'seconds'));
  const sum = reused.reduce((total, { manifest }) => total + manifest!.seconds, 0);
  const columns = [{ title: 'Job' }, { title: 'Made by' }, { title: 'Took then', numeric: true }];
  return html`<h3>Found done</h3>
<p>${String(reused.length)} ${reused.length === 1 ? 'result was' : 'results were'} there already: ${computed(sum, of, { format: 'duration', how: 'sum of what they took' })} of work that this trial did not do.</p>
${table({ caption: 'Jobs whose results were there already', quiet: true, columns, rows })}`;
}

function lostHtml({ lost }: TrialModel): Html | null {
  if (lost.length === 0) return null;
  const rows = lost.map(({ job, steps, seconds, why, file, segment }) => {
    const of = [origin(file, segment, 'ended', 'furthest'), origin(file, segment + 1, 'step')];
    return [
      named(job, 80),
      computed(steps, of, { format: 'count', how: 'where it was, less where it went on from' }),
      computed(seconds, of, { format: 'duration', how: "the share of these steps in their segment's time" }),
      named(why, 120),
    ];
  });
  const columns = [
    { title: 'Job' },
    { title: 'Steps', numeric: true },
    { title: 'About', numeric: true },
    { title: 'Why', wide: true },
  ];
  return html`<h3>Lost work</h3><p>Steps that were done after the checkpoint that it went on from, and so done twice.</p>
${table({ caption: 'Steps that were done twice', quiet: true, columns, rows })}`;
}
