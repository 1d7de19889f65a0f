import { basename, relative } from 'node:path';
import { type LineageNode, lineageChart } from '../charts/lineage.ts';
import { clipped, type Html, html, named } from '../html.ts';
import type { TrialJob, TrialModel } from '../model/trial.ts';
import { type Chart, chartHtml, type Section, table } from '../section.ts';

const COLOURS: Record<string, number> = { probe: 3, refine: 5, execution: 1, evaluation: 4 };
const INPUT_COLOUR = 8;
const MOST_FILES = 3;

interface Input {
  path: string;
  kind: string;
  fingerprint: string | null;
}

/** Data → recipe → model → videos → scores: what was made of what, by which program, with which hashes. */
export function lineageSection({ jobs, sources, workDir }: TrialModel): Section | null {
  if (jobs.length === 0) return null;
  const byKey = new Map(jobs.flatMap(each => (each.key === null ? [] : [[each.key, each] as const])));
  const inputs = new Map<string, Input>();
  const links: [string, string][] = [];
  for (const { job, key, manifest } of jobs) {
    const id = idOf({ job, key });
    for (const producer of manifest?.producers ?? plannedProducers(job, jobs))
      if (byKey.has(producer)) links.push([idOf(byKey.get(producer)!), id]);
    for (const { path, kind, fingerprint } of job.reads ?? []) {
      if (kind !== 'dataset' && kind !== 'model') continue;
      inputs.set(path, { path, kind, fingerprint });
      links.push([`input ${path}`, id]);
    }
  }
  const nodes: LineageNode[] = [
    ...[...inputs.values()].map(({ path, kind, fingerprint }) => ({
      id: `input ${path}`,
      name: basename(path),
      tip: [basename(path), kind, ...(fingerprint ? [`sha256 ${fingerprint.slice(0, 16)}…`] : [])],
      colour: INPUT_COLOUR,
    })),
    ...unique(jobs).map(each => ({
      id: idOf(each),
      name: clipped(each.job.metaName === 'anonymous_meta_name' ? each.job.component : each.job.metaName, 60),
      tip: [each.job.id, each.job.component, `key ${each.key?.slice(0, 16) ?? 'not known'}`, each.explained.state],
      colour: COLOURS[each.job.stage] ?? 2,
    })),
  ];
  const chart: Chart = lineageChart(nodes, uniqueLinks(links), jobsTable(jobs, byKey));
  return {
    id: 'lineage',
    title: 'Lineage',
    html: html`${chartHtml(chart)}
${inputs.size > 0 && inputsTable([...inputs.values()], workDir)}
${sources.length > 0 && sourcesTable(sources, workDir)}
${versionsTable(jobs)}`,
    charts: [chart],
  };
}

const idOf = ({ job, key }: Pick<TrialJob, 'job' | 'key'>) => `job ${key ?? job.id}`;

function plannedProducers(job: TrialJob['job'], jobs: readonly TrialJob[]): string[] {
  const ids = [
    ...(job.inputs ?? []).map(({ ref }) => ref.job),
    ...(job.edges ?? []).map(edge => edge.job),
    ...(job.needs ?? []).map(need => need.job),
  ];
  return ids.flatMap(id => jobs.find(each => each.job.id === id)?.key ?? []);
}

function unique(jobs: readonly TrialJob[]): TrialJob[] {
  return [...new Map(jobs.map(each => [idOf(each), each])).values()];
}

function uniqueLinks(links: readonly [string, string][]): [string, string][] {
  return [...new Map(links.map(link => [link.join('\n'), link])).values()].filter(([a, b]) => a !== b);
}

const hash = (sha256: string | null) =>
  sha256 === null ? html`<span class="none">–</span>` : html`<code title="${sha256}">${sha256.slice(0, 12)}</code>`;

function jobsTable(jobs: readonly TrialJob[], byKey: ReadonlyMap<string, TrialJob>): Html {
  const rows = jobs.map(({ job, key, manifest, iteration }) => {
    const producers = (manifest?.producers ?? []).map(each => byKey.get(each)?.job.metaName ?? each.slice(0, 12));
    const files = (manifest?.files ?? []).filter(({ path }) => !/checkpoint-\d+\//.test(path));
    const shown = files
      .slice(0, MOST_FILES)
      .map(({ path, sha256 }) => html`<div>${named(basename(path), 40)} ${hash(sha256)}</div>`);
    const more = files.length - MOST_FILES;
    return [
      html`${named(job.id, 60)}${iteration > 1 && ` (iteration ${iteration})`}`,
      html`<code>${job.component}</code> v${String(job.componentVersion ?? '')}`,
      hash(key),
      named(producers.join(', ') || '–', 120),
      html`${shown}${more > 0 && html`<div class="at">and ${String(more)} more</div>`}`,
      manifest
        ? html`${named(manifest.trial, 60)}<div class="at">${manifest.finishedAt?.slice(0, 19).replace('T', ' ')} on ${named(manifest.host ?? '', 40)}</div>`
        : null,
    ];
  });
  const columns = ['Job', 'Component', 'Key', 'Made of', 'Files with SHA-256', 'Made by'].map(title => ({ title }));
  return table({ caption: 'Jobs, what they were made of, and what they made', columns, rows });
}

/** Paths within the work_dir or the folder that they are relative to; of others the name, so that a report tells nobody's folders. */
const placeOf = (path: string, workDir: string) => {
  const within = relative(workDir, path);
  return within.startsWith('..') ? basename(path) : within;
};

function inputsTable(inputs: readonly Input[], workDir: string): Html {
  const rows = inputs.map(({ path, kind, fingerprint }) => [
    named(placeOf(path, workDir), 80),
    kind,
    hash(fingerprint),
  ]);
  return html`<h3>From outside</h3>${table({ caption: 'Data and models that the trial took', quiet: true, columns: ['What', 'Kind', 'SHA-256'].map(title => ({ title })), rows })}`;
}

function sourcesTable(sources: TrialModel['sources'], workDir: string): Html {
  const rows = sources.map(({ path, sha256 }) => [named(placeOf(path, workDir), 80), hash(sha256)]);
  return html`<h3>Config files</h3>${table({ caption: 'Files that went into the plan', quiet: true, columns: ['File', 'SHA-256'].map(title => ({ title })), rows })}`;
}

/** Versions of programs, each once, with who ran by it. */
function versionsTable(jobs: readonly TrialJob[]): Html | null {
  const users = new Map<string, Set<string>>();
  const add = (program: string, job: string) => users.set(program, (users.get(program) ?? new Set()).add(job));
  for (const { job, manifest } of jobs) {
    for (const [name, version] of Object.entries(manifest?.versions ?? {})) add(`${name} ${version}`, job.metaName);
    for (const { name, manager, python, identity } of manifest?.environments ?? [])
      add(
        `environment ${name} (${manager}, Python ${python}${identity === null ? '' : `, ${identity.slice(0, 12)}`})`,
        job.metaName,
      );
  }
  if (users.size === 0) return null;
  const rows = [...users].map(([program, by]) => [named(program, 120), named([...by].join(', '), 200)]);
  return html`<h3>Versions of programs</h3>${table({ caption: 'Versions of programs and who ran by them', quiet: true, columns: [{ title: 'Program' }, { title: 'Jobs' }], rows })}`;
}
