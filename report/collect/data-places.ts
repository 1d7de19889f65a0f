import { join, resolve } from 'node:path';
import type { OpCatalogue } from '../../plan/op-catalogue.ts';
import type { TrialJob } from '../model/trial.ts';

/** What it takes to find a trial's data. */
export interface DataPlaces {
  workDir: string;
  /** What relative paths of configs are relative to. */
  baseDir: string;
  catalogue: OpCatalogue;
  signal?: AbortSignal | undefined;
}

/** Where a job's data come from, absolute; null where its config does not say it in one path. */
export function datasetOf({ manifest }: TrialJob, { baseDir }: DataPlaces): string | null {
  const path = manifest?.config.dj_configs?.dataset_path;
  return typeof path === 'string' && path !== '' ? resolve(baseDir, path) : null;
}

/** The dataset that a job made, absolute. */
export function exportOf({ key, manifest }: TrialJob, { workDir }: DataPlaces): string | null {
  const made = manifest?.writes['dj_configs.export_path'];
  return made === undefined ? null : join(workDir, 'jobs', key!, made);
}
