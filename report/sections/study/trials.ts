import { pointTitle } from '../../../plan/study/table-text.ts';
import { computed, figure, none, type Origin, origin } from '../../figure.ts';
import { type Html, html, named } from '../../html.ts';
import type { RenderOptions } from '../../model/report.ts';
import type { StudyModel, StudyTrial } from '../../model/study.ts';
import { type Section, table } from '../../section.ts';

const STEPS: Record<string, string> = {
  split: 'analyses the data and cuts it by each stat',
  sample: 'brings pools to one size',
  combine: 'intersects the best pools',
  repeat: 'repeats the samples of the winner',
};

/** Each trial of a study: what it is for, what came of it. */
export function studyTrialsSection(model: StudyModel, pageOf: NonNullable<RenderOptions['pageOf']>): Section {
  const { trials, table: found } = model;
  const content = html`<div class="${trials.length > 20 ? 'tall' : ''}">${table({
    caption: 'Trials in the order in which they began',
    columns: [
      { title: 'trial' },
      { title: 'what' },
      { title: 'seed', numeric: true },
      { title: found?.spec.metric.name ?? 'score', numeric: true },
      { title: 'jobs' },
      { title: 'ran for', numeric: true },
    ],
    rows: trials.map(trial => trialRow(model, trial, pageOf)),
  })}</div>`;
  return { id: 'trials', title: 'Trials', html: content, charts: [] };
}

function trialRow(model: StudyModel, trial: StudyTrial, pageOf: (id: string) => string | null): (Html | string)[] {
  const { does, work, id } = trial;
  const page = pageOf(id);
  const ran = work.jobs.filter(({ state }) => state === 'ran');
  const reused = work.jobs.filter(({ state }) => state === 'reused');
  const open = work.jobs.filter(({ state }) => state === 'open');
  const [score, from] = scoreOf(model, trial);
  const seconds = ran.reduce((sum, job) => sum + (job.seconds ?? 0), 0);
  return [
    page === null ? `trial ${trial.trial}` : html`<a href="${page}">trial ${trial.trial}</a>`,
    whatOf(model, trial),
    seedOf(model, trial),
    score === null || from === null ? none(does.kind === 'data' ? 'makes data' : 'no score') : figure(score, from),
    [
      ran.length > 0 && `${ran.length} ran`,
      reused.length > 0 && `${reused.length} reused`,
      open.length > 0 && `${open.length} not done`,
    ]
      .filter(Boolean)
      .join(', '),
    ran.length === 0
      ? none()
      : computed(
          seconds,
          ran.map(({ key }) => origin(`jobs/${key}/manifest.json`, 'seconds')),
          { format: 'duration' },
        ),
  ];
}

function whatOf({ table: found }: StudyModel, { does }: StudyTrial): Html | string {
  if (does.kind === 'data') return STEPS[does.step] ?? does.step;
  const point = does.at && found?.stages[does.at.stage]?.points[does.at.point];
  return html`${named(point ? pointTitle(point) : does.point, 160)}, ${does.samples} samples`;
}

function seedOf(model: StudyModel, { does }: StudyTrial): Html {
  if (does.kind === 'data' || !does.at) return none();
  const { seed } = does.at;
  const value = model.table?.spec.seeds[seed];
  if (value === undefined) return none();
  return model.file === null
    ? html`${value}`
    : figure(value, origin(model.file, 'spec', 'seeds', seed), { format: 'exact' });
}

/** The objective that a trial's own job told, with the manifest that has it. */
function scoreOf({ table: found }: StudyModel, { work }: StudyTrial): [number | null, Origin | null] {
  const name = found?.spec.metric.name ?? '';
  for (const { metaName, metrics, key } of work.jobs) {
    const own = name.startsWith(`${metaName}.`) ? name.slice(metaName.length + 1) : null;
    if (own !== null && key !== null && Object.hasOwn(metrics, own))
      return [metrics[own]!, origin(`jobs/${key}/manifest.json`, 'metrics', own)];
  }
  return [null, null];
}
