import { basename, join } from 'node:path';
import type { WriteField } from '../../plan/component.ts';
import type { JsonObject } from '../../plan/plan.ts';

/** Datasets that a config asks about, in its order. */
export function datasetsOf(config: JsonObject | null): string[] {
  const named = config?.dataset_path;
  return (Array.isArray(named) ? named : [named]).filter(path => typeof path === 'string');
}

/** `a/d.jsonl` → `d_inference.jsonl`, as the original names a dataset with its answers. */
export function answersName(dataset: string): string {
  const name = basename(dataset).replace(/\.(?:gz|zst)$/i, '');
  return `${name.replace(/(?<=.)\.[^.]+$/, '')}_inference.jsonl`;
}

/** The folder that `export_path` names, with a file for each dataset in it. */
export const ANSWERS: WriteField = {
  at: 'extra_configs.export_path',
  kind: 'directory',
  alsoMakes: (named, { extra_configs }) => datasetsOf(extra_configs).map(path => join(named, answersName(path))),
};

/** The problem of datasets whose answers would be in the same file. */
export function namedTwice(config: JsonObject | null): { at: string; message: string }[] {
  const datasets = datasetsOf(config);
  const names = datasets.map(answersName);
  const i = names.findIndex((name, at) => names.indexOf(name) !== at);
  if (i < 0) return [];
  const first = datasets[names.indexOf(names[i]!)];
  const message = `the answers of ${first} and ${datasets[i]} would both be ${names[i]}: give the datasets different file names`;
  return [{ at: 'extra_configs.dataset_path', message }];
}
