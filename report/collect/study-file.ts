import { join } from 'node:path';
import { readIfThere } from '../../activities/runtime/atomic.ts';
import type { StudyFiles, StudyTable } from '../../plan/protocol.ts';
import type { Limit } from '../../plan/study/limits.ts';

/** What `study.json` holds: the table as the study ended, the winner's limits, and where else it wrote. */
export type StudyFile = StudyTable & { limits?: Limit[]; files?: StudyFiles };

export interface StudyRead {
  study: StudyFile | null;
  /** Why it could not be read, in a sentence; null: it could, or is not there. */
  lacking: string | null;
}

/** The study.json of a study's folder, which is written when it has ended. */
export async function readStudyFile(dir: string): Promise<StudyRead> {
  const path = join(dir, 'study.json');
  const text = await readIfThere(path);
  if (text === null) return { study: null, lacking: null };
  try {
    const study = JSON.parse(text) as StudyFile;
    if (!Array.isArray(study?.stages)) throw new Error('it has no stages');
    return { study, lacking: null };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { study: null, lacking: `${path} cannot be read (${why})` };
  }
}
