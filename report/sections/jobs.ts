import { figure, none, origin } from '../figure.ts';
import { html, named } from '../html.ts';
import type { TrialModel } from '../model/trial.ts';
import { type Section, table } from '../section.ts';
import { stateBadge } from './summary.ts';

const WORDS: Record<string, string> = { reused: 'found done', claiming: 'waits', pending: 'not begun' };

/** Every job: what it is, whether it is done, and why it ran. */
export function jobsSection({ jobs, iterations, baseDir }: TrialModel): Section {
  const rows = jobs.map(({ job, iteration, manifest, manifestFile, explained }) => [
    named(job.id, 80),
    ...(iterations > 1 ? [String(iteration)] : []),
    html`<code>${job.component}</code>`,
    stateBadge(WORDS[explained.state] ?? explained.state),
    manifest ? figure(manifest.seconds, origin(manifestFile, 'seconds'), { format: 'duration' }) : none(),
    html`${explained.because.slice(0, 6).map(line => html`<div>${named(relativeIn(line, baseDir), 400)}</div>`)}${(manifest?.notes ?? []).slice(0, 4).map(note => html`<div class="at">note: ${named(note, 300)}</div>`)}`,
  ]);
  const columns = [
    { title: 'Job' },
    ...(iterations > 1 ? [{ title: 'Iteration' }] : []),
    { title: 'Component' },
    { title: 'State' },
    { title: 'Took', numeric: true },
    { title: 'Why', wide: true },
  ];
  return {
    id: 'jobs',
    title: 'Jobs',
    html: table({ caption: 'Jobs in the order in which they run', quiet: true, columns, rows }),
    charts: [],
  };
}

/** Sentences that name files by where they are on a machine name them as configs do. */
const relativeIn = (line: string, baseDir: string) => (baseDir === '' ? line : line.replaceAll(`${baseDir}/`, ''));
