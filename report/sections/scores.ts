// Numbers of evaluations: VBench with its official totals, then everything else.
import { VBENCH_DIMENSIONS, vbenchTotals } from '../../plan/vbench-totals.ts';
import { radarChart } from '../charts/radar.ts';
import { headings, isScore } from '../collect/scores.ts';
import { computed, figure, none, origin } from '../figure.ts';
import { clipped, type Html, html, named } from '../html.ts';
import type { TrialJob, TrialModel } from '../model/trial.ts';
import { type Chart, chartHtml, type Section, table } from '../section.ts';

const DETAIL = 'detail.';

/** Null where nothing was scored. */
export function scoresSection({ jobs }: Pick<TrialModel, 'jobs'>): Section | null {
  const scored = jobs.filter(({ job, manifest }) => manifest && isScore({ job, manifest }));
  if (scored.length === 0) return null;
  const charts: Chart[] = [];
  const components = [...new Set(scored.map(({ job }) => job.component))];
  const parts = components.map(component => {
    // What was not trained comes first: others are seen against it.
    const own = scored
      .filter(({ job }) => job.component === component)
      .sort((a, b) => Number(a.trained) - Number(b.trained));
    const radar = vbench(own, `radar-${charts.length}`);
    if (radar) charts.push(radar);
    const rest = scoreTable(own, radar !== null);
    return html`<h3><code>${component}</code></h3>${radar && html`${chartHtml(radar)}${totalsTable(own)}`}${rest}`;
  });
  return { id: 'scores', title: 'Scores', html: html`${parts}`, charts };
}

const labelsOf = (jobs: readonly TrialJob[]) =>
  headings(jobs.map(({ job }) => job.metaName)).columns.map(label => clipped(label, 60));
const at = (job: TrialJob, name: string) => origin(job.manifestFile, 'metrics', name);

/** Jobs beside each other, a metric a row; where one of them is a base, how much the others differ from it. */
function scoreTable(jobs: readonly TrialJob[], withoutDimensions: boolean): Html | null {
  const isDimension = (name: string) =>
    withoutDimensions && name.startsWith(DETAIL) && VBENCH_DIMENSIONS.includes(name.slice(DETAIL.length));
  const names = [...new Set(jobs.flatMap(({ manifest }) => Object.keys(manifest!.metrics)))].filter(
    name => !isDimension(name),
  );
  if (names.length === 0) return null;
  return compared(jobs, names, name => name, 'Scores');
}

function compared(
  jobs: readonly TrialJob[],
  names: readonly string[],
  titleOf: (name: string) => string,
  caption: string,
): Html {
  const labels = labelsOf(jobs);
  const base = jobs.length > 1 && !jobs[0]!.trained && jobs.slice(1).every(({ trained }) => trained) ? jobs[0]! : null;
  const rows = names.map(name => [
    named(titleOf(name), 60),
    ...jobs.flatMap(job => {
      const value = job.manifest!.metrics[name];
      const cell = figure(value, at(job, name));
      if (!base || job === base) return [cell];
      const before = base.manifest!.metrics[name];
      // NaN and the infinities are null in a manifest.
      const both = typeof value === 'number' && typeof before === 'number';
      return [cell, both ? signed(value - before, [at(job, name), at(base, name)]) : none()];
    }),
  ]);
  const columns = [
    { title: 'Metric' },
    ...jobs.flatMap((job, i) => [
      { title: named(labels[i]!, 40), numeric: true },
      ...(base && job !== base ? [{ title: html`less ${named(labels[0]!, 20)}`, numeric: true }] : []),
    ]),
  ];
  return table({ caption, quiet: true, columns, rows });
}

function signed(change: number, of: Parameters<typeof computed>[1]): Html {
  return html`${change > 0 && '+'}${computed(change, of, { how: 'difference' })}`;
}

/** VBench's dimensions, scaled as its official totals scale them; null where these jobs measured none. */
function vbench(jobs: readonly TrialJob[], id: string): Chart | null {
  const axes = VBENCH_DIMENSIONS.filter(name => jobs.some(({ manifest }) => `${DETAIL}${name}` in manifest!.metrics));
  if (axes.length === 0) return null;
  const labels = labelsOf(jobs);
  const value = (job: TrialJob, name: string) => job.manifest!.metrics[`${DETAIL}${name}`];
  const missing = VBENCH_DIMENSIONS.length - axes.length;
  return {
    ...radarChart({
      id,
      title: 'VBench',
      note: `Raw scores${missing > 0 ? `; ${missing} of VBench's ${VBENCH_DIMENSIONS.length} dimensions were not measured, and an official total is there only where all of its dimensions are` : ''}.`,
      axes,
      shapes: jobs.map((job, i) => ({ name: labels[i]!, values: axes.map(name => value(job, name) ?? null) })),
      table: html``,
    }),
    table: compared(
      jobs,
      axes.map(name => DETAIL + name),
      name => name.slice(DETAIL.length).replaceAll('_', ' '),
      'Raw scores by dimension',
    ),
  };
}

/** VBench's official totals of jobs; a dash where dimensions of one were not measured. */
function totalsTable(jobs: readonly TrialJob[]): Html {
  const labels = labelsOf(jobs);
  const scores = jobs.map(({ manifest }) =>
    Object.fromEntries(
      Object.entries(manifest!.metrics).flatMap(([name, score]) =>
        name.startsWith(DETAIL) && typeof score === 'number' ? [[name.slice(DETAIL.length), score]] : [],
      ),
    ),
  );
  const totals = scores.map(vbenchTotals);
  const rows = (['quality', 'semantic', 'total'] as const).map(kind => [
    kind,
    ...jobs.map((job, i) =>
      computed(
        totals[i]![kind],
        Object.keys(scores[i]!).map(name => at(job, DETAIL + name)),
        { how: 'as VBench weighs its dimensions', format: 'percent' },
      ),
    ),
  ]);
  const columns = [{ title: 'Official total' }, ...labels.map(label => ({ title: named(label, 40), numeric: true }))];
  return table({ caption: 'Official totals (Huang et al., CVPR 2024)', columns, rows });
}
