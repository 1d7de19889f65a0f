import { readFile } from 'node:fs/promises';
import { basename, extname, join, resolve } from 'node:path';
import { z } from 'zod';
import { isObject } from '../../plan/dotted.ts';
import type { Json, JsonObject } from '../../plan/plan.ts';
import { readIfThere } from '../runtime/atomic.ts';

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

/** VBench looks for so many videos of each prompt. */
export const VIDEOS_A_PROMPT = 5;

const askedSchema = z.array(z.object({ video_list: z.union([z.string(), z.array(z.string())]) }));

/**
 * The videos that a run was to score, by name, from what VBench saves beside its result, and how many more it looked for in mode
 * `standard`; null where it saved none.
 */
export async function readAsked(result: string): Promise<{ names: string[]; missing: number } | null> {
  const text = await readIfThere(result.replace(/_eval_results\.json$/, '_full_info.json'));
  const prompts = text === null ? null : askedSchema.safeParse(JSON.parse(text)).data;
  if (!prompts) return null;
  const names = prompts.flatMap(({ video_list }) => video_list).map(video => basename(video));
  return { names, missing: prompts.length * VIDEOS_A_PROMPT - names.length };
}

/** One prompt's score: the mean of its videos' own, true as 1. */
export interface PromptScore extends JsonObject {
  prompt: string;
  score: number | null;
  videos: number;
}

/** Scores by prompt, which is a video's name without `-<number>` and ending, in the order of the videos. */
export function scoresByPrompt(videos: readonly JsonObject[]): PromptScore[] {
  const prompts = new Map<string, number[]>();
  for (const { video_path, video_results } of videos) {
    const name = basename(String(video_path));
    const prompt = basename(name, extname(name)).replace(/-\d+$/, '');
    const scores = prompts.get(prompt) ?? prompts.set(prompt, []).get(prompt)!;
    const isNumber = typeof video_results === 'number' || typeof video_results === 'boolean';
    scores.push(isNumber ? Number(video_results) : Number.NaN);
  }
  return [...prompts].map(([prompt, scores]) => {
    const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length;
    return { prompt, score: Number.isFinite(mean) ? mean : null, videos: scores.length };
  });
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
