import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Json, PlanJob } from '../../plan/plan.ts';
import { safeName } from './safe-name.ts';

/** Where a part runs. */
export const partDir = (dir: string, part: string) => join(dir, 'parts', safeName(part));
/** Where a part's result is, once it is there. */
export const partFile = (dir: string, part: string) => join(partDir(dir, part), 'part.json');

/** Results of the parts that are done, by part. */
export async function finishedParts(dir: string, job: PlanJob): Promise<Record<string, Json>> {
  const parts: Record<string, Json> = {};
  for (const part of job.parts ?? []) {
    const text = await readFile(partFile(dir, part), 'utf8').catch(() => null);
    if (text !== null) parts[part] = JSON.parse(text) as Json;
  }
  return parts;
}
