// How the runs of a job went, as its programs' supervisors wrote it down.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type ClaimRecord, readClaim } from '../../activities/runtime/claim-record.ts';
import { epochsIn } from '../../activities/runtime/job-dir.ts';
import { type ExitRecord, readRecord, supervisorFiles } from '../../activities/runtime/supervisor-files.ts';
import { duration } from '../../plan/figures.ts';
import { type RunFolder, runFolders } from '../collect/job-runs.ts';

/** A segment in segments.json, as far as it is told here. */
export interface SegmentRecord {
  segment: number;
  epoch: number;
  from: string | null;
  step: number;
  skipped?: string[];
  restart?: boolean;
  t: number;
  ended?: {
    why: ExitRecord['why'];
    code: number | null;
    signal: string | null;
    furthest: number | null;
    total: number | null;
    t: number;
  };
}

export interface JobRuns {
  /** How many runs have begun. */
  runs: number;
  /** Who holds the newest run, and where; null: nobody. */
  claim: ClaimRecord | null;
  /** How the newest program ended; null: none has, or there is none. */
  exit: ExitRecord | null;
  /** In sentences, oldest first. */
  told: string[];
}

/** Why a segment ended, in the words of people. */
export const WHY: Record<ExitRecord['why'], string> = {
  exited: 'it ended',
  nan: 'its loss was no number',
  stalled: 'it gave no sign of life',
  died: 'it died',
  'cannot-start': 'it could not be started',
  'cannot-write': 'it could not write',
  stopped: 'it was stopped',
  held: 'it saved its state and gave its host back',
  terminated: 'its supervisor was terminated',
  deadline: 'its worker was away for too long',
  superseded: 'a newer run took over',
};

/** Reads how the runs of the job in `dir` went. */
export async function jobRunsTold(dir: string): Promise<JobRuns> {
  const epochs = await epochsIn(dir);
  const claim = epochs[0] === undefined ? null : await readClaim(dir, epochs[0]);
  const newest = new Map<string, RunFolder>();
  for (const folder of await runFolders(dir)) newest.set(folder.program, folder);
  const told: string[] = [];
  let exit: ExitRecord | null = null;
  for (const [program, { path }] of newest) {
    const segments = await readRecord<SegmentRecord[]>(supervisorFiles(path).segments);
    const name = program === '' ? '' : `${program}: `;
    for (const segment of Array.isArray(segments) ? segments : [])
      told.push(...segmentTold(segment).map(line => name + line));
    exit = (await lastExit(path)) ?? exit;
  }
  return { runs: Math.max(0, ...epochs), claim, exit, told };
}

/** exit.json, or what is left of it after a failure was told. */
async function lastExit(folder: string): Promise<ExitRecord | null> {
  const names = await readdir(folder).catch(() => [] as string[]);
  const told = names.filter(name => name.startsWith('exit.json.told-')).sort();
  const name = names.includes('exit.json') ? 'exit.json' : told.at(-1);
  return name === undefined ? null : await readRecord<ExitRecord>(join(folder, name));
}

function segmentTold({ segment, epoch, from, skipped = [], restart, t, ended }: SegmentRecord): string[] {
  const again = restart ? ', started again as the one before came to grief' : '';
  const start = `segment ${segment} (run ${epoch}) from ${from ?? 'the beginning'}${again}`;
  return [
    ...skipped.map(line => `${line}`),
    `${start}: ${ended ? endTold(ended, t) : 'it has not ended, or its supervisor died'}`,
  ];
}

function endTold(
  { why, code, signal, furthest, total, t }: NonNullable<SegmentRecord['ended']>,
  begun: number,
): string {
  const with_ = signal !== null ? ` (${signal})` : code !== null && code !== 0 ? ` (exit code ${code})` : '';
  const step = furthest === null ? '' : ` at step ${furthest}${total === null ? '' : ` of ${total}`}`;
  return `${WHY[why] ?? why}${with_}${step} after ${duration(Math.max(0, t - begun))}`;
}
