import { readFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { isObject } from '../../plan/dotted.ts';
import type { Json, JsonObject } from '../../plan/plan.ts';

/** What VBench found for one dimension. */
export interface VBenchScore {
  /** Null where VBench scored no video. */
  score: number | null;
  /** VBench's own list, sorted by video; `video_path` as in the config's folder. */
  videos: JsonObject[];
}

const SAVED = /Evaluation results saved to (.+_eval_results\.json)/g;

/**
 * Path of the result that a run saved, from that run's own log, or null. Only the folder that the run was given counts.
 */
export function savedResult(log: string, folder: string): string | null {
  const named = [...log.matchAll(SAVED)].at(-1)?.[1];
  if (named === undefined) return null;
  const path = join(folder, basename(named));
  return resolve(folder, named) === path ? path : null;
}

/** Reads `[dimension][0]` and `[dimension][1]` of a result file; throws SyntaxError or TypeError where it is none. */
export async function readResult(path: string, dimension: string, videosPath: string): Promise<VBenchScore> {
  const result = JSON.parse(withoutNaN(await readFile(path, 'utf8'))) as Record<string, unknown>;
  const found = result[dimension];
  if (!Array.isArray(found)) throw new TypeError(`${path} holds no scores for ${dimension}`);
  const [score, list] = found as [Json, Json];
  const videos = (Array.isArray(list) ? list : []).filter(isObject).map(video => inFolder(video, videosPath));
  return { score: typeof score === 'number' ? score : null, videos: videos.sort(byPath) };
}

/** Python writes NaN and Infinity, which JSON does not have. */
function withoutNaN(json: string): string {
  return json.replace(/([[:,]\s*)(?:NaN|-?Infinity)(?=\s*[,\]}])/g, '$1null');
}

function inFolder(video: JsonObject, videosPath: string): JsonObject {
  return { ...video, video_path: join(videosPath, basename(String(video.video_path))) };
}

function byPath(one: JsonObject, other: JsonObject): number {
  const [a, b] = [String(one.video_path), String(other.video_path)];
  return a < b ? -1 : Number(a > b);
}
