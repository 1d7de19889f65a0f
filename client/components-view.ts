import type { ComponentSpec } from '../plan/component.ts';
import { jsonSchemaOf } from '../plan/json-schema.ts';
import type { JsonObject } from '../plan/plan.ts';
import { configKeys } from './config-keys.ts';
import { clip, column, columns } from './text.ts';

/** A component in answer to `dj-sandbox components --json`. */
export interface ComponentView {
  name: string;
  hook: string;
  /** `extra_configs.type` that chooses it; null where the hook has no other. */
  type: string | null;
  version: number;
  summary: string;
  /** Queue of its jobs, unless a job says otherwise. */
  tag: string;
  gpus: number;
  claims: boolean;
  cacheable: boolean;
  /** Job list that it brings. */
  jobList: { stage: string; after?: string } | null;
  /** File or package that it was loaded from; null: built in. */
  from: string | null;
  /** False: configs that name it compile, and cannot run in this version. */
  runs: boolean;
  reads: string[];
  writes: string[];
  results: string[];
  /** JSON Schema of each config; null: that config is not used. */
  config: { dj_configs: JsonObject | null; extra_configs: JsonObject | null };
}

/** What a component is, as data. */
export function componentView(
  spec: ComponentSpec,
  { from, runs }: Pick<ComponentView, 'from' | 'runs'>,
): ComponentView {
  const { dj, extra } = spec.config;
  return {
    name: spec.name,
    hook: spec.hook,
    type: spec.type ?? null,
    version: spec.version,
    summary: spec.summary,
    tag: spec.resources.tag,
    gpus: spec.resources.gpus,
    claims: spec.claims,
    cacheable: spec.cacheable,
    jobList: spec.jobList ?? null,
    from,
    runs,
    reads: spec.reads.map(({ at }) => at),
    writes: spec.writes.map(({ at }) => at),
    results: spec.results.map(result => ('write' in result ? result.write : result.value)),
    config: { dj_configs: dj ? jsonSchemaOf(dj) : null, extra_configs: extra ? jsonSchemaOf(extra) : null },
  };
}

/** Components for people: under each hook a line a type, no wider than `width` columns. */
export function listLines(views: readonly ComponentView[], width: number): string[] {
  const widest = (texts: string[]) => Math.max(...texts.map(columns));
  const types = widest(views.map(({ type }) => type ?? ''));
  const names = widest(views.map(({ name }) => name));
  return [...new Set(views.map(({ hook }) => hook))].flatMap(hook => [
    hook,
    ...views
      .filter(view => view.hook === hook)
      .map(view => {
        const about = [view.summary, ...notesOf(view)].join(' ');
        return clip(`  ${column(view.type ?? '', types)}  ${column(view.name, names)}  ${about}`, width).trimEnd();
      }),
  ]);
}

function notesOf({ from, runs }: ComponentView): string[] {
  return [...(from === null ? [] : [`(${from})`]), ...(runs ? [] : ['(compiles, does not run in this version)'])];
}

/** One component for people, with every key of its configs. */
export function detailLines(view: ComponentView): string[] {
  const { name, hook, type, version, tag, gpus, summary, results } = view;
  return [
    `${name}: ${hook}${type === null ? '' : `, type: ${type}`}; version ${version}, queue ${tag}${gpus > 0 ? `, GPUs ${gpus}` : ''}`,
    [summary, ...notesOf(view)].join(' '),
    `results: ${results.join(', ') || 'none'}`,
    ...keyLines('dj_configs', view.config.dj_configs),
    ...keyLines('extra_configs', view.config.extra_configs),
  ];
}

function keyLines(title: string, schema: JsonObject | null): string[] {
  const lines = configKeys(schema).map(({ key, required, type, standard, about }) => {
    const usual = standard === null ? '' : `, default ${standard}`;
    return `  ${key}${required ? ' (required)' : ''}: ${type}${usual}${about === null ? '' : `. ${about}`}`;
  });
  return lines.length === 0 ? [] : [`${title}:`, ...lines];
}
