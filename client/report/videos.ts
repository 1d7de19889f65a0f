import { copyFile, mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';

/** Videos that are larger together are copied beside the page. */
export const MOST_EMBEDDED = 20_000_000;

const TYPES: Record<string, string> = {
  '.mp4': 'video/mp4',
  '.m4v': 'video/mp4',
  '.webm': 'video/webm',
  '.mov': 'video/quicktime',
};
const OURS = /^\d{3}-[\w.-]*\.(mp4|m4v|webm|mov|mkv|avi|gif)$/;

/** A video of a report: what the model calls it, and where its bytes are. */
export interface Video {
  file: string;
  path: string;
}

export interface PlacedVideos {
  how: 'embed' | 'link';
  count: number;
  bytes: number;
  /** By the model's names: addresses in the page. */
  urls: Map<string, string>;
}

/** Puts videos into the page as data: addresses, or into `<out>/videos`. Those that are gone are left out. */
export async function placeVideos(
  videos: readonly Video[],
  out: string,
  asked: 'embed' | 'link' | undefined,
): Promise<PlacedVideos> {
  const sized = await Promise.all(
    videos.map(async video => ({
      ...video,
      bytes: await stat(video.path).then(
        ({ size }) => size,
        () => null,
      ),
    })),
  );
  const there = sized.flatMap(({ bytes, ...video }) => (bytes === null ? [] : [{ ...video, bytes }]));
  const bytes = there.reduce((sum, video) => sum + video.bytes, 0);
  const how = asked ?? (bytes <= MOST_EMBEDDED ? 'embed' : 'link');
  const urls = how === 'embed' ? await embedded(there) : await copied(there, join(out, 'videos'));
  return { how, count: there.length, bytes, urls };
}

async function embedded(videos: readonly Video[]): Promise<Map<string, string>> {
  const urls = new Map<string, string>();
  for (const { file, path } of videos) {
    const type = TYPES[extname(path).toLowerCase()] ?? 'application/octet-stream';
    urls.set(file, `data:${type};base64,${(await readFile(path)).toString('base64')}`);
  }
  return urls;
}

/** Names are numbered, so that those of prompts are neither too long nor strange; what an earlier report left there goes. */
async function copied(videos: readonly Video[], folder: string): Promise<Map<string, string>> {
  const urls = new Map<string, string>();
  if (videos.length > 0) await mkdir(folder, { recursive: true });
  for (const [i, { file, path }] of videos.entries()) {
    const name = `${String(i).padStart(3, '0')}-${file.split('/')[1]?.slice(0, 12) ?? 'video'}${extname(path).toLowerCase()}`;
    const part = join(folder, `${name}.${process.pid}.tmp`);
    await copyFile(path, part);
    await rename(part, join(folder, name));
    urls.set(file, `videos/${name}`);
  }
  const names = new Set([...urls.values()].map(url => url.slice('videos/'.length)));
  for (const name of await readdir(folder).catch(() => [] as string[]))
    if (OURS.test(name) && !names.has(name)) await rm(join(folder, name), { force: true });
  return urls;
}
