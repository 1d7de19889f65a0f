import { randomBytes } from 'node:crypto';
import { copyFile, link, mkdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { isObject } from '../../../plan/dotted.ts';
import type { Manifest } from '../../../plan/manifest.ts';
import { type Json, jobsOf, type Plan } from '../../../plan/plan.ts';
import type { GatherArgs } from '../../../plan/protocol.ts';
import type { Gathered } from '../../../plan/study/memory.ts';
import { fullPool, partId, repeatedId, sampledPool, WHOLE } from '../../../plan/study/places.ts';
import { ANALYSIS, jobOf } from '../../../plan/study/pool-trials.ts';
import { ENDS, type PartFound, type StudiedOp } from '../../../plan/study/types.ts';
import { ratioOf } from '../../pools/ratios.ts';
import { readIfThere } from '../../runtime/atomic.ts';
import { JobFailure } from '../../runtime/failure.ts';
import { jobDir, readManifest } from '../../runtime/job-dir.ts';
import { planPath, trialDir } from '../../runtime/trial-dir.ts';
import { firstAndLastLine } from './pool-ends.ts';

const STATS = '__dj__stats__';

/** What a job of a step's trial made. */
interface Made {
  manifest: Manifest;
  /** Absolute paths of its results, in their order. */
  paths: string[];
}

/**
 * Puts what a step's trial made under the names by which the study knows its pools, and says what there is.
 * @throws JobFailure where the data does not give the pools that the study needs.
 */
export async function gatherPools({ trial, step, opened, ops, samples }: GatherArgs): Promise<Gathered> {
  const { dir, workDir } = opened;
  const of = (name: string) => madeBy(workDir, trial, name);
  const made = await of(jobOf(step));
  switch (step.step) {
    case 'split': {
      const analysed = await of(ANALYSIS);
      const parts = await partsOf(made, ops);
      checkRows(parts, samples);
      for (const { part, path } of parts) await put(path, fullPool(dir, partId(part)));
      await put(analysed.paths[0]!, fullPool(dir, WHOLE));
      return { step: 'split', total: made.manifest.metrics.samples_in ?? 0, parts: parts.map(({ part }) => part) };
    }
    case 'sample':
      for (const [i, id] of step.ids.entries()) await put(made.paths[i]!, sampledPool(dir, step.samples, id));
      return { step: 'sample' };
    case 'combine': {
      const sets = made.paths.map(setOf);
      for (const [i, { id }] of sets.entries()) await put(made.paths[i]!, fullPool(dir, id));
      return { step: 'combine', sets };
    }
    case 'repeat':
      for (const [i, times] of step.times.entries())
        await put(made.paths[i]!, sampledPool(dir, step.samples, repeatedId(step.id, times)));
      return { step: 'repeat' };
  }
}

async function madeBy(workDir: string, trial: string, metaName: string): Promise<Made> {
  const path = planPath(trialDir(workDir, { id: trial, runId: '' }), 1);
  const text = await readIfThere(path);
  const job = text === null ? undefined : jobsOf(JSON.parse(text) as Plan).find(each => each.metaName === metaName);
  const folder = jobDir(workDir, job?.key ?? '');
  const manifest = job ? await readManifest(folder) : null;
  if (!manifest)
    throw new JobFailure(`what trial ${trial} made by ${metaName} is gone (${path}): start the study again`);
  const paths = manifest.results.flatMap(result =>
    result.kind === 'path' ? [result.path] : result.kind === 'paths' ? result.paths : [],
  );
  return { manifest, paths: paths.map(each => resolve(folder, each)) };
}

/** The pools of the studied ops, op by op and stat by stat, low to high. */
async function partsOf(
  { manifest, paths }: Made,
  ops: readonly StudiedOp[],
): Promise<{ part: PartFound; path: string }[]> {
  const byStat = new Map<string, string[]>();
  for (const path of paths) {
    const stat = basename(dirname(path));
    byStat.set(stat, [...(byStat.get(stat) ?? []), path]);
  }
  const found: { part: PartFound; path: string }[] = [];
  for (const { op, stats } of ops) {
    const known = stats.filter(stat => byStat.has(stat));
    if (known.length === 0)
      throw new JobFailure(
        `${op}: the analysed dataset has no number for ${stats.join(' or ')}; it has ${[...byStat.keys()].join(', ') || 'no stats'}: leave ${op} out of ops`,
      );
    for (const stat of known) {
      for (const [i, path] of byStat.get(stat)!.entries()) {
        const name = `rows.${basename(path)}`;
        const rows = manifest.metrics[name] ?? sizesOf(manifest.metrics.samples_in ?? 0, ratiosOf(manifest))[i]!;
        const part = { op, stat, end: ENDS[i]!, rows };
        if (rows === 0)
          throw new JobFailure(
            `the ${part.end} pool of ${stat} is empty: ${manifest.metrics.samples_in} samples are too few for three pools`,
          );
        const [from, to] = (await firstAndLastLine(path)).map(line => statOf(line, stat, path));
        found.push({ part: { ...part, from: from!, to: to! }, path });
      }
    }
  }
  return found;
}

/** Manifests of many pools do not list their sizes: they are those that construction cuts. */
function sizesOf(total: number, ratios: readonly number[]): number[] {
  const points = [0, ...ratios.map(ratio => Math.floor(total * ratio + 0.5)), total];
  return points.slice(1).map((point, i) => point - points[i]!);
}

function ratiosOf({ config }: Manifest): number[] {
  const given = config.extra_configs?.split_ratios;
  return Array.isArray(given) ? given.map(ratio => ratioOf(ratio) ?? 0) : [1 / 3, 2 / 3];
}

/** A stat as construction sorts by it: of a list its mean, 0 where that is empty. */
function statOf(line: string, stat: string, path: string): number {
  const sample = JSON.parse(line) as Json;
  const stats = isObject(sample) ? sample[STATS] : null;
  const value = isObject(stats) ? stats[stat] : null;
  const values = flattened(value);
  if (Array.isArray(value) && values.length === 0) return 0;
  const mean = values.reduce<number>((sum, each) => sum + Number(each), 0) / values.length;
  if (values.every(each => typeof each === 'number' || typeof each === 'boolean') && Number.isFinite(mean)) return mean;
  throw new JobFailure(`${path}: ${stat} of a sample is ${JSON.stringify(value)}, which is no number`);
}

function flattened(value: Json | undefined): Json[] {
  return Array.isArray(value) ? value.flatMap(flattened) : [value ?? null];
}

function checkRows(parts: readonly { part: PartFound }[], samples: number | null): void {
  const small = parts.find(({ part }) => samples !== null && part.rows < samples)?.part;
  if (!small) return;
  const smallest = Math.min(...parts.map(({ part }) => part.rows));
  throw new JobFailure(
    `samples: ${samples} are asked of each pool, and the ${small.end} pool of ${small.stat} has ${small.rows}; give at most ${smallest}, or leave samples out`,
  );
}

/** `<prefix>_top_0_2_num_17.jsonl`: which ranks were intersected, and how many samples that left. */
function setOf(path: string): { id: string; ranks: number[]; rows: number } {
  const [, ranks = '', rows = ''] = /_top_([\d_]+)_num_(\d+)\.jsonl$/.exec(basename(path)) ?? [];
  return { id: `top_${ranks}`, ranks: ranks.split('_').map(Number), rows: Number(rows) };
}

/** The same file under another name; a copy where the file system has no links. */
async function put(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  const part = join(dirname(to), `.${randomBytes(4).toString('hex')}.tmp`);
  try {
    await link(from, part).catch(() => copyFile(from, part));
    await rename(part, to);
  } finally {
    // Renamed onto a link to the same file, it would stay.
    await rm(part, { force: true });
  }
}
