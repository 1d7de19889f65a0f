import { basename, dirname, relative, resolve } from 'node:path';
import type { JobConfig, WriteField } from './component.ts';
import type { Draft, Made } from './draft.ts';
import { insideOf, withoutIteration } from './paths.ts';
import type { PathEdge } from './plan.ts';

/** What a write of a component makes under an absolute path: itself, and what the component lists beside it. */
export function madeBy(field: WriteField, named: string, config: JobConfig): Made[] {
  const made: Made[] = [];
  if (field.when?.(config) !== false) made.push({ write: field.at, path: named, kind: field.kind, within: '' });
  for (const [also, within] of alsoWithin(field, named, config).entries()) {
    made.push({ write: field.at, path: resolve(named, within), kind: 'file', within, also });
  }
  return made;
}

/** Paths that a write makes besides the named one, relative to it: `../d_stats.jsonl` beside a file, `d_ea_fmt.json` in a folder. */
export function alsoWithin(field: WriteField, named: string, config: JobConfig): string[] {
  const folder = field.kind === 'directory' ? named : dirname(named);
  return (field.alsoMakes?.(named, config) ?? []).map(path => relative(named, resolve(folder, path)));
}

/**
 * The earlier job that makes a path, as an edge; null where none does. A path that a job names (or lists) beats one inside a folder that it
 * makes, the innermost folder beats one around it, and of equals the last job wins, as the last to write would.
 */
export function findEdge(at: string, written: string, path: string, earlier: readonly Draft[]): PathEdge | null {
  let best: { edge: PathEdge; rank: number } | null = null;
  for (const job of earlier) {
    for (const made of job.made) {
      const found = fits(path, made);
      if (!found || (best && found.rank < best.rank)) continue;
      const edge: PathEdge = { at, path: written, job: job.id, write: made.write, within: found.within };
      if (made.also !== undefined) edge.also = made.also;
      best = { edge, rank: found.rank };
    }
  }
  return best?.edge ?? null;
}

function fits(path: string, made: Made): { within: string; rank: number } | null {
  if (withoutIteration(path) === withoutIteration(made.path))
    return { within: made.within, rank: Number.MAX_SAFE_INTEGER };
  if (made.kind !== 'directory') return null;
  const within = insideOf(path, made.path);
  return within === null ? null : { within, rank: made.path.length };
}

/** Jobs that make a path, and the nearest path that any of them makes. */
export function makersOf(path: string, jobs: readonly Draft[]): Draft[] {
  return jobs.filter(job => job.made.some(made => fits(path, made)));
}

/** A path that earlier jobs make and that has the same file name: probably meant. */
export function sameName(path: string, jobs: readonly Draft[]): { job: Draft; path: string } | null {
  for (const job of [...jobs].reverse()) {
    const made = job.made.find(each => basename(each.path) === basename(path));
    if (made) return { job, path: made.path };
  }
  return null;
}
