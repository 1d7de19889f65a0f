import { figure, none, origin } from '../figure.ts';
import { html, named } from '../html.ts';
import type { TrialModel } from '../model/trial.ts';
import { type Section, table } from '../section.ts';

/** Every job of a trial: what it is, whether it is done, how long it took. */
export function jobsSection({ jobs }: TrialModel): Section {
  const rows = jobs.map(({ job, key, manifest }) => [
    named(job.id),
    html`<code>${job.component}</code>`,
    manifest ? html`<span class="badge good">done</span>` : html`<span class="badge">not done</span>`,
    manifest
      ? figure(manifest.seconds, origin(`jobs/${key}/manifest.json`, 'seconds'), { format: 'duration' })
      : none(),
  ]);
  const columns = [{ title: 'Job' }, { title: 'Component' }, { title: 'State' }, { title: 'Time', numeric: true }];
  return {
    id: 'jobs',
    title: 'Jobs',
    html: table({ caption: 'Jobs in the order in which they run', columns, rows }),
    charts: [],
  };
}
