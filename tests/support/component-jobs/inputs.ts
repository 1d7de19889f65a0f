import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type EnvironmentName, pythonOf } from '../../../activities/runtime/paths.ts';
import type { JsonObject } from '../../../plan/plan.ts';

/** Writes datasets, a sample a line, into a folder. */
export async function writeDatasets(folder: string, datasets: Record<string, readonly JsonObject[]>): Promise<void> {
  for (const [name, samples] of Object.entries(datasets))
    await writeFile(join(folder, name), samples.map(sample => `${JSON.stringify(sample)}\n`).join(''));
}

/** An interpreter in `folder` that finds a player's packages before its own; its path. */
export async function playedPython(folder: string, environment: EnvironmentName, player: string): Promise<string> {
  const path = join(folder, 'python');
  await writeFile(path, `#!/bin/sh\nPYTHONPATH='${player}' exec '${pythonOf(environment)}' "$@"\n`, { mode: 0o755 });
  return path;
}
