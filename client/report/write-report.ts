import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative, resolve, sep } from 'node:path';
import { writeAtomically } from '../../activities/runtime/atomic.ts';
import { safeName } from '../../activities/runtime/safe-name.ts';
import { seeClips } from '../../report/collect/see-clips.ts';
import { collectReport, renderReport } from '../../report/index.ts';
import type { ReportHead } from '../../report/model/report.ts';
import { CommandFailure, EXIT } from '../failure.ts';
import { size } from '../format.ts';
import { onInterruption } from '../interruption.ts';
import { printJson } from '../output.ts';
import { findRun } from './find-run.ts';
import { serverSays } from './server-says.ts';
import { placeVideos, type Video } from './videos.ts';

export interface ReportOptions {
  out?: string;
  videos?: 'embed' | 'link';
  workDir?: string;
  json?: boolean;
}

/**
 * Writes the report of a trial, sweep or study, and prints where it is.
 * @throws CommandFailure when there is none of that id, or its folder cannot be written to.
 */
export async function writeReport(
  id: string,
  { out, videos, workDir: named, json = false }: ReportOptions,
): Promise<void> {
  const run = await findRun(id, { workDir: named });
  const { workDir } = run;
  const folder = resolve(out ?? join(workDir, 'reports', safeName(id)));
  const { signal, close } = onInterruption();
  const scratch = await mkdtemp(join(tmpdir(), 'dj-sandbox-report-'));
  const progress = progressOn(process.stderr);
  try {
    // With --work-dir it is of what the files tell, as `status` is.
    if (named === undefined) progress('asking the server');
    const { said, table } = named === undefined ? await serverSays(run.kind, id, workDir) : { said: null, table: null };
    const model = await collectReport({
      id,
      workDir,
      now: Date.now(),
      said,
      table,
      onProgress: progress,
      signal,
      seeClips: async wishes => {
        progress(`looking at ${wishes.length} clips`);
        const onSeen = (done: number) => progress(`looking at clips: ${done} of ${wishes.length}`);
        return await seeClips(wishes, { folder: scratch, signal, onSeen });
      },
    });
    if (!model) throw new CommandFailure(`there is no ${run.kind} ${id} in ${workDir} that a report could be made of`);
    if (signal.aborted) throw new CommandFailure('interrupted: no report was written', EXIT.interrupted);
    progress('writing');
    const placed = await placing(folder, () => placeVideos(videosOf(model, workDir), folder, videos));
    const text = renderReport(model, {
      urlOf: file => placed.urls.get(file) ?? null,
      pageOf: other => reportBeside(folder, join(workDir, 'reports', safeName(other))),
    });
    const path = join(folder, 'index.html');
    await placing(folder, () => writeAtomically(path, text));
    progress('');
    const bytes = Buffer.byteLength(text);
    const { how, count, bytes: videoBytes } = placed;
    if (json)
      return printJson({
        id,
        kind: model.kind,
        path,
        bytes,
        videos: { how, count, bytes: videoBytes },
        lacking: model.lacking,
      });
    const beside =
      count === 0
        ? ''
        : how === 'embed'
          ? `, ${count} videos in it`
          : `, and ${count} videos of ${size(videoBytes)} in videos/ beside it`;
    console.log(
      `${relative(process.cwd(), path).startsWith('..') ? path : relative(process.cwd(), path)}  (${size(bytes)}${beside})`,
    );
  } finally {
    progress('');
    close();
    await rm(scratch, { recursive: true, force: true });
  }
}

/** The address of a report that was written to its own place before; null where there is none. */
function reportBeside(from: string, folder: string): string | null {
  if (!existsSync(join(folder, 'index.html'))) return null;
  return [...relative(from, folder).split(sep), 'index.html'].map(encodeURIComponent).join('/');
}

/** Videos that the page shows, and where each is: the converted one where there is one. */
function videosOf(model: ReportHead, workDir: string): Video[] {
  const files = (model.videos?.rows ?? []).flatMap(row => row.files).filter(file => file !== null);
  return files.flatMap(file => {
    const path = join(workDir, file);
    const clip = model.clips?.[path];
    return clip?.problem ? [] : [{ file, path: clip?.converted ?? path }];
  });
}

async function placing<T>(folder: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new CommandFailure(
      `the report cannot be written to ${folder} (${message}): choose another folder with --out`,
      EXIT.failed,
      { cause: error },
    );
  }
}

/** One line that is written over; nothing where the output is no terminal. An empty text takes it away. */
function progressOn(stream: NodeJS.WriteStream): (text: string) => void {
  if (!stream.isTTY) return () => {};
  return text => void stream.write(`\r\x1b[K${text === '' ? '' : `${text} …`}`);
}
