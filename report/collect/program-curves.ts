import { relative } from 'node:path';
import { supervisorFiles } from '../../activities/runtime/supervisor-files.ts';
import type { Curve } from '../model/trial.ts';
import { runFolders } from './job-runs.ts';
import type { MetricPoint } from './series.ts';
import { readSeries } from './series.ts';
import { thin } from './thin.ts';
import type { JobRecord } from './trial-record.ts';

/** So many points of a curve are drawn. */
export const MOST_POINTS = 600;

/** What the programs of a job told while they ran, a curve a metric: of the newest run, which has what those before had that it goes on from. */
export async function curvesOf({ job, iteration, dir }: JobRecord, workDir: string): Promise<Curve[]> {
  const newest = new Map<string, string>();
  for (const { path, program } of await runFolders(dir)) newest.set(program, path);
  const curves: Curve[] = [];
  for (const [program, folder] of newest) {
    const path = supervisorFiles(folder).metrics;
    const about = { job: job.id, iteration, program, file: relative(workDir, path) };
    for (const [metric, points] of await readSeries(path)) curves.push({ metric, ...about, ...drawn(points) });
  }
  return curves;
}

function drawn(points: readonly MetricPoint[]): Pick<Curve, 'points' | 'count' | 'odd'> {
  const placed = points.map(({ step, value, line }, i): Curve['points'][number] => [
    step ?? i,
    Number.isFinite(value) ? value : null,
    line,
  ]);
  return {
    points: thin(placed, MOST_POINTS),
    count: points.length,
    odd: placed.filter(([, value]) => value === null).length,
  };
}
