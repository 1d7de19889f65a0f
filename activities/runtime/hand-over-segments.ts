import { constants, copyFile, mkdir, rename } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { newestSegment, supervisorFiles } from './supervisor-files.ts';

/**
 * Brings what an earlier run of the same program wrote down into `to`, before that begins: metrics, how its segments went, and the newest log,
 * of which a supervisor that died with its host may not have read the end. The new run's segments count on from there, so that one
 * metrics.jsonl tells the whole training. Copies: the earlier one may still be written to by a host that is cut off.
 */
export async function handOverSegments(from: string, to: string): Promise<void> {
  const [old, own] = [supervisorFiles(from), supervisorFiles(to)];
  const log = old.log(await newestSegment(from));
  await mkdir(to, { recursive: true });
  // The metrics last: an attempt that died in between does all of it again, as the program has not begun.
  await copyWhole(log, join(to, basename(log)));
  await copyWhole(old.segments, own.segments);
  await copyWhole(old.metrics, own.metrics);
}

async function copyWhole(from: string, to: string): Promise<void> {
  try {
    await copyFile(from, `${to}.tmp`, constants.COPYFILE_FICLONE);
    await rename(`${to}.tmp`, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
