import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { runFolders } from '../../report/collect/job-runs.ts';

/** A log of a job: that of one segment of a program, or of a run without one. */
export interface LogFile {
  path: string;
  /** The run in which it was begun. */
  epoch: number;
  /** Null: no program of its own. */
  segment: number | null;
  /** See RunFolder. */
  program: string;
  /** The same for a log that a later run took over, at whatever path. */
  name: string;
}

/** The logs of a job in the order in which they were begun; of one that a later run took over (with what it had by then) the newest copy. */
export async function logFiles(dir: string): Promise<LogFile[]> {
  const files = new Map<string, LogFile>();
  for (const { path: folder, epoch, program } of await runFolders(dir)) {
    for (const { path, segment } of await logsIn(folder)) {
      const name = segment === null ? `${program}#run-${epoch}` : `${program}#${segment}`;
      files.set(name, { path, epoch: files.get(name)?.epoch ?? epoch, segment, program, name });
    }
  }
  return [...files.values()];
}

async function logsIn(folder: string): Promise<{ path: string; segment: number | null }[]> {
  const names = await readdir(folder).catch(() => [] as string[]);
  const segments = names.flatMap(name => Number(/^log-(\d+)\.txt$/.exec(name)?.[1] ?? 0) || []).sort((a, b) => a - b);
  if (segments.length > 0) return segments.map(segment => ({ path: join(folder, `log-${segment}.txt`), segment }));
  const path = join(folder, 'log.txt');
  const found = await lstat(path).catch(() => null);
  return found?.isFile() ? [{ path, segment: null }] : [];
}
