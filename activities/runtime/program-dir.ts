import { mkdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import type { ProgramSpec } from './program-spec.ts';
import { readRecord, supervisorFiles } from './supervisor-files.ts';

/**
 * Directory of a program in a job's folder: the folder itself, or for the second and further programs of the job `program-<n>` in it.
 * The same argv and cwd always find the same directory again, which is how a program is attached to after a restart.
 */
export async function programDir(folder: string, spec: ProgramSpec): Promise<string> {
  for (let n = 1; ; n += 1) {
    const dir = n === 1 ? folder : join(folder, `program-${n}`);
    await mkdir(supervisorFiles(dir).ctl, { recursive: true });
    const there = await readRecord<ProgramSpec>(supervisorFiles(dir).spec);
    if (!there || isSame(there, spec)) return await realpath(dir);
  }
}

function isSame(one: ProgramSpec, other: ProgramSpec): boolean {
  return JSON.stringify([one.argv, one.cwd]) === JSON.stringify([other.argv, other.cwd]);
}
