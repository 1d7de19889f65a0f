import { join } from 'node:path';
import type { CollectOptions } from '../model/report.ts';
import type { Clip, VideoWall } from '../model/trial.ts';
import { trainedKeys } from './trained.ts';
import type { JobRecord } from './trial-record.ts';
import { videoWall } from './video-wall.ts';

/** Videos of several trials are many: of very many prompts the first are shown. */
const MOST_ROWS = 8;

/** A trial whose videos are to be seen. */
export interface Shown {
  /** What its columns are called. */
  label: string;
  records: readonly JobRecord[];
}

/** The videos of several trials side by side: first what was made without training, which is the same in all and is there once, then each trial's. */
export async function joinedWalls(trials: readonly Shown[]): Promise<VideoWall> {
  const joined: VideoWall = { columns: [], rows: [], more: 0 };
  let hasBase = false;
  for (const { label, records } of trials) {
    const trained = trainedKeys(records);
    const wall = await videoWall(
      records.map(record => ({ ...record, trained: record.key !== null && trained.has(record.key) })),
    );
    const taken = wall.columns.flatMap(({ base }, i) => (base && hasBase ? [] : [i]));
    const several = taken.filter(i => !wall.columns[i]!.base).length > 1;
    for (const i of taken) {
      const column = wall.columns[i]!;
      if (column.base) hasBase = true;
      add(
        joined,
        wall,
        i,
        column.base ? `not trained: ${column.label}` : several ? `${label}: ${column.label}` : label,
      );
    }
    joined.more = Math.max(joined.more, wall.more);
  }
  const more = joined.more + Math.max(0, joined.rows.length - MOST_ROWS);
  return { ...joined, rows: joined.rows.slice(0, MOST_ROWS), more };
}

/** Adds a column; a row is what has the same prompt and sample. */
function add(joined: VideoWall, wall: VideoWall, column: number, label: string): void {
  const at = joined.columns.length;
  joined.columns.push({ ...wall.columns[column]!, label });
  for (const row of joined.rows) row.files.push(null);
  for (const { prompt, sample, seed, files } of wall.rows) {
    const known = joined.rows.find(row => row.prompt === prompt && row.sample === sample);
    if (known) known.files[at] = files[column] ?? null;
    else joined.rows.push({ prompt, sample, seed, files: [...Array(at).fill(null), files[column] ?? null] });
  }
}

/** Looks at the clips of a wall, where somebody can. */
export async function seeVideos(
  { rows }: VideoWall,
  workDir: string,
  seeClips: CollectOptions['seeClips'],
): Promise<{ seen: Record<string, Clip>; lacking: string[] }> {
  const files = new Set(rows.flatMap(({ files }) => files).filter(file => file !== null));
  const wishes = [...files].map(file => ({ path: join(workDir, file), play: true }));
  const seen = wishes.length > 0 && seeClips ? await seeClips(wishes) : {};
  if (seen !== null) return { seen, lacking: [] };
  const why =
    'clips are shown without pictures and as they are: the Python environment that reads them (train) is not set up';
  return { seen: {}, lacking: [why] };
}
