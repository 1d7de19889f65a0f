// Files of work_dirs as answers: only from inside them, only of kinds that pages show, whole or in ranges.
import { constants } from 'node:fs';
import { type FileHandle, open, realpath } from 'node:fs/promises';
import { extname, join, sep } from 'node:path';
import { Readable } from 'node:stream';
import { rangeOf } from './byte-range.ts';

/** What a browser shows. Others would be run or sniffed, and may hold what is nobody's business, such as a program's environment. */
const TYPES: Record<string, string> = {
  '.mp4': 'video/mp4',
  '.webm': 'video/webm',
  '.mov': 'video/quicktime',
  '.mkv': 'video/x-matroska',
  '.gif': 'image/gif',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.webp': 'image/webp',
  '.wav': 'audio/wav',
};
/** Records that numbers on pages come from, by their names. */
const RECORDS =
  /^(manifest|context(-\d+)?|plan-\d+(-[0-9a-f]+)?|study|segments)\.json$|^(metrics|decisions)\.jsonl$|^(table\.md|recipe\.yaml)$/;
const FOLDERS = new Set(['jobs', 'trials', 'sweeps', 'studies']);

/** The answer to a request for a file of a work_dir; null where there is none that is shown. `path`: as in the address, percent-encoded. */
export async function fileAnswer(workDir: string, path: string, request: Headers): Promise<Response | null> {
  const parts = partsOf(path);
  return parts && FOLDERS.has(parts[0] ?? '') ? await answerFrom(workDir, parts, request) : null;
}

/** The answer to a request for a file in a folder, named by the names on the way to it; null where there is none that is shown. */
export async function answerFrom(root: string, parts: readonly string[], request: Headers): Promise<Response | null> {
  const type = typeOf(parts.at(-1)!);
  if (type === null) return null;
  const file = await openInside(root, parts);
  if (!file) return null;
  try {
    const { size, mtimeMs } = await file.stat();
    return await answer(file, { size, mtimeMs, type }, request);
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** Names without any that leads elsewhere; null where one does, or is no text. */
function partsOf(path: string): string[] | null {
  try {
    const parts = path.split('/').map(decodeURIComponent);
    const isPlain = (part: string) => part !== '' && part !== '.' && part !== '..' && !/[/\\\0]/.test(part);
    return parts.every(isPlain) ? parts : null;
  } catch {
    return null;
  }
}

function typeOf(name: string): string | null {
  if (RECORDS.test(name)) return 'text/plain; charset=utf-8';
  return TYPES[extname(name).toLowerCase()] ?? null;
}

/** A file whose links all stay inside the folder; null where one leads out, or it is no file. */
async function openInside(folder: string, parts: readonly string[]): Promise<FileHandle | null> {
  try {
    const root = await realpath(folder);
    const real = await realpath(join(root, ...parts));
    // What it leads to must be of a kind that is shown, too.
    if (!real.startsWith(root + sep) || typeOf(real.slice(real.lastIndexOf(sep) + 1)) === null) return null;
    // Without O_NONBLOCK a pipe would be waited for.
    const file = await open(real, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    if ((await file.stat()).isFile()) return file;
    await file.close();
    return null;
  } catch {
    return null;
  }
}

async function answer(
  file: FileHandle,
  { size, mtimeMs, type }: { size: number; mtimeMs: number; type: string },
  request: Headers,
): Promise<Response> {
  const etag = `"${size.toString(36)}-${Math.trunc(mtimeMs).toString(36)}"`;
  const headers = { 'Content-Type': type, 'Accept-Ranges': 'bytes', ETag: etag };
  if (request.get('if-none-match') === etag) {
    await file.close();
    return new Response(null, { status: 304, headers });
  }
  const condition = request.get('if-range');
  const asked = condition === null || condition === etag ? request.get('range') : null;
  const range = rangeOf(asked, size);
  if (range === 'unsatisfiable') {
    await file.close();
    return new Response(null, { status: 416, headers: { ...headers, 'Content-Range': `bytes */${size}` } });
  }
  const { start, end } = range ?? { start: 0, end: size - 1 };
  const length = { 'Content-Length': String(end - start + 1) };
  const part: Record<string, string> = range ? { 'Content-Range': `bytes ${start}-${end}/${size}` } : {};
  const status = range ? 206 : 200;
  if (size === 0) {
    await file.close();
    return new Response('', { status, headers: { ...headers, 'Content-Length': '0' } });
  }
  const stream = Readable.toWeb(file.createReadStream({ start, end })) as ReadableStream<Uint8Array>;
  return new Response(stream, { status, headers: { ...headers, ...length, ...part } });
}
