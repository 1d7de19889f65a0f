import { readFile } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import { z } from 'zod';
import { JobFailure } from '../runtime/failure.ts';
import { VIDEOS_A_PROMPT } from './vbench-result.ts';

const promptsSchema = z.array(z.object({ prompt_en: z.string(), dimension: z.array(z.string()) }));

/**
 * Videos that VBench's standard mode scores for a dimension: `<prompt>-<0…4>` of each prompt that `fullJson` lists for it.
 * Throws JobFailure where there is none, or the file is no list of prompts.
 */
export async function videosOfPrompts(
  videos: readonly string[],
  fullJson: string,
  dimension: string,
): Promise<{ found: string[]; missing: number }> {
  const prompts = (await readPrompts(fullJson)).filter(prompt => prompt.dimension.includes(dimension));
  if (prompts.length === 0) throw new JobFailure(`full_json_dir: ${fullJson} has no prompt for ${dimension}`);
  const names = new Set(
    prompts.flatMap(({ prompt_en }) => Array.from({ length: VIDEOS_A_PROMPT }, (_, i) => `${prompt_en}-${i}`)),
  );
  const found = videos.filter(video => names.has(basename(video, extname(video))));
  if (found.length > 0) return { found, missing: names.size - found.length };
  throw new JobFailure(
    `${dimension}: none of the ${videos.length} videos is one of a prompt in ${fullJson}; mode standard wants names such as ${JSON.stringify(`${prompts[0]!.prompt_en}-0.mp4`)}, mode custom_input takes any`,
  );
}

async function readPrompts(path: string): Promise<z.infer<typeof promptsSchema>> {
  try {
    return promptsSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (error) {
    const expected = '[{"prompt_en": "…", "dimension": ["…"]}, …]';
    throw new JobFailure(`full_json_dir: ${path} is not a list of VBench's prompts, ${expected}`, { cause: error });
  }
}
