// What a job reads and makes: paths in its config become edges to earlier jobs, reads from outside, and named outputs.
import { isAbsolute, join } from 'node:path';
import type { Compiling } from './compiling.ts';
import type { ReadField, WriteField } from './component.ts';
import { getAt, isWithin } from './dotted.ts';
import { type Draft, pathsAt } from './draft.ts';
import { findEdge, madeBy, makersOf, sameName } from './made-paths.ts';
import { isHubId, isPlaceholder, isUrl } from './paths.ts';
import type { PathKind } from './plan.ts';

/** A path that is not there when the trial starts and that no earlier job makes. */
export interface MissingRead {
  draft: Draft;
  at: string;
  written: string;
  path: string;
  kind: PathKind;
  /** It may be somewhere else: told of, and left as it is written. */
  elsewhere: boolean;
}

/** Finds a draft's edges, reads and writes; returns the reads that nothing answers. */
export function findPaths(c: Compiling, draft: Draft, earlier: readonly Draft[]): MissingRead[] {
  const { spec } = draft;
  if (!spec) return [];
  const missing = spec.reads.flatMap(field => findReads(c, draft, field, earlier));
  for (const field of spec.writes) findWrite(c, draft, field);
  return missing;
}

/** Says what is missing, once all jobs are known. */
export function tellMissing(c: Compiling, missing: readonly MissingRead[], drafts: readonly Draft[]): void {
  for (const { draft, at, written, path, kind, elsewhere } of missing) {
    // What cannot run yet misses nothing, and a plan may be looked at where data and models are not.
    const only = c.request.absent === 'warning' || draft.spec?.notRunnable !== undefined;
    const message = whyMissing(c, { draft, at, written, path }, drafts);
    if (message === null) continue;
    if (!only && !elsewhere) c.error(draft.places.place(at), message);
    else c.warn(draft.places.place(at), message);
    if (only && !elsewhere) draft.reads.push({ at, path, kind, fingerprint: null });
  }
}

/** Null where a job in error may be the one that makes it. */
function whyMissing(
  c: Compiling,
  { draft, at, written, path }: Pick<MissingRead, 'draft' | 'at' | 'written' | 'path'>,
  drafts: readonly Draft[],
): string | null {
  const i = drafts.indexOf(draft);
  const later = makersOf(path, drafts.slice(i + 1))[0];
  if (later) return `${written} is not there yet: ${later.id} makes it, but runs later; put it before ${draft.id}`;
  const near = sameName(path, drafts.slice(0, i));
  if (near) return `${written} is not there; did you mean ${near.path}, which ${near.job.id} makes?`;
  if (drafts.slice(0, i).some(job => job.broken)) return null;
  return `${written} is not there, and no job before this one makes it; relative paths start at ${rootOf(draft, at, c.baseDir)}`;
}

function findReads(c: Compiling, draft: Draft, field: ReadField, earlier: readonly Draft[]): MissingRead[] {
  const missing: MissingRead[] = [];
  for (const { at, path: written } of pathsAt(getAt(draft.config, field.at), field.at)) {
    if (isFilled(draft, at) || field.only?.test(written) === false) continue;
    if (isPlaceholder(written)) {
      placeholder(c, draft, at, written);
      continue;
    }
    if (isUrl(written) || field.names?.includes(written)) continue;
    const path = absolute(c, draft, field.relativeTo, written);
    const edge = findEdge(at, written, path, earlier);
    if (edge) {
      draft.edges.push(edge);
      continue;
    }
    const found = c.files.stat(path);
    if (found === null && ((field.hub && isHubId(written)) || (field.only && field.mustExist === false))) continue;
    if (found === null && field.mustExist !== false)
      missing.push({ draft, at, written, path, kind: field.kind, elsewhere: field.mustExist === 'warn' });
    else if (found !== null && !fitsKind(found, field.kind)) {
      c.error(
        draft.places.place(at),
        `${written} is a ${found === 'file' ? 'file' : 'folder'}; expected a ${found === 'file' ? 'folder' : 'file'}`,
      );
    } else {
      const content = field.content && { content: field.content };
      const placed = field.placed === true && { placed: true };
      draft.reads.push({ at, path, kind: field.kind, ...content, ...placed, fingerprint: null });
    }
  }
  return missing;
}

function findWrite(c: Compiling, draft: Draft, field: WriteField): void {
  const written = getAt(draft.config, field.at);
  const named = typeof written === 'string' && written !== '' && !isFilled(draft, field.at) ? written : null;
  if (named === null) {
    if (field.fallback !== undefined) draft.unnamed.push({ at: field.at, name: field.fallback, kind: field.kind });
    return;
  }
  if (isPlaceholder(named)) {
    placeholder(c, draft, field.at, named);
    return;
  }
  const path = absolute(c, draft, field.relativeTo, named);
  draft.writes.push({ at: field.at, named: path, kind: field.kind });
  if (!draft.broken) draft.made.push(...madeBy(field, path, draft.config));
}

/** An input writes this key when the job runs. */
export function isFilled(draft: Draft, at: string): boolean {
  const keys = [...draft.inputs.map(input => input.into), ...draft.unresolved].filter(into => into.includes('.'));
  return keys.some(into => isWithin(at, into) || isWithin(into, at));
}

function placeholder(c: Compiling, draft: Draft, at: string, value: string): void {
  const what = `nothing fills in ${value}; write the value here, or add \`input: {${at}: <context key>}\``;
  // Published configs of components that do not run here yet carry such words.
  if (draft.spec?.notRunnable) c.warn(draft.places.place(at), what);
  else c.error(draft.places.place(at), what);
}

function absolute(c: Compiling, draft: Draft, relativeTo: string | undefined, path: string): string {
  const folder = relativeTo === undefined ? null : getAt(draft.config, relativeTo);
  const root = typeof folder === 'string' && folder !== '' ? from(c.baseDir, folder) : c.baseDir;
  return from(root, path);
}

function rootOf(draft: Draft, at: string, baseDir: string): string {
  const field = draft.spec?.reads.find(each => isWithin(at, each.at));
  const folder = field?.relativeTo === undefined ? null : getAt(draft.config, field.relativeTo);
  return typeof folder === 'string' && folder !== '' ? from(baseDir, folder) : baseDir;
}

function from(root: string, path: string): string {
  const whole = isAbsolute(path) ? join(path) : join(root, path);
  return whole.length > 1 && whole.endsWith('/') ? whole.slice(0, -1) : whole;
}

function fitsKind(found: 'file' | 'directory', kind: PathKind): boolean {
  if (kind === 'directory' || kind === 'video-directory') return found === 'directory';
  return kind === 'model' || kind === 'dataset' || found === 'file';
}
