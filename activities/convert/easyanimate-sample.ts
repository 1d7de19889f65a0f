import { dirname, isAbsolute, resolve } from 'node:path';
import { isObject } from '../../plan/dotted.ts';
import type { Json, JsonObject } from '../../plan/plan.ts';
import { JobFailure } from '../runtime/failure.ts';

/** Data-Juicer's mark for a video in a sample's text. */
const VIDEO_TOKEN = '<__dj__video>';

/**
 * A Data-Juicer sample as EasyAnimate reads it: `file_path` is its first video, `text` has no video mark, `type` is video (its loader
 * takes samples without a type for images). Null for a sample without a video.
 *
 * @param at where the sample is, for messages
 */
export function easyAnimateSample(sample: Json, dataset: string, at: string): JsonObject | null {
  if (!isObject(sample))
    throw new JobFailure(`${dataset}, ${at}: expected a sample (a map), got ${JSON.stringify(sample)}`);
  const videos = sample.videos ?? [];
  if (!Array.isArray(videos) || !videos.every(path => typeof path === 'string')) {
    throw new JobFailure(`${dataset}, ${at}: expected "videos" to be a list of paths, got ${JSON.stringify(videos)}`);
  }
  const { text = '' } = sample;
  if (typeof text !== 'string' && text !== null) {
    throw new JobFailure(`${dataset}, ${at}: expected "text" to be a string, got ${JSON.stringify(text)}`);
  }
  const paths = (videos as string[]).map(path => (isAbsolute(path) ? path : resolve(dirname(dataset), path)));
  const [first] = paths;
  if (first === undefined) return null;
  const caption = (text ?? '').replaceAll(VIDEO_TOKEN, '').trim();
  return { type: 'video', ...sample, videos: paths, file_path: first, text: caption };
}
