import { supervisorFiles } from '../../activities/runtime/supervisor-files.ts';
import { runFolders } from './job-runs.ts';
import { readSeries, type Series } from './series.ts';
import type { JobRecord } from './trial-record.ts';

/** What one program of a job told while it ran. */
export interface ProgramMetrics {
  /** See RunFolder. */
  program: string;
  series: Series;
}

export interface JobMetrics {
  record: JobRecord;
  programs: ProgramMetrics[];
  /** What the job's result is said to be, once it is done. */
  results: Record<string, number>;
}

/** The metrics of a job: those of its newest run, which has those of the runs that it goes on from as well. */
export async function jobMetrics(record: JobRecord): Promise<JobMetrics> {
  const newest = new Map<string, string>();
  for (const { path, program } of await runFolders(record.dir)) newest.set(program, path);
  const programs: ProgramMetrics[] = [];
  for (const [program, path] of newest) {
    const series = await readSeries(supervisorFiles(path).metrics);
    if (series.size > 0) programs.push({ program, series });
  }
  return { record, programs, results: record.manifest?.metrics ?? {} };
}
