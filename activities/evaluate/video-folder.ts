import { mkdir, readdir, readlink, rm, stat, symlink } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { JobFailure } from '../runtime/failure.ts';

const MOST_LISTED = 5;

/**
 * Videos in a folder by their names' endings, sorted by name; hidden files and subfolders are none. Throws JobFailure where the folder is not there, is no folder, or
 * holds no video.
 */
export async function videosIn(folder: string, suffixes: readonly string[]): Promise<string[]> {
  const found = await stat(folder).catch(() => null);
  if (!found)
    throw new JobFailure(`videos_path: ${folder} is not there; give the folder that an infer job wrote its videos to`);
  if (!found.isDirectory()) throw new JobFailure(`videos_path: ${folder} is a file; give the folder that holds it`);
  const entries = await readdir(folder, { withFileTypes: true });
  const files = entries.filter(entry => !entry.isDirectory() && !entry.name.startsWith('.')).map(entry => entry.name);
  const videos = files.filter(name => suffixes.includes(extname(name).toLowerCase())).sort();
  if (videos.length > 0) return videos.map(name => join(folder, name));
  const there =
    entries.length === 0
      ? 'it is empty'
      : `it holds ${entries
          .slice(0, MOST_LISTED)
          .map(entry => entry.name)
          .join(', ')}${entries.length > MOST_LISTED ? ' and more' : ''}`;
  throw new JobFailure(`videos_path: ${folder} holds no video (${suffixes.join(', ')}): ${there}`);
}

/** Makes a folder that holds links to these videos and nothing else. Safe to do again while a program reads from it. */
export async function linkVideos(videos: readonly string[], folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const wanted = new Map(videos.map(video => [basename(video), video]));
  for (const name of await readdir(folder)) if (!wanted.has(name)) await rm(join(folder, name));
  for (const [name, video] of wanted) {
    const link = join(folder, name);
    if ((await readlink(link).catch(() => null)) === video) continue;
    await rm(link, { force: true });
    await symlink(video, link);
  }
}
