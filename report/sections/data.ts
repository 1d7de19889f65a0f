import type { Json } from '../../plan/plan.ts';
import { flowChart } from '../charts/flow.ts';
import { histogramChart } from '../charts/histogram.ts';
import { computed, figure, origin } from '../figure.ts';
import { clipped, type Html, html, named } from '../html.ts';
import type { Clip, Examples, Limit, Processing, Sample, TrialJob, TrialModel } from '../model/trial.ts';
import { type Chart, chartHtml, remark, type Section, table } from '../section.ts';

/** What processing did to the data: what each op dropped, stats before and after, samples that stayed and went. Null where no data were looked at. */
export function dataSection({ processing, clips }: TrialModel): Section | null {
  if (processing.length === 0) return null;
  const charts: Chart[] = [];
  const parts = processing.map((each, i) => {
    const flow = flowChart(each, `flow-${i}`);
    const histograms = each.histograms.map((histogram, n) => histogramChart(histogram, `stat-${i}-${n}`));
    charts.push(...(flow ? [flow] : []), ...histograms);
    const name = each.job?.job.metaName ?? each.before?.job.metaName ?? '';
    return html`${processing.length > 1 && html`<h3>${named(name, 80)}</h3>`}
${each.notes.map(text => remark(text))}
${flow && chartHtml(flow)}
${statsTable(each)}
${
  histograms.length > 0 &&
  html`<h3>Stats of the samples</h3>
<p>${legend(each)}</p>
<div class="chart-grid">${histograms.map(chartHtml)}</div>`
}
${each.job && each.examples && examplesHtml(each.job, each.examples, clips)}`;
  });
  return { id: 'data', title: 'Data before and after', html: html`${parts}`, charts };
}

function legend({ job, before, histograms }: Processing): Html {
  if (histograms.every(({ after }) => after === null))
    return before === null && job !== null
      ? html`How many of the kept samples have which value: no analysis told those of all.`
      : html`How many samples have which value.`;
  return html`How many samples have which value: <span class="key before">before</span> and <span class="key after">after</span> processing, in the same bins.`;
}

const MEAN = '.mean';

/** Means and deviations as the analyses told them. */
function statsTable({ before, after }: Processing): Html | null {
  if (!before) return null;
  const stats = Object.keys(before.manifest!.metrics).filter(name => name.endsWith(MEAN));
  if (stats.length === 0) return null;
  const value = (job: TrialJob, name: string) =>
    figure(job.manifest!.metrics[name], origin(job.manifestFile, 'metrics', name));
  const spread = (job: TrialJob, stat: string) =>
    html`${value(job, stat + MEAN)} <span class="at">± ${value(job, `${stat}.std`)}</span>`;
  const rows = stats.map(name => {
    const stat = name.slice(0, -MEAN.length);
    if (!after) return [named(stat, 60), spread(before, stat)];
    const [a, b] = [before.manifest!.metrics[name]!, after.manifest!.metrics[name]];
    const of = [after, before].map(job => origin(job.manifestFile, 'metrics', name));
    const change = typeof a === 'number' && typeof b === 'number' ? b - a : null;
    return [
      named(stat, 60),
      spread(before, stat),
      spread(after, stat),
      computed(change, of, { how: 'mean after, less mean before' }),
    ];
  });
  const columns = [
    { title: 'Stat' },
    { title: html`Before<br>mean ± deviation`, numeric: true },
    ...(after
      ? [
          { title: html`After<br>mean ± deviation`, numeric: true },
          { title: 'Change', numeric: true },
        ]
      : []),
  ];
  return table({
    caption: `Means of stats, as ${clipped(before.job.metaName, 60)}${after ? ` and ${clipped(after.job.metaName, 60)}` : ''} measured them`,
    columns,
    rows,
  });
}

function examplesHtml(
  job: TrialJob,
  { kept, dropped, counts, attributed }: Examples,
  clips: TrialModel['clips'],
): Html {
  const list = (samples: readonly Sample[]) =>
    html`<ul class="samples">${samples.map(sample => sampleHtml(sample, job, clips))}</ul>`;
  const of = (shown: readonly Sample[], count: number) => {
    const files = [...new Set(shown.map(({ file }) => file))].map(file => origin(file));
    const all = computed(count, files, {
      format: 'count',
      how: 'samples of the data before, by whether they are in the data after',
    });
    return shown.length < count ? html`${String(shown.length)} of ${all}` : all;
  };
  return html`${
    dropped.length > 0 &&
    html`<h3>Dropped: ${of(dropped, counts.dropped)}</h3>
${!attributed && remark('Which op dropped which sample is not in the files, and the stats of the samples do not tell it for certain.')}
${list(dropped)}`
  }
${
  kept.length > 0 &&
  html`<h3>Kept: ${of(kept, counts.kept)}</h3>
${list(kept)}`
}`;
}

function sampleHtml(sample: Sample, job: TrialJob, seen: TrialModel['clips']): Html {
  const { text, clips } = sample;
  return html`<li>${clips.slice(0, 4).map(path => clipHtml(path, seen[path]))}
<p class="sample-text">${text === null || text === '' ? html`<span class="none">without text</span>` : named(text, 240)}</p>
${whyHtml(sample, job)}
</li>`;
}

function whyHtml({ droppedBy, file, line }: Sample, { manifestFile }: TrialJob): Html | null {
  if (droppedBy === null) return null;
  const { op, limit, value } = droppedBy;
  if (limit === null) return html`<p class="sample-why"><code>${op}</code></p>`;
  const bound = computed(limit.value, [origin(manifestFile, 'config', 'dj_configs', 'process')], {
    how: `the limit of ${op}`,
  });
  return html`<p class="sample-why"><code>${op}</code>: ${limit.stat} ${valueHtml(value, limit, file, line)} is ${limit.side < 0 ? 'below' : 'above'} ${bound}</p>`;
}

function valueHtml(value: Json, limit: Limit, file: string, line: number): Html {
  const values = Array.isArray(value) ? value : [value];
  return html`${values
    .slice(0, 3)
    .map((each, i) => [
      i > 0 && ', ',
      typeof each === 'number'
        ? figure(each, origin(file, line, '__dj__stats__', limit.stat, ...(Array.isArray(value) ? [i] : [])))
        : String(each),
    ])}`;
}

const shortNumber = (value: number) => String(Number(value.toPrecision(4)));

/** A picture of a clip; in its place why there is none. */
function clipHtml(path: string, clip: Clip | undefined): Html {
  const name = path.split('/').at(-1) ?? path;
  if (clip?.poster) {
    const about = [
      clip.codec,
      clip.width && `${clip.width} × ${clip.height}`,
      clip.seconds && `${shortNumber(clip.seconds)} s`,
    ];
    return html`<img src="${clip.poster}" alt="A frame of ${name}" title="${[name, ...about.filter(Boolean)].join(', ')}" loading="lazy">`;
  }
  return html`<p class="no-clip">${named(name, 40)}${clip?.problem && html`: ${clip.problem}`}</p>`;
}
