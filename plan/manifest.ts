import type { Json, JsonObject } from './plan.ts';

/**
 * One result of a job: a path inside the job's directory, a list of paths, or a value. Listed paths are relative to the job's directory and may lead
 * to another job's (`../<key>/…`), or absolute where they are no job's; a list of one is given to later jobs as that path itself.
 */
export type Result =
  | { kind: 'path'; path: string }
  | { kind: 'paths'; paths: string[] }
  | { kind: 'value'; value: Json };

/** The record of a published job: `jobs/<key>/manifest.json`, written last and atomically. A job is done if and only if it exists. */
export interface Manifest {
  version: 1;
  key: string;
  component: string;
  componentVersion: number;
  hook: string;
  /** The run that made it. */
  epoch: number;
  trial: string;
  job: string;
  host: string;
  /** ISO 8601. */
  startedAt: string;
  finishedAt: string;
  seconds: number;
  /** The config as it ran, all paths bound. */
  config: { dj_configs: JsonObject | null; extra_configs: JsonObject | null };
  /** Keys of the jobs whose results went in. */
  producers: string[];
  /** In the hook's order; consumers name them by their own plan's `outputs`. */
  results: Result[];
  /** Outputs by the config key that names them → path inside the job's directory. */
  writes: Record<string, string>;
  /** What the watcher sees, without the `<meta_name>.` in front: `text_len.mean`, `detail.temporal_flickering`, … */
  metrics: Record<string, number>;
  /** What other jobs may need by name (`needs`): `stats` of a probe → path inside the job's directory. */
  provides: Record<string, string>;
  /** Everything published, with sizes in bytes, hashes, and when each was last written (whole ms since 1970; absent before version 0.3). */
  files: { path: string; bytes: number; sha256: string; mtime?: number }[];
  versions: Record<string, string>;
  /** Environments that the config chose; absent where it chose none. */
  environments?: EnvironmentRecord[];
  devices: string[];
  notes: string[];
}

/** The Python environment that a job's program ran in, where its config chose one. */
export interface EnvironmentRecord {
  /** As the config calls it. */
  name: string;
  manager: string;
  /** Of the manager; null where the environment does not say who made it. */
  managerVersion: string | null;
  /** Absolute; null where conda finds it by its name. */
  folder: string | null;
  /** Hash of what it was made of, where dj-sandbox made it; null of one that was there. */
  identity: string | null;
  python: string;
  /** Version by name of every package in it. */
  packages: Record<string, string>;
}
