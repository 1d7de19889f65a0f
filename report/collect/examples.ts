// Samples that a processing kept and dropped.
import { stat } from 'node:fs/promises';
import { dirname, relative, resolve } from 'node:path';
import { numberedJsonLines } from '../../activities/runtime/json-lines.ts';
import { canonical } from '../../plan/canonical.ts';
import { isObject } from '../../plan/dotted.ts';
import { findOp } from '../../plan/op-catalogue.ts';
import type { Json, JsonObject } from '../../plan/plan.ts';
import type { Examples, Limit, Sample, TrialJob } from '../model/trial.ts';
import { type DataPlaces, datasetOf, exportOf } from './data-places.ts';
import { limitsOf, outsideOf } from './op-limits.ts';

/** Larger datasets are not compared sample by sample. */
const MOST_SAMPLES = 20_000;
const MOST_BYTES = 64_000_000;
/** Metrics of a manifest that tell what ops left. */
const KEPT = 'kept.';
const MOST_KEPT = 8;
const MOST_DROPPED = 12;
const OWN_KEY = /^__dj__.*__$/;

interface Place {
  /** The dataset, absolute. */
  path: string;
  workDir: string;
}

interface Row {
  value: JsonObject;
  line: number;
  identity: string;
}

/**
 * Compares what went into a job, as the analysis before it exported it, with what came out. Which op dropped a sample is told where the
 * sample's stats and the ops' limits give the counts that the job told; null with the reason in `notes` where samples cannot be compared.
 */
export async function examplesOf(
  job: TrialJob,
  before: TrialJob | null,
  places: DataPlaces,
  notes: string[],
): Promise<Examples | null> {
  const output = exportOf(job, places);
  const after = output === null ? null : await rowsOf(output, notes);
  if (after === null) return null;
  // An analysis exports what went in with its stats; without one there is the dataset itself.
  const source = (before && exportOf(before, places)) ?? datasetOf(job, places);
  const all = source === null ? null : await rowsOf(source, notes);
  const made = { path: output!, workDir: places.workDir };
  if (all === null) return kept(after, made);
  const left = new Map<string, number>();
  for (const { identity } of after) left.set(identity, (left.get(identity) ?? 0) + 1);
  const dropped: Row[] = [];
  const stayed: Row[] = [];
  for (const row of all) {
    const count = left.get(row.identity) ?? 0;
    (count > 0 ? stayed : dropped).push(row);
    if (count > 0) left.set(row.identity, count - 1);
  }
  if (stayed.length < after.length) {
    notes.push('Its ops changed samples, so that which of them were dropped cannot be told from the files.');
    return kept(after, made);
  }
  const from = { path: source!, workDir: places.workDir };
  const { by, attributed } = attribution(job, dropped, places);
  const samples = dropped.map((row, i) => sampleOf(row, from, attributed ? (by[i] ?? null) : null));
  return {
    kept: spread(stayed, MOST_KEPT).map(row => sampleOf(row, from, null)),
    dropped: mixed(samples, MOST_DROPPED),
    counts: { kept: stayed.length, dropped: dropped.length },
    attributed,
  };
}

function kept(rows: readonly Row[], place: Place): Examples {
  const samples = spread(rows, MOST_KEPT).map(row => sampleOf(row, place, null));
  return { kept: samples, dropped: [], counts: { kept: rows.length, dropped: 0 }, attributed: false };
}

async function rowsOf(path: string, notes: string[]): Promise<Row[] | null> {
  if (!path.endsWith('.jsonl')) return null;
  const found = await stat(path).catch(() => null);
  if (!found) {
    notes.push(`${path.split('/').slice(-2).join('/')} is gone: examples of its samples cannot be shown`);
    return null;
  }
  if (found.size > MOST_BYTES) {
    notes.push('The data are too large to compare them sample by sample for examples.');
    return null;
  }
  const rows: Row[] = [];
  for await (const { line, value } of numberedJsonLines(path, MOST_SAMPLES + 1)) {
    rows.push({ value: value as JsonObject, line, identity: identityOf(value as JsonObject, dirname(path)) });
  }
  if (rows.length <= MOST_SAMPLES) return rows;
  notes.push('The data are too many samples to compare them one by one for examples.');
  return null;
}

interface Dropped {
  op: string;
  limit: Limit | null;
}

/** Of each dropped sample what dropped it; `attributed` where that is certain of some. */
function attribution(
  job: TrialJob,
  dropped: readonly Row[],
  places: DataPlaces,
): { by: (Dropped | null)[]; attributed: boolean } {
  const gone = goneBy(job);
  const [only, ...others] = [...gone].filter(([, count]) => count > 0);
  const found = byLimits(job, dropped, gone, places);
  if (found.attributed || !only || others.length > 0 || only[1] !== dropped.length) return found;
  return { by: dropped.map(() => ({ op: only[0], limit: null })), attributed: true };
}

/** How many samples each op dropped, as the job told what it left. */
function goneBy({ manifest }: TrialJob): Map<string, number> {
  const gone = new Map<string, number>();
  let before = manifest?.metrics.samples_in ?? Number.NaN;
  for (const [name, left] of Object.entries(manifest?.metrics ?? {})) {
    if (!name.startsWith(KEPT)) continue;
    gone.set(name.slice(KEPT.length), before - left);
    before = left;
  }
  return gone;
}

/** Of each dropped sample the first op outside of whose limits its stats are; true where that gives the counts that the job told. */
function byLimits(
  job: TrialJob,
  dropped: readonly Row[],
  gone: ReadonlyMap<string, number>,
  { catalogue }: DataPlaces,
): { by: (Dropped | null)[]; attributed: boolean } {
  const process = job.manifest?.config.dj_configs?.process;
  const ops = (Array.isArray(process) ? process : []).flatMap(item => {
    const [entry] = Object.entries((item ?? {}) as JsonObject);
    const op = entry && findOp(catalogue, entry[0]);
    return entry && op ? [{ op: entry[0], limits: limitsOf(op, (entry[1] ?? {}) as JsonObject) }] : [];
  });
  const by = dropped.map(({ value }) => {
    const stats = statsOf(value);
    for (const { op, limits } of ops) {
      const limit = limits.find(each => outsideOf(each, stats[each.stat]));
      if (limit) return { op, limit };
    }
    return null;
  });
  const bounding = new Set(ops.flatMap(({ op, limits }) => (limits.length > 0 ? [op] : [])));
  const right = [...gone].every(
    ([op, count]) => !bounding.has(op) || by.filter(each => each?.op === op).length === count,
  );
  return { by, attributed: right && by.some(each => each !== null) };
}

const TEXTS = ['text', 'caption', 'prompt', 'query', 'instruction'];
const CLIPS = ['videos', 'images'];
const TOKEN = /<__dj__\w+>|<\|__dj__eoc\|>/g;

/** A sample without what Data-Juicer adds to it: null where others have a key, its own keys; it makes paths of clips absolute. */
function identityOf(value: JsonObject, folder: string): string {
  const own = Object.entries(value).filter(([key, each]) => !OWN_KEY.test(key) && each !== null);
  return canonical(
    Object.fromEntries(own.map(([key, each]) => [key, CLIPS.includes(key) ? placed(each, folder) : each])),
  );
}

const placed = (paths: Json, folder: string): Json =>
  Array.isArray(paths) ? paths.map(path => (typeof path === 'string' ? resolve(folder, path) : path)) : paths;

const statsOf = (value: JsonObject) => (isObject(value.__dj__stats__) ? value.__dj__stats__ : {});

function sampleOf({ value, line }: Row, { path, workDir }: Place, dropped: Dropped | null): Sample {
  const text = TEXTS.map(key => value[key]).find(each => typeof each === 'string');
  const clips = CLIPS.flatMap(key => (Array.isArray(value[key]) ? (value[key] as Json[]) : []));
  return {
    text: typeof text === 'string' ? text.replace(TOKEN, '').trim() : null,
    clips: clips.filter(each => typeof each === 'string').map(clip => resolve(dirname(path), clip)),
    file: relative(workDir, path),
    line,
    droppedBy: dropped && { ...dropped, value: (dropped.limit && statsOf(value)[dropped.limit.stat]) ?? null },
  };
}

/** At most `most` of a list, evenly from all of it. */
function spread<T>(all: readonly T[], most: number): T[] {
  if (all.length <= most) return [...all];
  return Array.from({ length: most }, (_, i) => all[Math.floor((i * all.length) / most)]!);
}

/** Samples of every op that dropped some, in turns. */
function mixed(samples: readonly Sample[], most: number): Sample[] {
  const ops = [...new Set(samples.map(({ droppedBy }) => droppedBy?.op))];
  const groups = ops.map(op =>
    spread(
      samples.filter(({ droppedBy }) => droppedBy?.op === op),
      most,
    ),
  );
  const chosen: Sample[][] = groups.map(() => []);
  for (let round = 0; chosen.flat().length < Math.min(most, samples.length) && round < most; round++)
    for (const [i, group] of groups.entries())
      if (group[round] && chosen.flat().length < most) chosen[i]!.push(group[round]!);
  return chosen.flat();
}
