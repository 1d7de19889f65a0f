import { basename, join } from 'node:path';
import { z } from 'zod';
import type { JobConfig } from '../../plan/component.ts';

const MEMORY = /^\s*\d+(?:\.\d+)?\s*[kmgt]i?b\s*$/i;
const DEFAULT_MEMORY = '1GB';

/** Paths of datasets: one or several. */
export const datasetPaths = z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]);

/** Keys that all operations on pools have. */
export const common = {
  export_path: z.string().min(1).describe('Folder for the pools'),
  memory_limit: z
    .string()
    .regex(MEMORY, 'must be a size such as "1GB" or "512MiB"')
    .nullish()
    .describe("What DuckDB may hold in memory; the rest is in files of the job's folder"),
};

/** What a component of this kind is to the plan. */
export const CPU_JOB = {
  version: 1,
  resources: { tag: 'cpu', gpus: 0 },
  claims: false,
  cacheable: true,
  results: [{ value: 'pools' }],
  notInKey: ['extra_configs.memory_limit'],
};

/** A dataset and its file's name without endings, after which pools are named. */
export interface PoolDataset {
  path: string;
  stem: string;
}

/** The datasets that a config key names, in its order. */
export function datasetsAt(config: JobConfig['extra_configs'], key = 'dataset_path'): PoolDataset[] {
  const value = config?.[key];
  return (Array.isArray(value) ? value : [value])
    .filter(path => typeof path === 'string')
    .map(path => ({ path, stem: stemOf(path) }));
}

/** `a/d.jsonl.gz` → `d`: endings of compression and format go, other dots stay. */
export function stemOf(path: string): string {
  return basename(path)
    .replace(/\.(?:gz|zst)$/i, '')
    .replace(/\.(?:jsonl|json|parquet)$/i, '');
}

/** What the names of all datasets begin with, as outputs made of several are named; `default_prefix` where they share nothing. */
export function sharedPrefix(datasets: readonly PoolDataset[]): string {
  return commonStart(datasets) || 'default_prefix';
}

/** What the names of all datasets begin with, perhaps nothing. */
export function commonStart(datasets: readonly PoolDataset[]): string {
  const [first = '', ...others] = datasets.map(({ stem }) => stem);
  const differs = [...first].findIndex((_, i) => others.some(other => other.slice(0, i + 1) !== first.slice(0, i + 1)));
  return differs < 0 ? first : first.slice(0, differs);
}

export function memoryOf(config: JobConfig['extra_configs']): string {
  return typeof config?.memory_limit === 'string' ? config.memory_limit.trim() : DEFAULT_MEMORY;
}

/** A write of pools named after each dataset; `endings` are what follows the dataset's name. */
export function poolsNamed(endings: (config: NonNullable<JobConfig['extra_configs']>) => string[]) {
  return {
    at: 'extra_configs.export_path',
    kind: 'directory' as const,
    alsoMakes: (named: string, { extra_configs }: JobConfig) =>
      datasetsAt(extra_configs).flatMap(({ stem }) => endings(extra_configs ?? {}).map(end => join(named, stem + end))),
  };
}

/** Problem of datasets whose pools would have the same names. */
export function namedTwice(config: JobConfig['extra_configs']): { at: string; message: string }[] {
  const datasets = datasetsAt(config);
  const names = datasets.map(({ stem }) => stem);
  const i = names.findIndex((name, at) => names.indexOf(name) !== at);
  if (i < 0) return [];
  const first = datasets[names.indexOf(names[i]!)]!;
  const message = `${first.path} and ${datasets[i]!.path} would give pools of the same names, "${names[i]}…": give them different file names`;
  return [{ at: 'extra_configs.dataset_path', message }];
}
