import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { bootId } from './host-clock.ts';
import { stopProgram } from './supervisor-client.ts';
import { liveSupervisor, readRecord, type SupervisorRecord, supervisorFiles } from './supervisor-files.ts';

/**
 * Ends what a job's supervisors that died in this boot of the machine left running; with `live` also what live ones run.
 * Throws where processes could not be ended.
 */
export async function endPrograms(
  jobDir: string,
  { upToEpoch = Number.POSITIVE_INFINITY, live = false, reason = 'its supervisor had died' } = {},
): Promise<void> {
  const boot = await bootId();
  for (const dir of await programDirs(jobDir)) {
    const files = supervisorFiles(dir);
    const record = await readRecord<SupervisorRecord>(files.supervisor);
    if (record?.boot !== boot || record.epoch > upToEpoch || (await readRecord(files.exit))) continue;
    if (live || !(await liveSupervisor(dir))) await stopProgram(dir, record.epoch, reason);
  }
}

/** Folders of a job in which programs may have run. */
export async function programDirs(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => [] as string[]);
  const runs = names.filter(name => /^(?:epoch|program)-\d+$/.test(name)).map(name => join(folder, name));
  const parts = await readdir(join(folder, 'parts')).catch(() => [] as string[]);
  const inside = [...runs, ...parts.map(name => join(folder, 'parts', name))];
  return [...inside, ...(await Promise.all(inside.map(programDirs))).flat()];
}
