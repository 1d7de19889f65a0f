import { basename, dirname, isAbsolute, join, relative } from 'node:path';

const ITERATION_FOLDER = /^iter_\d+$/;
const ITERATION_FIRST = /^iter_\d+\//;
/** How values are written that an input replaces. */
export const PLACEHOLDER = /^<[^<>]*>$/;
const SPECIAL_TOKEN = /^<(?:\|?__|\|)/;
const HUB_ID = /^[\w.-]+\/[\w.-]+$/;
const URL = /^[a-z][a-z0-9+.-]*:\/\//i;

/**
 * Path without the `iter_<n>` folder that newer versions of the original put right before a file's name or at a folder's end, so that
 * both generations of configs find each other's outputs: `a/iter_1/d.jsonl` → `a/d.jsonl`, `a/b/iter_1` → `a/b`.
 */
export function withoutIteration(path: string): string {
  const folder = dirname(path);
  if (ITERATION_FOLDER.test(basename(path))) return folder;
  return ITERATION_FOLDER.test(basename(folder)) ? join(dirname(folder), basename(path)) : path;
}

/** The `iter_<n>` spelling of a path that the original's newer versions publish at. */
export function withIteration(path: string, iteration: number): string {
  const folder = `iter_${iteration}`;
  const name = basename(path);
  const isFile = name.includes('.') && !name.startsWith('.');
  return isFile ? join(dirname(path), folder, name) : join(path, folder);
}

/** Where `path` lies inside `folder` (an `iter_<n>` folder between them is ignored), or null when it does not. */
export function insideOf(path: string, folder: string): string | null {
  const outer = withoutIteration(folder);
  const within = relative(outer, path);
  if (within === '' || within.startsWith('..') || isAbsolute(within)) return null;
  const plain = within.replace(ITERATION_FIRST, '');
  return plain === '' || ITERATION_FOLDER.test(plain) ? null : plain;
}

/** `<what is to be replaced>`; Data-Juicer's special tokens such as `<__dj__video>` are none. */
export function isPlaceholder(value: unknown): value is string {
  return typeof value === 'string' && PLACEHOLDER.test(value) && !SPECIAL_TOKEN.test(value);
}

/** A name on a model hub: `org/name`. */
export function isHubId(value: string): boolean {
  return HUB_ID.test(value) && !value.startsWith('.');
}

export function isUrl(value: string): boolean {
  return URL.test(value);
}

/** A path as people like to read it: relative to `base` where it is inside. */
export function displayPath(path: string, base: string): string {
  const within = relative(base, path);
  return within === '' || within.startsWith('..') || isAbsolute(within) ? path : within;
}
