import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { bootId } from './host-clock.ts';
import { stopProgram } from './supervisor-client.ts';
import { liveSupervisor, readRecord, type SupervisorRecord, supervisorFiles } from './supervisor-files.ts';

/**
 * Ends what supervisors of a job that died on this host, in this boot of it, left running. What a live supervisor runs is left alone.
 * Throws where processes could not be ended.
 */
export async function endOrphans(jobDir: string, upToEpoch = Number.POSITIVE_INFINITY): Promise<void> {
  const boot = await bootId();
  for (const dir of await programDirs(jobDir)) {
    const files = supervisorFiles(dir);
    const record = await readRecord<SupervisorRecord>(files.supervisor);
    if (
      record?.boot !== boot ||
      record.epoch > upToEpoch ||
      (await readRecord(files.exit)) ||
      (await liveSupervisor(dir))
    )
      continue;
    await stopProgram(dir, record.epoch, 'its supervisor had died');
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
