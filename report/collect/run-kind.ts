import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { safeName } from '../../activities/runtime/safe-name.ts';
import type { ReportHead } from '../model/report.ts';

const FOLDERS = { sweep: 'sweeps', study: 'studies', trial: 'trials' } as const;

/** Whether an id is that of a trial, sweep or study of a work_dir; null where the work_dir has none of that id. */
export async function runKind(workDir: string, id: string): Promise<ReportHead['kind'] | null> {
  for (const [kind, folder] of Object.entries(FOLDERS) as [ReportHead['kind'], string][]) {
    const found = await stat(join(workDir, folder, safeName(id))).catch(() => null);
    if (found?.isDirectory()) return kind;
  }
  return null;
}
