import { lstat, readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { readRecord } from './supervisor-files.ts';

/** Names of a checkpoint's files; null where it is torn, or where a link leads out of it. By sizes: the supervisor proves it by hash. */
export async function filesOfWhole(folder: string): Promise<string[] | null> {
  if (!(await lstat(folder)).isDirectory()) return null;
  const record = await readRecord<{ files?: Record<string, { bytes?: number }> }>(join(folder, 'complete.json'));
  if (typeof record?.files !== 'object' || record.files === null) return null;
  for (const [name, file] of Object.entries(record.files)) {
    const path = join(folder, name);
    const inside = relative(folder, path);
    if (inside === '' || inside.startsWith('..')) return null;
    const found = await lstat(path).catch(() => null);
    if (!found?.isFile() || found.size !== file?.bytes) return null;
  }
  return Object.keys(record.files);
}

/** The step of `checkpoint-<step>`; null where a name is none. */
export function checkpointStep(name: string): number | null {
  const step = /^checkpoint-(\d+)$/.exec(name)?.[1];
  return step === undefined ? null : Number(step);
}

/** The newest whole checkpoint of a folder; null where there is none. */
export async function newestWhole(folder: string): Promise<{ name: string; step: number } | null> {
  const names = await readdir(folder).catch(() => [] as string[]);
  const found = names.map(name => ({ name, step: checkpointStep(name) ?? -1 })).filter(({ step }) => step >= 0);
  for (const checkpoint of found.sort((a, b) => b.step - a.step))
    if (await filesOfWhole(join(folder, checkpoint.name))) return checkpoint;
  return null;
}
