import { join } from 'node:path';
import { safeName } from '../../activities/runtime/safe-name.ts';
import { compareTrials } from '../../plan/sweep/compare-trials.ts';
import { specOf, trialsOf } from '../../plan/sweep/trials.ts';
import { parentIdOf, trialIdOf } from '../../plan/trial-of.ts';
import type { TrialJob, VideoWall } from '../model/trial.ts';
import { joinedWalls } from './joined-walls.ts';
import { ledgerLines } from './ledger-lines.ts';
import { type JobRecord, jobRecords, readTrialRecord } from './trial-record.ts';
import { videoWall } from './video-wall.ts';

/** The videos of a trial: with those of its sweep's best trial beside them, where that is another. */
export async function trialWall(
  id: string,
  workDir: string,
  jobs: readonly TrialJob[],
  records: readonly JobRecord[],
): Promise<VideoWall> {
  const own = await videoWall(jobs);
  const best = own.columns.length === 0 ? null : await bestOfSweep(id, workDir);
  if (best === null || best.id === id) return own;
  const found = await readTrialRecord(workDir, best.id);
  if (!found) return own;
  return await joinedWalls([
    { label: 'this trial', records },
    { label: `trial ${best.trial}, the best of its sweep`, records: await jobRecords(found) },
  ]);
}

/** The trial that is best in the ledger of a trial's sweep; null where it is of none, or none is done. */
async function bestOfSweep(id: string, workDir: string): Promise<{ id: string; trial: number } | null> {
  const sweep = parentIdOf(id);
  const read = sweep === null ? null : await ledgerLines(join(workDir, 'sweeps', safeName(sweep), 'decisions.jsonl'));
  const { spec } = specOf(read?.decisions ?? []);
  if (sweep === null || !read || !spec) return null;
  const done = trialsOf(read.decisions).filter(({ status }) => status === 'done');
  const [best] = done.sort(compareTrials(spec.metrics[0]?.goal ?? 'minimize'));
  return best ? { id: trialIdOf(sweep, best.trial), trial: best.trial } : null;
}
