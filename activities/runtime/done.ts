import { join, resolve } from 'node:path';
import { bounded } from '../../plan/bounded.ts';
import { clip } from '../../plan/clip.ts';
import type { Manifest, Result } from '../../plan/manifest.ts';
import type { Json, PlanJob } from '../../plan/plan.ts';
import type { JobDone } from '../../plan/protocol.ts';

const MAX_METRICS = 128;
const MAX_METRIC_NAME = 200;
const MAX_RESULT_CHARS = 4096;
const MAX_RESULTS_CHARS = 16 * 1024;
const NOTE_CHARS = 500;

/** A job's results by the names that this plan gives them; paths are absolute. */
export function namedResults(job: PlanJob, dir: string, manifest: Manifest): Record<string, Json> {
  const results: Record<string, Json> = {};
  manifest.results.forEach((result, i) => {
    results[job.outputs[i] ?? `res_${i}`] = laterValue(result, dir);
  });
  return results;
}

/** A result as later jobs get it. */
function laterValue(result: Result, dir: string): Json {
  if (result.kind === 'value') return result.value;
  if (result.kind === 'path') return join(dir, result.path);
  const paths = result.paths.map(path => resolve(dir, path));
  return paths.length === 1 ? paths[0]! : paths;
}

/**
 * What the workflow hears of a published job: bounded, so that history stays small; the manifest has all of it. `wanted`: metrics as
 * `<meta_name>.<metric>` that are heard of before others.
 */
export function doneFrom(
  job: PlanJob,
  dir: string,
  manifest: Manifest,
  reused: boolean,
  wanted: readonly string[] = [],
): JobDone {
  let left = MAX_RESULTS_CHARS;
  const results = Object.entries(namedResults(job, dir, manifest)).map(([name, value]) => {
    const { length } = JSON.stringify(value);
    const long = length > Math.min(MAX_RESULT_CHARS, left);
    if (!long) left -= length;
    return [name, long ? `(long: see ${join(dir, 'manifest.json')})` : value] as const;
  });
  const prefix = `${job.metaName}.`;
  const own = wanted.filter(name => name.startsWith(prefix)).map(name => name.slice(prefix.length));
  const metrics = Object.entries(manifest.metrics).filter(([name]) => name.length <= MAX_METRIC_NAME);
  return {
    job: job.id,
    key: manifest.key,
    reused,
    seconds: manifest.seconds,
    results: Object.fromEntries(results),
    metrics: bounded(Object.fromEntries(metrics), MAX_METRICS, own),
    notes: manifest.notes.slice(0, 16).map(note => clip(note, NOTE_CHARS)),
  };
}
